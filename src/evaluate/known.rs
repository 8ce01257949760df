//! Whom a model knows already: figures of such writers prove nothing for anybody else.

use std::collections::BTreeMap;

use crate::manifest::Manifest;
use crate::train::corpus::{Part, Set};

/// Whether network, fusion or calibration learned from the writers of this part of a set.
pub fn is_known(manifest: &Manifest, set: Set, part: Part) -> bool {
    let name = set.to_string();
    match part {
        Part::Train => manifest.training.sets.contains(&name),
        Part::Validation => manifest.learned_from(&name),
        Part::Test => false,
    }
}

/// What a reader has to know of `writers`, each by set, number and part and as often as it comes: each sentence after
/// an empty line; empty if there is nothing to say.
pub fn remarks(manifest: &Manifest, writers: impl IntoIterator<Item = (Set, u16, Part)>) -> String {
    let known = writers.into_iter().filter(|&(set, _, part)| is_known(manifest, set, part));
    let known: BTreeMap<(Set, u16), Part> = known.map(|(set, id, part)| ((set, id), part)).collect();
    let taught =
        || known.iter().filter(|(_, part)| **part == Part::Train).map(|(&(set, _), _)| set.to_string());
    let mut sets: Vec<String> = taught().collect();
    sets.dedup();
    let mut text = String::new();
    if !sets.is_empty() {
        text += &format!(
            "\nThe network learned from {} of these writers ({}): their figures prove nothing for anybody else.\n",
            taught().count(),
            sets.join(", ")
        );
    }
    if known.values().any(|&part| part == Part::Validation) {
        text += "\nThe model's thresholds were fitted on validation writers, who are among these.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::tiny;

    #[test]
    fn who_taught_the_model_is_said() {
        let everybody = [
            (Set::Hindi, 1, Part::Train),
            (Set::Hindi, 2, Part::Train),
            // a second signature of the same
            (Set::Hindi, 2, Part::Train),
            (Set::Hindi, 3, Part::Validation),
            (Set::Hindi, 4, Part::Test),
        ];
        let mut manifest = tiny();
        assert_eq!(remarks(&manifest, everybody), "");
        manifest.training.sets = vec!["hindi".into(), "dutch".into()];
        let text = remarks(&manifest, everybody);
        assert!(
            text.contains("from 2 of these writers (hindi)") && text.contains("thresholds were fitted"),
            "{text}"
        );
        assert_eq!(remarks(&manifest, everybody[4..].iter().copied()), "");
        // fitted anew on a set whose training writers taught nothing
        manifest.training.sets.clear();
        manifest.calibration.sets = vec!["hindi".into()];
        let text = remarks(&manifest, everybody);
        assert!(!text.contains("learned") && text.contains("thresholds were fitted"), "{text}");
    }
}
