use super::*;

const GRID: [usize; 2] = [10, 20];

/// A line across a frame of 160 x 80 that leans clockwise.
fn line(degrees: f32) -> Frame {
    let slope = degrees.to_radians().tan();
    let ink = |x: f32, y: f32| {
        let (x, y) = (x - 80.0, y - 40.0);
        if (y - slope * x).abs() < 3.0 && x.abs() < 70.0 { 255 } else { 0 }
    };
    let places = (0..80).flat_map(|y| (0..160).map(move |x| (x as f32, y as f32)));
    Frame { width: 160, height: 80, density: places.map(|(x, y)| ink(x, y)).collect() }
}

fn level(turning: Turning) -> Level {
    Level { turning, empty: vec![1.0; 2 * 200], shape: [2, 10, 20] }
}

/// A map that differs from that of an empty frame where there is ink.
fn map(frame: &Frame) -> Vec<f32> {
    let cell = |at: usize| {
        let (x, y) = (at % 20 * 8, at / 20 * 8);
        let inside = (y..y + 8).flat_map(|y| (x..x + 8).map(move |x| y * 160 + x));
        inside.map(|pixel| f32::from(frame.density[pixel])).sum::<f32>() / 64.0 / 255.0
    };
    let amounts: Vec<f32> = (0..200).map(cell).collect();
    amounts
        .iter()
        .map(|amount| 1.0 + 3.0 * amount)
        .chain(amounts.iter().map(|amount| 1.0 - 4.0 * amount))
        .collect()
}

#[test]
fn likeness_is_a_correlation() {
    let trace = |grid: [f32; 4]| Trace::new(grid.to_vec(), [2, 2], 0);
    let one = trace([1.0, 2.0, 3.0, 4.0]);
    assert!((one.likeness(&trace([12.0, 14.0, 16.0, 18.0])) - 1.0).abs() < 1e-6);
    assert!((one.likeness(&trace([4.0, 3.0, 2.0, 1.0])) + 1.0).abs() < 1e-6);
    assert_eq!(one.likeness(&trace([5.0; 4])), 0.0);
    // the binomial of a point
    let point = Trace::new(vec![0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [3, 3], 1);
    let spread = Trace::new(vec![1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0], [3, 3], 0);
    assert!((point.likeness(&spread) - 1.0).abs() < 1e-6);
    let corner = Trace::new(vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [2, 3], 1);
    let spread = Trace::new(vec![4.0, 2.0, 0.0, 2.0, 1.0, 0.0], [2, 3], 0);
    assert!((corner.likeness(&spread) - 1.0).abs() < 1e-6);
}

#[test]
fn a_map_shows_where_the_ink_is() {
    let level = level(Turning::by(10.0));
    let frame = line(7.0);
    assert!(Trace::of_frame(&frame, GRID).likeness(&level.trace(map(&frame))) > 0.9);
    assert!(Trace::of_frame(&frame, GRID).likeness(&level.trace(map(&line(-20.0)))) < 0.7);
}

#[test]
fn a_lean_is_seen() {
    let level = level(Turning::by(10.0));
    for (questioned, reference, side) in [
        (0.0, 0.0, None),
        (2.0, 0.0, None),
        (10.0, 0.0, Some(Side::Left)),
        (-12.0, 0.0, Some(Side::Right)),
        (-4.0, 5.0, Some(Side::Right)),
    ] {
        let (leaning, reference) = (level.leaning(&line(questioned)), level.trace(map(&line(reference))));
        assert_eq!(leaning.side(&reference, 0.0), side, "{questioned}");
        // nothing is more like anything by so much
        assert_eq!(leaning.side(&reference, 2.0), None);
    }
    let leaning = level.leaning(&line(10.0));
    assert_eq!(leaning.turned(Side::Left).frame, turn::turned(&line(10.0), -10.0).0);
    assert_eq!(leaning.turned(Side::Right).frame, turn::turned(&line(10.0), 10.0).0);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let tiny = crate::manifest::tests::tiny();
    let check = |turning: Turning| turning.check(&tiny.network, tiny.input);
    assert_eq!(check(Turning::by(10.0)), Ok(()));
    let with = |degrees, gain, cost| check(Turning { degrees, gain, cost });
    for wrong in [
        with(0.0, 0.0, 0.0),
        with(46.0, 0.0, 0.0),
        with(f32::NAN, 0.0, 0.0),
        with(10.0, -0.1, 0.0),
        with(10.0, 0.0, -1.0),
        with(10.0, 0.0, f32::INFINITY),
    ] {
        assert!(wrong.is_err());
    }
    let grey = FrameSize { stage: Stage::Grey, ..tiny.input };
    assert!(Turning::by(10.0).check(&tiny.network, grey).is_err());
    let json = r#"{"degrees":10.0}"#;
    assert_eq!(serde_json::from_str::<Turning>(json).unwrap(), Turning::by(10.0));
}
