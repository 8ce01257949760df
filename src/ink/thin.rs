//! Thinning: the middle line of every stroke.

/// Thins a mask (row-major, true = ink) to lines one pixel wide without breaking or joining strokes
/// (Zhang and Suen 1984). The outermost pixels of the mask must be empty.
pub(super) fn thin(mask: &mut [bool], width: usize) {
    let mut ink: Vec<usize> = (0..mask.len()).filter(|at| mask[*at]).collect();
    let mut gone = Vec::new();
    loop {
        let before = ink.len();
        for second in [false, true] {
            gone.clear();
            gone.extend(ink.iter().copied().filter(|at| is_rim(mask, *at, width, second)));
            gone.iter().for_each(|at| mask[*at] = false);
            ink.retain(|at| mask[*at]);
        }
        if ink.len() == before {
            return;
        }
    }
}

/// Whether a pixel can go in this half of a round.
fn is_rim(mask: &[bool], at: usize, width: usize, second: bool) -> bool {
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
    (2..=6).contains(&neighbours) && rises == 1 && side
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::components::label;
    use super::*;

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
