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

/// Without forgeries, no folder of fewer categories can be trained on: two are for training, so that there is something
/// to tell apart, and two for validation, where a stranger stands in for the forger.
pub const LEAST_CATEGORIES: usize = 4;

/// The parts of writers who have names: by a hash of the name 70 % train, 15 % validation, 15 % test, so that a writer
/// keeps the part when others come or go.
///
/// Each part has a least number of writers: of three or more, one for training and one for validation. Where nobody
/// is `forged`, of [`LEAST_CATEGORIES`] or more two for each of the two, and of six or more also two for the test, or
/// nothing could be told apart there. If the hashes leave a part fewer, the writers whose hashes are nearest to it are
/// moved there from parts that can spare them. A folder whose hashes give each part its least is split by them alone.
pub fn named(names: &[&str], forged: bool) -> Vec<Part> {
    let shares: Vec<f64> = names.iter().map(|name| share(name)).collect();
    let mut parts: Vec<Part> = shares
        .iter()
        .map(|&share| match share {
            ..0.7 => Part::Train,
            ..0.85 => Part::Validation,
            _ => Part::Test,
        })
        .collect();
    let count = |parts: &[Part], wanted: Part| parts.iter().filter(|&&part| part == wanted).count();
    let least = |part: Part| least(part, names.len(), forged);
    for (wanted, middle) in [(Part::Validation, 0.775), (Part::Train, 0.35), (Part::Test, 0.925)] {
        for _ in count(&parts, wanted)..least(wanted) {
            let can_go = |&at: &usize| parts[at] != wanted && count(&parts, parts[at]) > least(parts[at]);
            // a part is emptied only if no other can spare a writer
            let is_last = |at: usize| count(&parts, parts[at]) == 1;
            let distance = |at: usize| (shares[at] - middle).abs();
            let nearest = (0..names.len()).filter(can_go).min_by(|&a, &b| {
                let nearer = distance(a).total_cmp(&distance(b));
                is_last(a).cmp(&is_last(b)).then(nearer).then(names[a].cmp(names[b]))
            });
            if let Some(nearest) = nearest {
                parts[nearest] = wanted;
            }
        }
    }
    parts
}

/// How many of so many writers a part has at least.
const fn least(part: Part, writers: usize, forged: bool) -> usize {
    match (part, writers) {
        (_, ..=2) => 0,
        (Part::Train | Part::Validation, LEAST_CATEGORIES..) if !forged => 2,
        (Part::Train | Part::Validation, _) => 1,
        (Part::Test, 6..) if !forged => 2,
        (Part::Test, _) => 0,
    }
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
        let parts = named(&names, true);
        let share = |wanted| parts.iter().filter(|&&part| part == wanted).count() as f64 / 2000.0;
        assert!((share(Part::Train) - 0.7).abs() < 0.03);
        assert!((share(Part::Validation) - 0.15).abs() < 0.03);
        // without the first hundred the others stay where they are
        assert_eq!(named(&names[100..], true), parts[100..]);
        assert_eq!(named(&names, false), parts, "no part has too few");
    }

    #[test]
    fn three_writers_train_and_validate() {
        let names: Vec<String> = (0..400).map(|writer| format!("{writer}")).collect();
        let mut moved = 0;
        for group in names.chunks(4) {
            let group: Vec<&str> = group.iter().map(String::as_str).collect();
            for few in [&group[..3], &group] {
                let parts = named(few, true);
                assert!(parts.contains(&Part::Validation) && parts.contains(&Part::Train), "{few:?}");
                moved +=
                    parts.iter().zip(few).filter(|(part, name)| **part != named(&[**name], true)[0]).count();
            }
        }
        assert!(moved > 0, "no group needed a move, so that nothing was tested");
        assert_eq!(named(&[], true), []);
    }

    /// How many categories train, validate and test.
    fn sizes(parts: &[Part]) -> [usize; 3] {
        [Part::Train, Part::Validation, Part::Test]
            .map(|wanted| parts.iter().filter(|&&part| part == wanted).count())
    }

    #[test]
    fn few_categories_without_forgeries_fill_each_part_with_two() {
        let names: Vec<String> = (0..400).map(|category| format!("category {category}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut moved = 0;
        for count in LEAST_CATEGORIES..=20 {
            let tested = if count < 6 { 0 } else { 2 };
            for group in names.chunks_exact(count) {
                let parts = named(group, false);
                let [train, validation, test] = sizes(&parts);
                assert!(train >= 2 && validation >= 2 && test >= tested, "{group:?} {parts:?}");
                let by_hash: Vec<Part> = group.iter().map(|name| named(&[*name], false)[0]).collect();
                let [train, validation, test] = sizes(&by_hash);
                let fits = train >= 2 && validation >= 2 && test >= tested;
                assert_eq!(parts == by_hash, fits, "only what has to be moved is: {group:?}");
                moved += usize::from(!fits);
            }
        }
        assert!(moved > 0, "no group needed a move, so that nothing was tested");
        // three are too few in any case, and divided as those with forgeries
        assert_eq!(named(&names[..3], false), named(&names[..3], true));
        // eight kinds of blood cells, of which the hashes let one validate and one test
        let cells = [
            "basophil",
            "eosinophil",
            "erythroblast",
            "ig",
            "lymphocyte",
            "monocyte",
            "neutrophil",
            "platelet",
        ];
        assert_eq!(sizes(&named(&cells, true)), [6, 1, 1]);
        assert_eq!(sizes(&named(&cells, false)), [4, 2, 2]);
    }
}
