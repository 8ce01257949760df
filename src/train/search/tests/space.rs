//! Where a search goes next.

use super::*;

fn space(text: &str) -> Space {
    toml::from_str(text).unwrap()
}

#[test]
fn places_lead_to_the_values_of_a_setting() {
    let space = space(
        "f = { kind = \"float\", low = 0.5, high = 1.5 }\ng = { kind = \"float\", low = 1e-4, high = 1e-2, log = true }\n\
         i = { kind = \"integer\", low = 2, high = 5 }\nj = { kind = \"integer\", low = 1, high = 100, log = true }\n\
         c = { kind = \"choice\", values = [\"a\", { kind = \"b\" }, 3] }",
    );
    let at = |name: &str, place: f64| space.0[name].value(place).to_string();
    assert_eq!([at("f", 0.0), at("f", 0.25), at("f", 1.0)], ["0.5", "0.75", "1.5"]);
    assert_eq!(space.0["g"].value(0.5).as_float(), Some(1e-3));
    assert_eq!([0.0, 0.3, 0.5, 0.99].map(|place| at("i", place)), ["2", "3", "4", "5"]);
    assert_eq!([0.0, 0.5, 0.9999].map(|place| at("j", place)), ["1", "10", "100"]);
    assert_eq!([0.0, 1.9, 2.5].map(|place| at("c", place)), ["\"a\"", "{ kind = \"b\" }", "3"]);
}

/// On a known objective: (x - 0.7)^2 plus a charge for the wrong choice.
fn optimum(seed: u64, random: usize) -> f64 {
    let space = space(
        "c = { kind = \"choice\", values = [1, 2, 3] }\nx = { kind = \"float\", low = 0.0, high = 1.0 }\n\
         y = { kind = \"float\", low = 0.0, high = 1.0 }",
    );
    let mut trials = Vec::new();
    for number in 1..=40 {
        let places = space.suggest(&trials, random, seed, number);
        assert!(
            places.iter().all(|(path, &place)| (0.0..space.0[path].end()).contains(&place)),
            "{places:?}"
        );
        let charge = if places["c"].floor() == 1.0 { 0.0 } else { 0.2 };
        let value = (places["x"] - 0.7).powi(2) + (places["y"] - 0.2).powi(2) + charge;
        let mut done = trial(number, &[], &[value]);
        done.places = places;
        trials.push(done);
    }
    ranked(&trials)[0].objective.unwrap()
}

#[test]
fn the_estimator_finds_more_than_chance() {
    let mean = |random: usize| (0..20).map(|seed| optimum(seed, random)).sum::<f64>() / 20.0;
    let (estimated, chance) = (mean(8), mean(usize::MAX));
    assert!(estimated < 0.5 * chance, "{estimated} against {chance} at random");
}

#[test]
fn suggestions_follow_from_seed_and_trials() {
    let space = read(&folder("suggest"), SEARCH).unwrap().space;
    let first = space.suggest(&[], 2, 5, 1);
    assert_eq!(space.suggest(&[], 2, 5, 1), first);
    assert_ne!(space.suggest(&[], 2, 6, 1), first);
    assert_ne!(space.suggest(&[], 2, 5, 2), first);
    std::fs::remove_dir_all(folder("suggest")).unwrap();
}
