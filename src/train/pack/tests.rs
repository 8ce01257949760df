//! Packs of a small synthetic corpus: what comes back, and every way to damage one.

use std::sync::LazyLock;

use flate2::read::DeflateDecoder;
use proptest::prelude::*;

use super::read::decode;
use super::*;
use crate::train::corpus::{self, Entry, EntrySource};
use crate::train::layouts::tests::Folder;
use crate::train::synth;

const SIZE: FrameSize = FrameSize::ink(32, 16);
const LEARNT: [Part; 2] = [Part::Train, Part::Validation];
const ALL: [Part; 3] = [Part::Train, Part::Validation, Part::Test];

/// Seven writers fill all three parts. A repeat is dropped, and a file is missing.
fn samples() -> Samples {
    static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
        let mut entries = synth::writers(3, 7, 2, 1);
        entries.insert(1, entries[0].clone());
        let source = EntrySource::Image("/nowhere/a.png".into());
        entries.push(Entry { source, ..entries[0].clone() });
        Samples::read(&entries, SIZE, |_, _| ())
    });
    SAMPLES.clone()
}

fn packed() -> Vec<u8> {
    static PACK: LazyLock<Vec<u8>> =
        LazyLock::new(|| encode(&samples(), &ALL, SIZE, Some(Path::new("/nowhere"))).unwrap());
    PACK.clone()
}

fn refusal(bytes: &[u8]) -> String {
    decode(bytes, &ALL, SIZE).unwrap_err()
}

/// What is compressed in a pack: the index's length, the index, frames.
fn inflated(pack: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    DeflateDecoder::new(&pack[HEAD..pack.len() - CHECKSUM]).read_to_end(&mut body).unwrap();
    body
}

/// A pack with a valid checksum whose index is `change`d.
fn with_index(change: impl Fn(String) -> String) -> Vec<u8> {
    let body = inflated(&packed());
    let (index, frames) = body[4..].split_at(length_of(&body));
    let index = change(String::from_utf8(index.to_vec()).unwrap());
    let length = (index.len() as u32).to_le_bytes();
    compress([&length, index.as_bytes(), frames].into_iter()).unwrap()
}

fn length_of(body: &[u8]) -> usize {
    u32::from_le_bytes(body[..4].try_into().unwrap()) as usize
}

#[test]
fn all_comes_back() {
    let mut samples = samples();
    assert_eq!((samples.samples.len(), samples.unreadable.len()), (21, 1));
    let read = decode(&packed(), &ALL, SIZE).unwrap();
    assert_eq!(read.samples, samples.samples);
    assert_eq!(read.left_out, samples.left_out);
    // the path is relative, and the reason does not repeat it
    assert_eq!(read.unreadable[0].name, "a.png");
    let before = samples.unreadable.remove(0);
    assert_eq!(format!("/nowhere/{}", read.unreadable[0].error), before.error.to_string());
    assert_eq!(read.unreadable[0].part, before.part);
}

#[test]
fn files_are_written_whole_and_never_over_another() {
    let folder = Folder::new();
    let path = folder.path().join("all.pack");
    let bytes = write(&path, &samples(), &ALL, SIZE, None).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().len(), bytes);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    assert!(is_pack(&path) && !is_pack(folder.path()));
    assert_eq!(write(&path, &samples(), &ALL, SIZE, None).unwrap_err().code(), "file");
    assert_eq!(check(&folder.path().join("none/x.pack"), 1, SIZE).unwrap_err().code(), "file");
    let new = folder.path().join("new.pack");
    assert!(check(&new, 8_000_000, SIZE).is_ok() && check(&new, 9_000_000, SIZE).is_err());

    // a pack is as good as a folder for learning, and says so where it is not
    let corpus = corpus::open(&path, &LEARNT, SIZE, |_, _| ()).unwrap();
    let mut entries = synth::writers(3, 7, 2, 1);
    entries.retain(|entry| LEARNT.contains(&entry.part));
    assert_eq!(corpus.writers, corpus::load(&entries, SIZE, |_, _| ()).unwrap().writers);
    assert_eq!((corpus.dropped_repeats, corpus.unreadable.len()), (1, 1));
    let error = corpus::scan(&path).unwrap_err().to_string();
    assert!(error.contains("needs the original pages"), "{error}");
}

#[test]
fn what_a_pack_does_not_hold_is_said() {
    let pack = packed();
    let error = decode(&pack, &ALL, FrameSize::ink(105, 105)).unwrap_err();
    assert!(error.contains("32 x 16") && error.contains("105 x 105"), "{error}");
    let learnt = encode(&samples(), &LEARNT, SIZE, None);
    // the samples have test writers that the pack does not announce
    assert!(decode(&learnt.unwrap(), &LEARNT, SIZE).unwrap_err().contains("was not packed"));
    let mut few = samples();
    few.samples.retain(|sample| sample.part != Part::Test);
    let learnt = encode(&few, &LEARNT, SIZE, None).unwrap();
    assert_eq!(decode(&learnt, &LEARNT, SIZE).unwrap().samples, few.samples);
    assert!(decode(&learnt, &[Part::Test], SIZE).unwrap_err().contains("--with-test"));
}

