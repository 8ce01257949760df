use super::*;
use crate::calibration::{Calibration, Count, Method};
use crate::evaluate::control::Control;
use crate::evaluate::scores::{Hand, WriterScores, tests::made_up};
use crate::train::corpus::Writer;
use crate::verdict::Threshold;

/// LLR = raw score.
fn count() -> Count {
    let thresholds = vec![Threshold { rate: 0.01, accept_llr: 3.0, reject_llr: -3.0 }];
    Count { references: 1, offset: 0.0, slope: 1.0, knots: Vec::new(), thresholds }
}

fn writer(set: Set, id: u16, part: Part) -> Writer {
    Writer { set, id, part, genuine: Vec::new(), forged: Vec::new(), forgers: Vec::new() }
}

fn scored(set: Set, writers: u16) -> Vec<WriterScores> {
    let score = |hand: Hand, q: usize, r: usize| {
        let noise = ((7 * q + 3 * r) % 11) as f64 / 2.0 - 2.5;
        if hand == Hand::Genuine { noise + 1.0 } else { noise - 1.0 }
    };
    (1..=writers).map(|writer| made_up((set, writer), [12, 8, 6], score)).collect()
}

fn figures(set: Set, control: f64) -> SetFigures {
    let scored = scored(set, 3);
    let writers: Vec<Writer> = (1..=3).map(|id| writer(set, id, Part::Test)).collect();
    let calibration = Calibration {
        method: Method::Logistic,
        sets: Vec::new(),
        counts: vec![count()],
        consistency: None,
        impostors: Vec::new(),
    };
    let control = Control { one_number: BTreeMap::from([("mean ink", 0.55)]), trained: Some(control) };
    let (scored, writers): (Vec<_>, Vec<_>) = (scored.iter().collect(), writers.iter().collect());
    SetFigures::new(&scored, &writers, &calibration, control).unwrap()
}

fn report() -> Report {
    let set = |set: Set, control: f64, known_writers: usize| SetReport {
        figures: figures(set, control),
        known_set: known_writers > 0,
        known_writers,
        acquisition: Acquisition { repeats: 1, refused: 2, fta: 4.0 },
        writer_eer: vec![Some(10.0), None, Some(20.0)],
        mistaken: measure::mistaken(&scored(set, 3).iter().collect::<Vec<_>>(), &count()),
    };
    let drawing = |set: Set| Drawing {
        set,
        llrs: scored(set, 3).iter().flat_map(|writer| writer.pairs()).map(|p| (p.hand, p.score)).collect(),
    };
    Report {
        format: FORMAT,
        made_by: "test".into(),
        model: "<tiny>@0".into(),
        trained_on: vec!["hindi".into()],
        writers: Writers::All,
        protocols: protocol::all(),
        sets: BTreeMap::from([
            (Set::Hindi, set(Set::Hindi, 0.8, 2)),
            (Set::Folder, set(Set::Folder, 0.5, 0)),
        ]),
        sigcomp2011: Some(Official { numbers: vec![49, 50], figures: figures(Set::Dutch, 0.5) }),
        left_out: BTreeMap::from([(
            Set::Folder,
            LeftOut { model: "without@1".into(), trained_on: Vec::new(), figures: figures(Set::Folder, 0.5) },
        )]),
        drawings: vec![drawing(Set::Hindi), drawing(Set::Folder)],
    }
}

