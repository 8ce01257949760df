use super::*;

/// A signature as 96 points at equal steps along its ink, in a box of width 1.
fn outline(strokes: &[Stroke]) -> Vec<(f32, f32)> {
    let points: Vec<_> = strokes.iter().flatten().map(|p| (p.x, p.y)).collect();
    let low = points.iter().fold((f32::MAX, f32::MAX), |low, p| (low.0.min(p.0), low.1.min(p.1)));
    let width = points.iter().map(|p| p.0 - low.0).fold(0.0, f32::max);
    let points: Vec<_> = points.iter().map(|p| ((p.0 - low.0) / width, (p.1 - low.1) / width)).collect();
    let steps: Vec<f32> = points.windows(2).map(|p| (p[1].0 - p[0].0).hypot(p[1].1 - p[0].1)).collect();
    let length: f32 = steps.iter().sum();
    let (mut at, mut walked) = (0, 0.0);
    (0..96)
        .map(|i| {
            let wanted = length * i as f32 / 96.0;
            while at < steps.len() && walked + steps[at] < wanted {
                walked += steps[at];
                at += 1;
            }
            points[at]
        })
        .collect()
}

fn distance(a: &[Stroke], b: &[Stroke]) -> f32 {
    outline(a).iter().zip(outline(b)).map(|(p, q)| (p.0 - q.0).hypot(p.1 - q.1)).sum::<f32>() / 96.0
}

#[test]
fn the_same_numbers_give_the_same_strokes() {
    for kind in [Kind::Genuine, Kind::SkilledForgery] {
        let made = signature(1, 2, kind, 3);
        assert_eq!(made, signature(1, 2, kind, 3));
        for other in [signature(2, 2, kind, 3), signature(1, 3, kind, 3), signature(1, 2, kind, 4)] {
            assert_ne!(made, other);
        }
    }
    assert_ne!(signature(1, 2, Kind::Genuine, 3), signature(1, 2, Kind::SkilledForgery, 3));
}

#[test]
fn strokes_are_usable_pen_tracks() {
    for writer in 0..300 {
        for kind in [Kind::Genuine, Kind::SkilledForgery] {
            let strokes = signature(5, writer, kind, 0);
            let points: Vec<_> = strokes.iter().flatten().collect();
            assert!((50..8000).contains(&points.len()), "writer {writer}: {} points", points.len());
            assert!(strokes.iter().all(|stroke| stroke.len() > 1));
            assert!(points.is_sorted_by(|a, b| a.t < b.t), "writer {writer}: time stands still");
            assert!(points.iter().all(|p| p.x.abs() < 3000.0 && p.y.abs() < 3000.0), "writer {writer}");
            assert!(points.iter().all(|p| (0.0..=1.0).contains(&p.pressure)));
        }
    }
}

/// Genuine samples lie closer to each other than forgeries to them, and forgeries closer than other names; but
/// not so far apart that every forgery is easy.
#[test]
fn distances_are_ordered_as_in_real_sets() {
    const WRITERS: u16 = 40;
    let (mut genuine, mut forged, mut random, mut hard) = (0.0, 0.0, 0.0, 0);
    for writer in 0..WRITERS {
        let reference = signature(9, writer, Kind::Genuine, 0);
        let of = |kind, index| distance(&reference, &signature(9, writer, kind, index));
        let own: Vec<f32> = (1..6).map(|index| of(Kind::Genuine, index)).collect();
        let imitated: Vec<f32> = (0..6).map(|index| of(Kind::SkilledForgery, index)).collect();
        let farthest = own.iter().copied().fold(0.0, f32::max);
        hard += imitated.iter().filter(|&&d| d < farthest).count();
        genuine += own.iter().sum::<f32>() / 5.0;
        forged += imitated.iter().sum::<f32>() / 6.0;
        random += distance(&reference, &signature(9, writer + 1, Kind::Genuine, 0));
    }
    assert!(forged > 1.3 * genuine, "genuine {genuine}, forged {forged}");
    assert!(random > 1.5 * forged, "forged {forged}, random {random}");
    assert!(hard >= 6, "only {hard} of {} forgeries are hard", 6 * WRITERS);
}

#[test]
fn a_manner_shows_in_the_distances() {
    let mean = |manner, kind| {
        let of = |writer| {
            let reference = signature_in(manner, 9, writer, Kind::Genuine, 0);
            distance(&reference, &signature_in(manner, 9, writer, kind, 1))
        };
        (0..40).map(of).sum::<f32>() / 40.0
    };
    let usual = Manner::default();
    let clumsy = Manner { clumsiness: 400, ..usual };
    assert_eq!(mean(clumsy, Kind::Genuine), mean(usual, Kind::Genuine));
    assert!(mean(clumsy, Kind::SkilledForgery) > 1.2 * mean(usual, Kind::SkilledForgery));
    assert!(mean(Manner { spread: 200, ..usual }, Kind::Genuine) > 1.2 * mean(usual, Kind::Genuine));
}

#[test]
fn a_manner_out_of_range_is_refused_by_name() {
    let usual = SyntheticConfig::default();
    usual.check().unwrap();
    for wrong in [0.0, -1.0, 4.1, f64::NAN] {
        let error = SyntheticConfig { spread: wrong, ..usual.clone() }.check().unwrap_err();
        assert!(error.to_string().contains("synthetic.spread must be 0.1 to 4"), "{error}");
    }
    for (genuine, forged) in [(0, 1), (1001, 1), (1, 1001)] {
        let error = SyntheticConfig { genuine, forged, ..usual.clone() }.check().unwrap_err();
        assert!(error.to_string().contains("to 1000"), "{error}");
    }
    for wrong in [0.9, 10.1, f64::INFINITY] {
        let error = SyntheticConfig { clumsiness: wrong, ..usual.clone() }.check().unwrap_err();
        assert!(error.to_string().contains("synthetic.clumsiness must be 1 to 10"), "{error}");
    }
}

#[test]
fn entries_cover_every_writer_and_sample_once() {
    let entries = writers(1, 20, 3, 2);
    assert_eq!(entries.len(), 100);
    let mut sorted = entries.clone();
    sorted.sort_by_key(|entry| (entry.writer, entry.kind, entry.source.clone()));
    sorted.dedup();
    assert_eq!(sorted, entries);
    assert!(entries.iter().all(|entry| entry.part == split::part(Set::Synthetic, entry.writer)));
}
