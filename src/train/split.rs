//! Which writers train, which choose thresholds, and which are scored once at the end.
//!
//! The split is by writer and fixed here, so that every table of this project means the same people. Writers
//! whose numbers the table does not know belong to [`Part::Test`]: nothing may be learnt from them.

use super::corpus::{Part, Set};

/// Last training writer and last validation writer of each public set; later numbers are test writers.
const fn last_writers(set: Set) -> (u16, u16) {
    match set {
        Set::Hindi => (92, 100),
        Set::Bengali => (45, 50),
        Set::Cedar => (35, 40),
        Set::Dutch => (40, 48),
        Set::Svc2004 => (12, 14),
        // split by `synthetic`, which needs no known number of writers
        Set::Synthetic => (0, 0),
    }
}

/// The part to which a writer belongs, the same for every caller.
pub fn part(set: Set, writer: u16) -> Part {
    if set == Set::Synthetic {
        return synthetic(writer);
    }
    let (train, validation) = last_writers(set);
    if writer <= train {
        Part::Train
    } else if writer <= validation {
        Part::Validation
    } else {
        Part::Test
    }
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
            assert_eq!(part(set, u16::MAX), Part::Test);
        }
    }
}
