//! Thinning: the middle line of every stroke.

/// A pen's stroke is a line after so many rounds. From then on ends stay as they are, for a stroke at exactly 45 degrees
/// that has come down to two pixels would be eaten from its ends (Lü and Wang 1986).
const ROUNDS: usize = 12;

/// Thins a mask (row-major, true = ink) to lines one pixel wide without breaking or joining strokes
/// (Zhang and Suen 1984). The outermost pixels of the mask must be empty.
pub(super) fn thin(mask: &mut [bool], width: usize) {
    let mut ink: Vec<usize> = (0..mask.len()).filter(|at| mask[*at]).collect();
    let mut gone = Vec::new();
    for round in 0.. {
        let least = if round < ROUNDS { 2 } else { 3 };
        let before = ink.len();
        for second in [false, true] {
            gone.clear();
            gone.extend(ink.iter().copied().filter(|at| is_rim(mask, *at, width, second, least)));
            gone.iter().for_each(|at| mask[*at] = false);
            ink.retain(|at| mask[*at]);
        }
        if ink.len() == before {
            return;
        }
    }
}

/// Whether a pixel, which has `least` neighbours, can go in this half of a round.
fn is_rim(mask: &[bool], at: usize, width: usize, second: bool, least: usize) -> bool {
    // clockwise from the north
    let ring = [
        mask[at - width],
        mask[at - width + 1],
        mask[at + 1],
        mask[at + width + 1],
        mask[at + width],
        mask[at + width - 1],
        mask[at - 1],
        mask[at - width - 1],
    ];
    let neighbours = ring.iter().filter(|n| **n).count();
    let rises = (0..8).filter(|i| !ring[*i] && ring[(i + 1) % 8]).count();
    let [north, _, east, _, south, _, west, _] = ring;
    let side = if second { !(north && west && (east || south)) } else { !(east && south && (north || west)) };
    (least..=6).contains(&neighbours) && rises == 1 && side
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::components::label;
    use super::*;

    #[test]
    fn a_diagonal_keeps_its_length() {
        let width = 200;
        for thick in 2..9 {
            let on = |x: usize, y: usize| (20..180).contains(&y) && x >= y && x < y + thick;
            for mirrored in [false, true] {
                let place = |at: usize| if mirrored { width - 1 - at % width } else { at % width };
                let mut mask: Vec<bool> = (0..width * width).map(|at| on(place(at), at / width)).collect();
                thin(&mut mask, width);
                let rows = mask.chunks(width).filter(|row| row.contains(&true)).count();
                assert!(rows >= 160 - 4 * ROUNDS, "{rows} of 160, {thick} thick");
            }
        }
    }

    #[test]
    fn a_ring_stays_one_closed_line() {
        let width = 60;
        let mut mask: Vec<bool> = (0..width * width)
            .map(|at| ((at % width) as f32 - 30.0).hypot((at / width) as f32 - 30.0))
            .map(|r| (15.0..22.0).contains(&r))
            .collect();
        thin(&mut mask, width);
        let pieces = |wanted: bool| {
            let values: Vec<u8> = mask.iter().map(|m| u8::from(*m == wanted)).collect();
            label(&values, width, 1).1.len()
        };
        assert_eq!(pieces(true), 1);
        let count = mask.iter().filter(|m| **m).count();
        assert!((80..140).contains(&count), "{count}");
        // no 2 x 2 block of ink is left but at a step of the line
        assert!(mask[30 * width + 48] || mask[30 * width + 49] || mask[30 * width + 47]);
        assert!(!mask[30 * width + 30]);
    }
}
