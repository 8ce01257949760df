//! What a writer writes: a name of letter-like shapes with an initial, links and a flourish.
//!
//! Cursive movement patterns (loops, arches, garlands, stems) in the proportions of Latin handwriting, strung
//! together at random and deformed per writer: names of nobody, and no two writers share a shape.

use super::synth_hand::{Dice, Hand};
use super::synth_pen::{Component, Target};

/// `(x, y, bend)`: a target from the shape's left edge and the baseline, in letter heights, y upwards, and the
/// turn of the movement that leads to it, positive to the left.
type Shape = &'static [(f64, f64, f64)];

/// Small letters: entered from the left at the baseline, left near it.
const LETTERS: &[Shape] = &[
    // e: a loop
    &[(0.55, 0.55, 0.3), (0.4, 1.0, 1.5), (0.12, 0.5, 1.3), (0.65, 0.08, 1.6)],
    // l: a tall loop
    &[(0.5, 1.5, 0.3), (0.35, 2.2, 1.4), (0.2, 0.6, 0.7), (0.6, 0.05, 1.5)],
    // i, u: garlands
    &[(0.3, 0.95, 0.4), (0.4, 0.12, -0.1), (0.75, 0.2, 1.5)],
    &[(0.3, 0.95, 0.4), (0.4, 0.12, -0.1), (0.85, 0.95, 1.4), (0.92, 0.12, -0.1), (1.25, 0.2, 1.5)],
    // n, m: arches
    &[(0.12, 0.9, 0.1), (0.15, 0.03, -0.1), (0.5, 0.98, -0.9), (0.7, 0.1, -0.9), (1.0, 0.15, 1.4)],
    &[
        (0.12, 0.9, 0.1),
        (0.15, 0.03, -0.1),
        (0.45, 0.98, -0.9),
        (0.6, 0.03, -0.9),
        (0.9, 0.95, -0.9),
        (1.1, 0.1, -0.9),
        (1.4, 0.15, 1.4),
    ],
    // o, a: ovals
    &[
        (0.5, 0.95, 0.5),
        (0.08, 0.45, 1.5),
        (0.4, 0.0, 1.2),
        (0.72, 0.5, 1.4),
        (0.5, 0.98, 1.3),
        (1.0, 0.75, 1.5),
    ],
    &[
        (0.6, 0.9, 0.4),
        (0.08, 0.45, 2.0),
        (0.4, 0.0, 1.3),
        (0.72, 0.95, 0.8),
        (0.78, 0.1, 0.0),
        (1.1, 0.2, 1.4),
    ],
    // g, y: descending loops
    &[
        (0.3, 0.9, 0.3),
        (0.65, 0.3, 1.8),
        (0.8, 0.95, 0.6),
        (0.7, -1.2, 0.1),
        (0.4, -1.6, -1.8),
        (1.0, 0.1, -1.0),
    ],
    &[(0.3, 0.9, 0.3), (0.35, -1.0, 0.0), (0.1, -1.45, -1.6), (0.75, 0.1, -1.1)],
    // r, s
    &[(0.25, 1.05, 0.2), (0.5, 0.88, 0.9), (0.55, 0.12, -1.0), (0.85, 0.15, 1.4)],
    &[(0.4, 1.05, 0.3), (0.55, 0.4, -1.3), (0.2, 0.02, -1.5), (0.75, 0.15, 0.9)],
    // t, h, b: stems
    &[(0.35, 1.8, 0.2), (0.38, 0.1, 0.0), (0.7, 0.2, 1.6)],
    &[
        (0.4, 1.9, 0.3),
        (0.2, 2.1, 1.9),
        (0.18, 0.03, 0.2),
        (0.5, 0.95, -0.9),
        (0.7, 0.1, -0.8),
        (1.0, 0.15, 1.4),
    ],
    &[(0.4, 1.9, 0.3), (0.15, 0.1, 1.4), (0.55, 0.1, 1.7), (0.35, 0.85, 1.7), (0.95, 0.7, 1.2)],
    // a slack wave, as names end in
    &[(0.35, 0.5, -0.4), (0.7, 0.1, -0.5), (1.05, 0.35, 0.7), (1.4, 0.1, -0.6)],
];