#[test]
fn what_is_unreadable_is_told_of_the_wanted_parts() {
    let told = |pack: &[u8], part| decode(pack, &[part], SIZE).unwrap().unreadable.len();
    let pack = packed();
    assert_eq!([Part::Train, Part::Validation, Part::Test].map(|part| told(&pack, part)), [1, 0, 0]);
    // packs of earlier versions do not say which part
    let earlier = with_index(|index| index.replacen(",\"part\":\"train\",\"reason\"", ",\"reason\"", 1));
    assert_ne!(earlier, pack);
    assert_eq!([Part::Train, Part::Test].map(|part| told(&earlier, part)), [1, 1]);
}

#[test]
fn every_prefix_is_refused() {
    let pack = packed();
    for end in 0..pack.len() {
        refusal(&pack[..end]);
    }
    assert!(refusal(&[&pack[..], &[0]].concat()).contains("checksum"));
}

#[test]
fn every_changed_byte_is_noticed() {
    let pack = packed();
    for at in 0..pack.len() {
        let mut changed = pack.clone();
        changed[at] ^= 1 << (at % 8);
        let error = refusal(&changed);
        let said = match at {
            0..8 => "no pack",
            8..12 => "version",
            _ => "checksum",
        };
        assert!(error.contains(said), "byte {at}: {error}");
    }
}

#[test]
fn a_pack_of_another_pipeline_is_refused() {
    let mut body = inflated(&packed());
    let known = 4 + length_of(&body);
    // one row of paper becomes faintly inked
    body[known..known + 32].iter_mut().for_each(|pixel| *pixel = pixel.saturating_add(9));
    assert!(refusal(&compress([&body[..]].into_iter()).unwrap()).contains("ink pipeline"));
}

#[test]
fn hostile_indices_are_refused() {
    type Change = fn(String) -> String;
    let changes: [(&str, Change); 7] = [
        ("maker", |index| index.replacen("\"made_by\"", "\"maker\"", 1)),
        ("70000", |index| index.replacen("\"id\":0", "\"id\":70000", 1)),
        ("twice", |index| index.replacen("\"id\":1,", "\"id\":0,", 1)),
        ("more than 1024 bytes", |index| {
            index.replacen("\"name\":\"", &format!("\"name\":\"{:2000}", ""), 1)
        }),
        ("against the split", |index| index.replacen("\"id\":0,", "\"id\":23,", 1)),
        ("4000000000", |index| index.replacen("\"width\":32", "\"width\":4000000000", 1)),
        ("invalid type", |_| "[1]".into()),
    ];
    assert!(decode(&with_index(|index| index), &ALL, SIZE).is_ok());
    for (said, change) in changes {
        let error = refusal(&with_index(change));
        assert!(error.contains(said), "{said}: {error}");
    }
    // more signatures than there are frames, then more than a pack may hold
    let more = |count: usize, index: String| {
        let signatures = r#"{"kind":"genuine","source":""},"#.repeat(count);
        index.replacen("\"signatures\":[", &format!("\"signatures\":[{signatures}"), 1)
    };
    assert!(refusal(&with_index(|index| more(1, index))).contains("fill whole buffer"));
    let many = with_index(|index| more(20_000, index.replacen("32,\"height\":16", "512,\"height\":512", 1)));
    let error = decode(&many, &ALL, FrameSize::ink(512, 512)).unwrap_err();
    assert!(error.contains("20021 signatures, too many"), "{error}");
    // a length that promises more than there is, up to the largest
    let body = inflated(&packed());
    for length in [length_of(&body) as u32 - 1, length_of(&body) as u32 + 1, LONGEST_INDEX, u32::MAX] {
        refusal(&compress([&length.to_le_bytes()[..], &body[4..]].into_iter()).unwrap());
    }
    // bytes after the last frame
    refusal(&compress([&body[..], &[0]].into_iter()).unwrap());
    refusal(&compress([&body[..body.len() - 1]].into_iter()).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Damage below the checksum: whoever makes a hostile pack makes its checksum right.
    #[test]
    fn no_damage_panics(at in 0.0_f64..1.0, value: u8, cut in 0.0_f64..1.0, below: bool) {
        let pack = packed();
        let place = |length: usize| (at * length as f64) as usize;
        let bytes = if below {
            let mut body = inflated(&pack);
            let place = place(length_of(&body) + 4);
            body[place] = value;
            compress([&body[..]].into_iter()).unwrap()
        } else {
            let mut content = pack[..pack.len() - CHECKSUM].to_vec();
            let place = HEAD + place(content.len() - HEAD);
            content[place] = value;
            if value % 2 == 0 {
                content.truncate(HEAD + (cut * (content.len() - HEAD) as f64) as usize);
            }
            seal(content)
        };
        let _ = decode(&bytes, &ALL, SIZE);
    }
}
