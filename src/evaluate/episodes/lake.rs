//! The twenty published one-shot runs of Lake et al. 2015 (`one-shot-classification/all_runs` of the public archive),
//! image by image: what people, Bayesian program learning and Koch's network were measured on.
//!
//! Twenty characters of one alphabet, each drawn once by one person, are the examples; the same characters by another
//! person are the questions. Each of ten alphabets is in two runs, of the same characters. Which images of the archive's
//! `images_evaluation` the runs' own files are was found by their bytes (<https://github.com/jvlmdr/omniglot-eval>).

use super::{Categories, Episode};
use crate::error::{Error, Result};

/// Two runs.
struct Alphabet {
    name: &'static str,
    /// The archive's number of the character before the alphabet's first.
    before: u16,
    /// Within the alphabet, from 1.
    characters: [u16; 20],
    /// Who drew the examples and who the questioned images, from 1 to 20.
    drawers: [(u32, u32); 2],
}

/// Runs 1 and 2, 3 and 4, and so on.
const RUNS: [Alphabet; 10] = [
    Alphabet {
        name: "Atlantean",
        before: 1010,
        characters: [1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 14, 16, 19, 20, 21, 22, 23, 24, 25, 26],
        drawers: [(5, 8), (3, 2)],
    },
    Alphabet {
        name: "Ge_ez",
        before: 1088,
        characters: [1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 15, 16, 17, 18, 20, 21, 23, 24, 25],
        drawers: [(3, 7), (4, 2)],
    },
    Alphabet {
        name: "Glagolitic",
        before: 1114,
        characters: [1, 2, 3, 5, 6, 7, 14, 17, 18, 19, 20, 21, 26, 28, 31, 34, 36, 37, 40, 43],
        drawers: [(6, 4), (3, 2)],
    },
    Alphabet {
        name: "Gurmukhi",
        before: 1159,
        characters: [3, 6, 7, 8, 9, 13, 14, 15, 16, 17, 22, 25, 26, 29, 31, 32, 33, 38, 43, 44],
        drawers: [(5, 2), (8, 3)],
    },
    Alphabet {
        name: "Kannada",
        before: 1204,
        characters: [1, 3, 5, 8, 11, 12, 13, 14, 19, 20, 21, 23, 25, 26, 27, 28, 33, 35, 40, 41],
        drawers: [(2, 1), (8, 3)],
    },
    Alphabet {
        name: "Malayalam",
        before: 1271,
        characters: [2, 4, 5, 9, 13, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 29, 30, 37, 43, 46],
        drawers: [(3, 7), (4, 2)],
    },
    Alphabet {
        name: "Manipuri",
        before: 1318,
        characters: [3, 4, 6, 8, 9, 11, 12, 13, 15, 17, 19, 21, 22, 25, 29, 33, 35, 36, 37, 39],
        drawers: [(8, 4), (7, 3)],
    },
    Alphabet {
        name: "Old_Church_Slavonic_(Cyrillic)",
        before: 1388,
        characters: [2, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 23, 24, 25, 30, 33, 41, 44, 45],
        drawers: [(4, 8), (1, 2)],
    },
    Alphabet {
        name: "Tengwar",
        before: 1530,
        characters: [1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 16, 18, 19, 20, 21, 22, 23, 24, 25],
        drawers: [(1, 4), (8, 7)],
    },
    Alphabet {
        name: "Tibetan",
        before: 1555,
        characters: [1, 2, 3, 5, 6, 7, 8, 9, 11, 13, 14, 15, 21, 22, 24, 33, 35, 36, 38, 41],
        drawers: [(1, 3), (8, 5)],
    },
];

/// Names of the ten alphabets.
pub fn alphabets() -> impl Iterator<Item = &'static str> {
    RUNS.iter().map(|alphabet| alphabet.name)
}

/// The twenty runs, of 20 ways and one shot.
///
/// # Errors
/// [`Error::InvalidOption`] if an image of them is not among `categories`.
pub fn runs(categories: &Categories) -> Result<Vec<Episode<'_>>> {
    RUNS.iter()
        .flat_map(|alphabet| alphabet.drawers.iter().map(move |drawers| (alphabet, drawers)))
        .map(|(alphabet, &(example, question))| {
            let image = |character: &u16, drawer| {
                categories.by_drawer(alphabet.name, alphabet.before + character, drawer).ok_or_else(|| {
                    Error::InvalidOption(format!(
                        "Lake's runs need {}/character{character:02} by person {drawer:02}, which is not here; \
                         give a folder with Omniglot's images_evaluation",
                        alphabet.name
                    ))
                })
            };
            let examples =
                alphabet.characters.iter().map(|one| Ok(vec![image(one, example)?])).collect::<Result<_>>()?;
            let questioned =
                alphabet.characters.iter().map(|one| image(one, question)).collect::<Result<_>>()?;
            Ok(Episode { examples, questioned })
        })
        .collect()
}
