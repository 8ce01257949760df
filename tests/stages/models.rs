//! Every model in `models/` loads, repeats its known answers and has a card that states its licence.

use std::path::Path;

use countersign::device::Backend;
use countersign::export;

#[test]
fn every_model_loads_and_has_a_card() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let folders = std::fs::read_dir(models).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    assert!(!folders.is_empty());
    for folder in folders {
        let checker = pollster::block_on(export::checker(&folder, Backend::Cpu));
        let checker = checker.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let card = std::fs::read_to_string(folder.join("README.md")).unwrap().to_lowercase();
        let licence = checker.manifest().licence.to_lowercase();
        let terms = licence.split(':').next().unwrap().trim_end_matches(" only");
        assert!(card.contains(terms), "{}: the card does not say {terms:?}", folder.display());
        assert!(folder.join("train.toml").exists(), "{}", folder.display());
    }
}