#[test]
fn the_folder_holds_the_page_the_plots_and_the_promised_json() {
    let folder = std::env::temp_dir().join(format!("countersign-report-{}", std::process::id()));
    write(&report(), &folder).unwrap();
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();

    let json: serde_json::Value = serde_json::from_str(&text("metrics.json")).unwrap();
    for set in ["hindi", "folder"] {
        for hand in ["skilled", "random"] {
            assert!(json["sets"][set]["refs_10"][hand]["min_cllr"].is_number(), "{set} {hand}");
        }
        assert!(json["sets"][set]["no_reference_auc"].is_number());
    }
    assert_eq!(json["sigcomp2011"]["numbers"], serde_json::json!([49, 50]));
    assert!(json["left_out"]["folder"]["refs_1"]["skilled"]["eer"].is_number());

    let page = text("index.html");
    for plot in ["det", "roc", "references", "writers", "calibration", "tippett", "histogram-hindi"] {
        let svg = text(&format!("{plot}.svg"));
        assert!(svg.starts_with("<svg") && svg.contains("path") || svg.contains("polyline"), "{plot}");
        assert!(page.contains(&format!("aria-labelledby=\"{plot}\"")), "{plot}");
    }
    assert!(
        !page.contains("<script") && !page.contains("src=") && !page.contains("href="),
        "it stands alone"
    );
    assert!(page.contains("&lt;tiny&gt;@0"), "names are escaped");
    assert!(
        page.contains(
            "hindi: forged can be told from genuine without any reference (AUC 0.80, trained probe)"
        )
    );
    assert!(!page.contains("folder: forged can be told"));
    assert!(page.contains("the model learned from 2 of these 3 writers"));
    assert!(page.contains("folder: the model learned from no writer of this set"));
    assert!(page.contains("049 050"));
    for protocol in protocol::all() {
        assert!(page.contains(protocol.name));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// No curve stands for forgeries that nobody made.
#[test]
fn plots_of_a_set_without_forgeries_have_no_curve_of_them() {
    let elements = |report: &Report, name: &str| {
        let folder = std::env::temp_dir().join(format!("countersign-plots-{}", std::process::id()));
        write(report, &folder).unwrap();
        let svg = std::fs::read_to_string(folder.join(name)).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        svg.matches('<').count()
    };
    let both = report();
    let mut genuine_alone = report();
    genuine_alone.drawings[1].llrs.skilled.clear();
    // a curve, and with its points what the legend says of it
    for (name, least) in [("tippett.svg", 1), ("calibration.svg", 2)] {
        let [with, without] = [&both, &genuine_alone].map(|report| elements(report, name));
        assert!(without + least <= with, "{name}: {with}, {without}");
    }
}

#[test]
fn mistaken_pairs_are_the_worst_on_the_wrong_side_and_name_nobody() {
    let score = |hand: Hand, q: usize, r: usize| match hand {
        Hand::Genuine if (q, r) == (1, 0) => -3.0,
        Hand::Genuine => 2.0,
        // the first skilled forgery against the second genuine signature
        Hand::Skilled if (q, r) == (3, 1) => 4.0,
        Hand::Skilled if r == 0 => 0.5,
        Hand::Skilled => -1.0,
        Hand::Random => 9.0,
    };
    let writer = made_up((Set::Hindi, 77), [3, 2, 1], score);
    let found = measure::mistaken(&[&writer], &count());
    let pair =
        |genuine, questioned, reference, llr| Mistaken { writer: 1, genuine, questioned, reference, llr };
    let expected =
        [pair(false, 1, 2, 4.0), pair(false, 1, 1, 0.5), pair(false, 2, 1, 0.5), pair(true, 2, 1, -3.0)];
    assert_eq!(found, expected);
}

#[test]
fn official_writers_are_the_competitions_and_never_seen_here() {
    let official = |id, part| protocol::is_official(&writer(Set::Dutch, id, part));
    assert!(official(49, Part::Test));
    assert!(!official(17, Part::Train), "an official test writer who trained models here");
    assert!(!official(45, Part::Validation), "and one who chose thresholds here");
    assert!(!official(16, Part::Test), "a training writer of the competition");
    assert!(!protocol::is_official(&writer(Set::Hindi, 49, Part::Test)));
}

#[test]
fn the_table_is_markdown_with_a_row_for_each_set() {
    let report = report();
    let text = Table::of_report(&report).to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].ends_with("| EER %, 10 references | no-reference AUC |"));
    assert!(
        lines[2].starts_with("| hindi | 3 | 198 + 288 |") && lines[2].ends_with("| 0.80 (trained probe) |")
    );
    let cells = |line: &str| line.matches('|').count();
    assert!(lines.iter().all(|line| cells(line) == cells(lines[0])), "{text}");
}

#[test]
fn a_set_without_forgeries_has_its_random_ones_in_the_table() {
    let mut report = report();
    let set = report.sets.get_mut(&Set::Folder).unwrap();
    set.figures.refs.values_mut().for_each(|found| found.skilled = None);
    let text = Table::of_report(&report).to_string();
    let row = text.lines().find(|line| line.contains("folder")).unwrap();
    // 3 writers, 6 random forgeries of each against 12 genuine signatures
    assert!(row.starts_with("| folder (random forgeries) | 3 | 198 + 216 |"), "{row}");
    assert!(!row.contains("too few"), "{row}");
    assert!(text.contains("\n| hindi | 3 | 198 + 288 |"), "{text}");
}
