//! Lists of devices, and what is refused; that the devices compute is tested where programs can be started.

use super::*;

fn code(list: &str, sharing: Sharing) -> (&'static str, String) {
    let error = Devices::open(list, sharing).expect_err(list);
    (error.code(), error.to_string())
}

#[test]
fn names_are_read() {
    for (text, name) in [
        ("cpu", Name::Cpu),
        ("wgpu", Name::Wgpu(None)),
        ("wgpu:1", Name::Wgpu(Some(1))),
        ("cuda", Name::Cuda(0)),
        ("cuda:3", Name::Cuda(3)),
        ("remote:gpu-1.lan:7878", Name::Remote("gpu-1.lan:7878".into())),
        ("remote:[::1]:7878", Name::Remote("[::1]:7878".into())),
    ] {
        assert_eq!(Name::parse(text), Ok(name), "{text}");
    }
}

#[test]
fn what_is_no_device_is_named() {
    for list in [
        "",
        "cpu,",
        "gpu",
        "CPU",
        "cpu:0",
        "cuda:",
        "cuda:-1",
        "wgpu:x",
        "remote",
        "remote:host",
        "remote:host:0",
        "remote:host:70000",
        "remote::7878",
        "remote:[::g]:7878",
        "remote:user@host/path:7878",
    ] {
        let (code, message) = code(list, Sharing::Multi);
        assert_eq!(code, "invalid-option", "{list}: {message}");
        assert!(message.contains("remote:HOST:PORT"), "{list}: {message}");
    }
    assert_eq!(code(&vec!["cpu"; MOST + 1].join(","), Sharing::Multi).0, "invalid-option");
}

#[test]
fn a_backend_that_was_not_built_is_named() {
    let missing = [
        ("wgpu:1", "gpu", cfg!(feature = "gpu")),
        ("cuda", "cuda", cfg!(feature = "cuda")),
        ("remote:127.0.0.1:9", "remote", cfg!(feature = "remote")),
    ];
    for (list, feature, _) in missing.into_iter().filter(|(_, _, built)| !built) {
        let error = Devices::open(list, Sharing::Multi).expect_err(list);
        assert_eq!(error, Error::BackendMissing(feature.into()), "{list}");
    }
}

#[test]
fn ddp_is_for_cuda_devices() {
    let (code, message) = code("cpu,cpu", Sharing::Ddp);
    assert_eq!(code, "invalid-option");
    assert!(message.contains("multi"), "{message}");
    assert!(Devices::open("cpu", Sharing::Ddp).is_ok(), "one device has nothing to share");
}

#[test]
fn a_step_has_a_batch_for_each_device() {
    let one = Devices::open("cpu", Sharing::Multi).unwrap();
    assert_eq!((one.count(), one.share(), one.steps(7)), (1, 1.0, Ok(7)));
    let three = Devices::open("cpu, cpu,cpu", Sharing::Multi).unwrap();
    assert_eq!((three.count(), three.share(), three.steps(6)), (3, 1.0 / 3.0, Ok(2)));
    let error = three.steps(7).unwrap_err();
    assert!(error.to_string().contains("batches must be a multiple of 3"), "{error}");
}

#[cfg(feature = "remote")]
mod remote {
    use super::super::remote::connect;
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_machine_that_does_not_answer_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        // the port takes the connection, and nobody speaks
        let silent = connect(&address, Duration::from_millis(300)).unwrap_err();
        drop(listener);
        let closed = connect(&address, PATIENCE).unwrap_err();
        for error in [silent, closed] {
            assert_eq!(error.code(), "remote-device");
            let message = error.to_string();
            assert!(message.contains(&address) && message.contains("train serve"), "{message}");
        }
    }

    #[test]
    fn what_cannot_be_lent_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = listener.local_addr().unwrap();
        let error = serve(&Device::flex().into(), taken, |_| panic!("the port is taken")).unwrap_err();
        assert_eq!(error.code(), "invalid-option", "{error}");
    }
}