/// Initials: entered anywhere, pen down at the first target, left near the baseline.
const CAPITALS: &[Shape] = &[
    // an open oval
    &[(1.4, 2.3, 0.0), (0.7, 2.7, 1.4), (0.0, 1.1, 1.2), (0.7, 0.0, 1.5), (1.6, 0.5, 1.1)],
    // S with a long foot
    &[
        (0.0, 0.2, 0.0),
        (1.3, 2.5, 0.5),
        (0.9, 2.8, 2.0),
        (0.8, 1.5, 1.4),
        (0.7, 0.0, -1.8),
        (-0.2, 0.3, -1.5),
        (1.5, 0.3, 1.2),
    ],
    // stem and bowl, with or without a leg
    &[
        (0.3, 2.4, 0.0),
        (0.2, 0.0, 0.0),
        (0.3, 2.3, -0.2),
        (1.3, 2.1, -1.7),
        (0.4, 1.2, -1.7),
        (1.4, 0.1, 0.4),
    ],
    &[
        (0.3, 2.5, 0.0),
        (0.15, -0.2, 0.1),
        (0.3, 2.3, -0.3),
        (1.2, 2.0, -1.8),
        (0.4, 1.3, -1.5),
        (1.2, 0.6, -1.8),
        (0.2, 0.0, -1.4),
        (1.5, 0.1, 1.0),
    ],
    // a tall peak with a bar swept back
    &[(-0.1, 0.0, 0.0), (0.9, 2.7, 0.2), (1.2, 0.0, 0.1), (0.1, 0.8, -2.6), (1.7, 0.9, -0.6)],
    // zigzag
    &[(0.0, 0.0, 0.0), (0.3, 2.4, 0.1), (0.7, 0.4, 0.0), (1.2, 2.5, 0.0), (1.4, 0.1, 0.1), (1.8, 0.2, 1.5)],
    // stem with a head stroke in one go
    &[(-0.3, 2.2, 0.0), (1.4, 2.5, 0.6), (0.7, 2.6, 2.8), (0.6, 0.3, 0.2), (0.1, 0.0, -1.9), (1.4, 0.4, 1.2)],
    // a big loop through the baseline
    &[(0.2, 1.5, 0.0), (0.8, 2.8, -1.2), (0.6, -0.8, -0.5), (-0.4, -0.9, -2.2), (1.4, 0.4, -0.6)],
    // a full round, then a stem
    &[(0.2, 2.2, 0.0), (0.3, 0.0, 0.0), (1.5, 1.2, 1.9), (0.2, 2.5, 1.7), (-0.4, 2.0, 1.3), (1.8, 0.6, 2.2)],
    // double hairpin
    &[
        (0.0, 1.4, 0.0),
        (0.5, 2.6, -1.6),
        (0.5, 0.0, -0.3),
        (1.0, 2.5, 0.3),
        (1.1, 0.1, -0.2),
        (1.6, 0.3, 1.5),
    ],
];

/// Ends: added to the last letter without lifting the pen; x and y in shares of the written length and in letter heights.
const TAILS: &[Shape] = &[
    // none
    &[],
    // a stroke to the right
    &[(0.2, 0.2, 0.3)],
    &[(0.25, 0.9, 0.6)],
    // back under the name and out again
    &[(0.08, -0.6, -1.9), (-0.75, -0.9, -0.3), (-0.72, -1.3, 2.6), (0.12, -0.9, 0.25)],
    &[(0.12, 0.6, 1.0), (0.02, -0.9, -2.8), (-0.6, -0.9, -0.5)],
    // a knot
    &[
        (0.1, 1.3, 0.8),
        (0.02, 1.5, 1.8),
        (0.05, -0.9, 0.9),
        (0.16, -0.9, 1.8),
        (0.12, 0.3, 1.6),
        (0.3, 0.1, -0.7),
    ],
    // loops running out
    &[(0.08, 0.6, 0.4), (0.04, 0.1, 2.2), (0.14, 0.5, 1.6), (0.1, 0.0, 2.2), (0.25, 0.1, 0.4)],
];

/// Strokes of their own under or through the name: shares of its length from its left edge, letter heights.
const PARAPHS: &[Shape] = &[
    &[(0.05, -0.9, 0.0), (1.0, -0.6, 0.3)],
    &[(0.95, -0.7, 0.0), (0.1, -1.0, -0.3), (0.15, -1.4, 2.7), (1.05, -0.9, 0.2)],
    &[(0.2, -0.8, 0.0), (0.8, -0.9, 0.4), (0.35, -1.4, -2.8), (0.95, -1.5, 0.5)],
    &[(0.45, 0.5, 0.0), (1.1, 0.75, -0.3)],
];

