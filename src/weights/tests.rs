use burn::tensor::Shape;
use proptest::prelude::*;

use super::*;
use crate::manifest::{WeightsFile, tests::tiny};
use crate::model::tests::random;

/// A manifest that describes these bytes rightly, whatever they are.
fn describing(bytes: &[u8]) -> Manifest {
    let mut manifest = tiny();
    manifest.weights = WeightsFile { bytes: bytes.len() as u64, sha256: sha256(bytes), ..manifest.weights };
    manifest
}

fn network() -> Network {
    random(&tiny().network, 7, &Device::flex())
}

fn bytes() -> Vec<u8> {
    to_bytes(network()).unwrap()
}

fn load_code(bytes: Vec<u8>) -> &'static str {
    load(&describing(&bytes), bytes, &Device::flex()).map_or_else(|error| error.code(), |_| "loaded")
}

/// Name, precision, shape, bytes.
type Raw = (String, DType, Vec<usize>, Vec<u8>);

/// The tensors of a burnpack after a change.
fn repacked(change: impl Fn(&mut Vec<Raw>)) -> Vec<u8> {
    let mut tensors: Vec<_> = read(bytes())
        .unwrap()
        .into_iter()
        .map(|(name, stored)| (name, stored.dtype, stored.shape, stored.bytes.to_vec()))
        .collect();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    change(&mut tensors);
    let tensors = tensors.into_iter().map(|(name, dtype, shape, bytes)| {
        burn_pack::Tensor::new(name, dtype, Shape::from(shape), None, Bytes::from_bytes_vec(bytes))
    });
    burn_pack::Writer::new(tensors.collect()).into_bytes().unwrap().to_vec()
}

#[test]
fn sha256_of_the_standard() {
    // FIPS 180-2, appendix B.1
    assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn written_and_read() {
    let written = bytes();
    let loaded = load(&describing(&written), written.clone(), &Device::flex()).unwrap();
    // halving what was halved changes nothing: every parameter came back
    assert_eq!(read(to_bytes(loaded).unwrap()).unwrap().len(), read(written.clone()).unwrap().len());
    let loaded = load(&describing(&written), written.clone(), &Device::flex()).unwrap();
    let again = read(to_bytes(loaded).unwrap()).unwrap();
    for (name, stored) in read(written).unwrap() {
        assert_eq!(stored.bytes, again[&name].bytes, "{name}");
        assert_eq!(stored.shape, again[&name].shape, "{name}");
    }
}

#[test]
fn eight_bits_are_half_the_size_and_nearly_the_same_network() {
    // one network: tests beside this one draw from the same random numbers
    let network = network();
    let (halves, eight) = (to_bytes(network.clone()).unwrap(), to_eight_bits(network.clone()).unwrap());
    assert!(eight.len() < halves.len(), "{} and {}", eight.len(), halves.len());
    let mut manifest = describing(&eight);
    manifest.weights.dtype = Precision::I8;
    let device = Device::flex();
    let loaded = load(&manifest, eight.clone(), &device).unwrap();
    let ink = Tensor::random([2, 1, 48, 96], burn::tensor::Distribution::Default, &device);
    let (got, expected) = (loaded.encode(ink.clone()).embedding, network.encode(ink).embedding);
    let furthest: f32 = (got.clone() - expected.clone()).abs().max().into_scalar();
    let size: f32 = expected.abs().max().into_scalar();
    assert!(furthest > 0.0 && furthest < 0.05 * size, "{furthest} of {size}");
    // what a file holds is what its manifest says, and nothing else
    for (dtype, bytes) in [(Precision::I8, halves), (Precision::F16, eight)] {
        let mut manifest = describing(&bytes);
        manifest.weights.dtype = dtype;
        assert_eq!(load(&manifest, bytes, &device).unwrap_err().code(), "weights-shape");
    }
}

#[test]
fn other_bytes_than_the_manifest_means() {
    let written = bytes();
    let manifest = describing(&written);
    let mut changed = written.clone();
    *changed.last_mut().unwrap() ^= 1;
    for other in [changed, written[1..].to_vec(), Vec::new()] {
        assert_eq!(load(&manifest, other, &Device::flex()).unwrap_err().code(), "weights-hash");
    }
}

#[test]
fn tensors_that_do_not_fit() {
    assert_eq!(load_code(repacked(|_| ())), "loaded");
    type Spoil = fn(&mut Vec<Raw>);
    let spoilt: [(&str, Spoil); 6] = [
        ("missing", |t| drop(t.pop())),
        ("unknown", |t| t.push(("more".into(), DType::F16, vec![1], vec![0, 0]))),
        ("shape", |t| t[0].2.insert(0, 1)),
        ("precision", |t| {
            t[0].1 = DType::I16;
        }),
        // 0x7e00 is not a number, 0x7c00 infinite
        ("not a number", |t| t[1].3[..2].copy_from_slice(&[0x00, 0x7e])),
        ("infinite", |t| t[1].3[..2].copy_from_slice(&[0x00, 0x7c])),
    ];
    for (what, spoil) in spoilt {
        assert_eq!(load_code(repacked(spoil)), "weights-shape", "{what}");
    }
}

#[test]
fn no_burnpack_at_all() {
    for bytes in [vec![0; 4], b"not a burnpack, but some text".to_vec(), vec![0xff; 5000]] {
        assert_eq!(load_code(bytes), "weights-shape");
    }
    // an index of 4 billion bytes
    let mut bytes = bytes();
    bytes[6..10].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(load_code(bytes), "weights-shape");
}

#[test]
fn weights_beyond_half_precision_are_not_written() {
    struct Huge;
    impl ModuleMapper for Huge {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| tensor.zeros_like().add_scalar(1e6))
        }
    }
    assert_eq!(to_bytes(network().map(&mut Huge)).unwrap_err().code(), "weights-shape");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the file says, the answer is a network or an error, never a panic.
    #[test]
    fn changed_bytes_never_panic(changes in proptest::collection::vec((0usize..6000, any::<u8>()), 1..6), end in 0usize..2) {
        let mut bytes = bytes();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(bytes.len() - end * bytes.len() / 3);
        let _ = load_code(bytes);
    }
}
