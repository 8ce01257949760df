//! Which writers train, which choose thresholds, and which are scored once at the end.
//!
//! The split is by writer and fixed here, so that every table of this project means the same people. Writers
//! whose numbers the table does not know belong to [`Part::Test`]: nothing may be learnt from them.

use sha2::{Digest, Sha256};

use super::corpus::{Part, Set};

/// Last training writer and last validation writer of each set with numbered writers; later ones are test writers.
const fn last_writers(set: Set) -> (u16, u16) {
    match set {
        Set::Hindi => (92, 100),
        Set::Bengali => (45, 50),
        Set::Cedar => (35, 40),
        Set::Dutch => (40, 48),
        Set::Svc2004 => (12, 14),
        Set::Faces => (30, 35),
        // split by `synthetic`, `omniglot` and `named`
        Set::Synthetic | Set::Omniglot | Set::Folder => (0, 0),
    }
}

/// Whether [`part`] knows the writers of a set by their numbers.
pub const fn by_number(set: Set) -> bool {
    !matches!(set, Set::Omniglot | Set::Folder)
}

/// The part to which a writer belongs, the same for every caller. Writers of the sets that are not split
/// [`by_number`] are test writers here.
pub fn part(set: Set, writer: u16) -> Part {
    if set == Set::Synthetic {
        return synthetic(writer);
    }
    let (train, validation) = last_writers(set);
    if writer <= train && train > 0 {
        Part::Train
    } else if writer <= validation && train > 0 {
        Part::Validation
    } else {
        Part::Test
    }
}

/// The part of an Omniglot alphabet, as Koch, Zemel and Salakhutdinov 2015 divide the fifty: the thirty background
/// alphabets train, the ten evaluation alphabets of the twenty published one-shot runs of Lake et al. are for the test,
/// the other ten for validation.
pub fn omniglot(folder: &str, alphabet: &str) -> Part {
    const VALIDATION: [&str; 10] = [
        "Angelic",
        "Atemayar_Qelisayer",
        "Aurek-Besh",
        "Avesta",
        "Keble",
        "Mongolian",
        "Oriya",
        "Sylheti",
        "Syriac_(Serto)",
        "ULOG",
    ];
    match folder {
        "images_background" => Part::Train,
        _ if VALIDATION.contains(&alphabet) => Part::Validation,
        _ => Part::Test,
    }
}

/// The parts of writers who have names: by a hash of the name 70 % train, 15 % validation, 15 % test, so that a writer
/// keeps the part when others come or go.
///
/// Of three writers or more, one at least is for validation and one for training: if the hashes leave such a part
/// empty, the writer whose hash is nearest to it is moved there from a part that has others.
pub fn named(names: &[&str]) -> Vec<Part> {
    let shares: Vec<f64> = names.iter().map(|name| share(name)).collect();
    let mut parts: Vec<Part> = shares
        .iter()
        .map(|&share| match share {
            ..0.7 => Part::Train,
            ..0.85 => Part::Validation,
            _ => Part::Test,
        })
        .collect();
    if names.len() < 3 {
        return parts;
    }
    for (wanted, middle) in [(Part::Validation, 0.775), (Part::Train, 0.35)] {
        if parts.contains(&wanted) {
            continue;
        }
        let has_others = |at: usize| parts.iter().filter(|part| **part == parts[at]).count() > 1;
        let distance = |at: &usize| (shares[*at] - middle).abs();
        let nearest = (0..names.len())
            .filter(|&at| has_others(at))
            .min_by(|a, b| distance(a).total_cmp(&distance(b)).then(names[*a].cmp(names[*b])));
        if let Some(nearest) = nearest {
            parts[nearest] = wanted;
        }
    }
    parts
}

/// A number from 0 to 1 that depends on the name alone: the first 8 bytes of its SHA-256, as a fraction.
fn share(name: &str) -> f64 {
    let hash = Sha256::digest(name.as_bytes());
    hash.iter().take(8).rev().fold(0.0, |low, &byte| (low + f64::from(byte)) / 256.0)
}

/// 70 / 15 / 15 in every run of twenty writers, mixed so that seven writers already fill all three parts.
const fn synthetic(writer: u16) -> Part {
    match writer % 20 {
        3 | 10 | 16 => Part::Validation,
        6 | 13 | 19 => Part::Test,
        _ => Part::Train,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(set: Set, writers: std::ops::RangeInclusive<u16>, wanted: Part) -> usize {
        writers.filter(|&writer| part(set, writer) == wanted).count()
    }

    #[test]
    fn parts_have_the_sizes_of_the_published_table() {
        let table = [
            (Set::Cedar, 50, [35, 5, 10]),
            (Set::Dutch, 59, [40, 8, 11]),
            (Set::Bengali, 75, [45, 5, 25]),
            (Set::Hindi, 130, [92, 8, 30]),
            (Set::Svc2004, 20, [12, 2, 6]),
            (Set::Faces, 40, [30, 5, 5]),
            (Set::Synthetic, 100, [70, 15, 15]),
        ];
        for (set, last, sizes) in table {
            for (wanted, size) in [Part::Train, Part::Validation, Part::Test].into_iter().zip(sizes) {
                assert_eq!(count(set, 1..=last, wanted), size, "{set} {wanted}");
            }
        }
    }

    #[test]
    fn unknown_writers_are_never_learnt_from() {
        for set in Set::ALL.into_iter().filter(|&set| set != Set::Synthetic) {
            assert_eq!(part(set, 131), Part::Test);
            assert!(by_number(set) || part(set, 0) == Part::Test);
            assert_eq!(part(set, u16::MAX), Part::Test);
        }
    }
    #[test]
    fn background_alphabets_train_and_those_of_the_published_runs_test() {
        assert_eq!(omniglot("images_background", "Tifinagh"), Part::Train);
        assert_eq!(omniglot("images_evaluation", "Angelic"), Part::Validation);
        assert_eq!(omniglot("images_evaluation", "ULOG"), Part::Validation);
        // one that nobody knows
        assert_eq!(omniglot("images_evaluation", "Rongorongo"), Part::Test);
        for alphabet in crate::evaluate::episodes::lake::alphabets() {
            assert_eq!(omniglot("images_evaluation", alphabet), Part::Test);
        }
    }

    #[test]
    fn names_fill_the_parts_and_keep_them() {
        let names: Vec<String> = (0..2000).map(|writer| format!("writer {writer}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let parts = named(&names);
        let share = |wanted| parts.iter().filter(|&&part| part == wanted).count() as f64 / 2000.0;
        assert!((share(Part::Train) - 0.7).abs() < 0.03);
        assert!((share(Part::Validation) - 0.15).abs() < 0.03);
        // without the first hundred the others stay where they are
        assert_eq!(named(&names[100..]), parts[100..]);
    }

    #[test]
    fn three_writers_train_and_validate() {
        let names: Vec<String> = (0..400).map(|writer| format!("{writer}")).collect();
        let mut moved = 0;
        for group in names.chunks(4) {
            let group: Vec<&str> = group.iter().map(String::as_str).collect();
            for few in [&group[..3], &group] {
                let parts = named(few);
                assert!(parts.contains(&Part::Validation) && parts.contains(&Part::Train), "{few:?}");
                moved += parts.iter().zip(few).filter(|(part, name)| **part != named(&[**name])[0]).count();
            }
        }
        assert!(moved > 0, "no group needed a move, so that nothing was tested");
        assert_eq!(named(&[]), []);
    }
}