/// Composes the name of one writer: components in letter heights, upright, on a level baseline.
pub fn plan(dice: &mut Dice) -> Vec<Component> {
    let alphabet = alphabet(dice);
    let words = if dice.chance(0.45) { 2 } else { 1 };
    // from a name written out to an initial with a wave
    let length = dice.between(2.0, 7.5) / f64::from(words).sqrt();
    let mut plan = Vec::new();
    let mut marks = Vec::new();
    let mut x = 0.0;
    for word in 0..words {
        let mut component = Component::new();
        append(&mut component, &deform(dice.pick::<&[_]>(CAPITALS), 0.16, dice), x);
        x = right(&component).max(x + 0.9) - 0.2;
        // some initials stand alone
        if dice.chance(0.35) {
            plan.push(std::mem::take(&mut component));
            x += 0.35;
            component.push(Target { x, y: dice.between(0.0, 0.5), bend: 0.0 });
        }
        let letters = (length + dice.normal(0.8)).round().max(1.0) as usize;
        let fading = dice.between(0.0, 0.35);
        for letter in 0..letters {
            let shape = &alphabet[dice.below(alphabet.len())];
            // names shrink as they are written
            let size = 1.0 - fading * letter as f64 / letters as f64;
            let shape: Component =
                shape.iter().map(|t| Target { x: t.x * size, y: t.y * size, ..*t }).collect();
            append(&mut component, &shape, x);
            if dice.chance(0.2) {
                marks.push(mark(x + 0.5 * right(&shape), size, dice));
            }
            x += right(&shape) + 0.08;
            if letter + 1 < letters && dice.chance(0.08) {
                plan.push(std::mem::take(&mut component));
                x += 0.1;
                component.push(Target { x, y: dice.between(0.1, 0.6), bend: 0.0 });
            }
        }
        if word + 1 == words {
            let scale = x.max(2.0);
            for end in deform(dice.pick::<&[_]>(TAILS), 0.1, dice) {
                component.push(Target { x: x + end.x * scale, ..end });
            }
        }
        plan.push(component);
        x += dice.between(0.3, 0.9);
    }
    plan.extend(marks);
    if dice.chance(0.4) {
        let (left, length) = (-0.3, x);
        let line = deform(dice.pick::<&[_]>(PARAPHS), 0.12, dice);
        plan.push(line.into_iter().map(|t| Target { x: left + t.x * length, ..t }).collect());
    }
    plan
}

/// The plan in the proportions of a hand. Slant and slope come later, with the pen.
pub fn proportioned(plan: &[Component], hand: &Hand) -> Vec<Component> {
    let height = |y: f64| match y {
        // the height of an initial and that of a stem differ from hand to hand
        y if y > 2.25 => 1.0 + (1.25 * hand.ascender) + (y - 2.25) * hand.capital,
        y if y > 1.0 => 1.0 + (y - 1.0) * hand.ascender,
        y if y < 0.0 => y * hand.descender,
        y => y,
    };
    let shape = |t: &Target| Target { x: t.x * hand.width, y: height(t.y), bend: t.bend };
    plan.iter().map(|component| component.iter().map(shape).collect()).collect()
}

/// A handful of letters as this writer shapes them: the same letter looks the same twice.
fn alphabet(dice: &mut Dice) -> Vec<Component> {
    let count = 3 + dice.below(5);
    (0..count).map(|_| deform(dice.pick::<&[_]>(LETTERS), 0.1, dice)).collect()
}

/// A shape with its targets moved and its arcs bent at random, stretched a little.
fn deform(shape: &[(f64, f64, f64)], amount: f64, dice: &mut Dice) -> Component {
    let (wide, high) = (1.0 + dice.normal(amount), 1.0 + dice.normal(0.5 * amount));
    shape
        .iter()
        .map(|&(x, y, bend)| Target {
            x: x * wide + dice.normal(0.5 * amount),
            y: y * high + dice.normal(0.7 * amount),
            bend: bend * (1.0 + dice.normal(amount)) + dice.normal(1.5 * amount),
        })
        .collect()
}

/// A dot, or the bar of a t.
fn mark(x: f64, size: f64, dice: &mut Dice) -> Component {
    let y = size * dice.between(1.3, 1.9);
    let (length, rise) =
        if dice.chance(0.5) { (0.1, -0.1) } else { (dice.between(0.5, 1.3), dice.normal(0.15)) };
    vec![
        Target { x: x - 0.3 * length, y, bend: 0.0 },
        Target { x: x + 0.7 * length, y: y + rise, bend: dice.normal(0.2) },
    ]
}

fn append(component: &mut Component, shape: &[Target], x: f64) {
    component.extend(shape.iter().map(|target| Target { x: x + target.x, ..*target }));
}

fn right(shape: &[Target]) -> f64 {
    shape.iter().map(|target| target.x).fold(0.0, f64::max)
}
