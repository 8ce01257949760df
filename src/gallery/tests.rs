use std::sync::atomic::{AtomicU32, Ordering};

use pollster::block_on;

use super::*;
use crate::checker::tests::{checker, page};
use crate::ink::Page;

/// A folder in the system's temporary one, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("countersign-gallery-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, path: &str, bytes: &[u8]) -> &Self {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    fn open(&self) -> Result<Gallery> {
        block_on(Gallery::open(&self.0, &checker(), |_, _| ()))
    }

    fn code(&self) -> &'static str {
        self.open().unwrap_err().code()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn png(page: &Page) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::GrayImage::from_raw(page.width, page.height, page.grey.clone())
        .unwrap()
        .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
        .unwrap();
    bytes
}

fn wave(periods: f32) -> Vec<u8> {
    png(&page(periods))
}

fn template(periods: f32) -> Vec<u8> {
    block_on(checker().enrol(&[page(periods)])).unwrap().to_bytes().unwrap()
}

const FOUR: Search = Search { top: Some(4), fpir: None, far: None };

#[test]
fn images_and_templates_are_people_alike() {
    let folder = Folder::new();
    folder.file("ann/1.png", &wave(2.0)).file("ann/2.png", &wave(2.2)).file("ann/.thumb", b"x");
    folder.file("bob/genuine/1.png", &wave(4.0)).file("bob/forged/1.png", b"is not read");
    folder.file("cat.template", &template(6.0)).file("dan.template", &template(8.0));
    let gallery = folder.open().unwrap();
    let names: Vec<&str> = (0..gallery.len()).filter_map(|index| gallery.name(index)).collect();
    assert_eq!(names, ["ann", "bob", "cat", "dan"]);

    let checker = checker();
    let templates: Vec<Template> =
        (0..4).map(|index| gallery.template(index).unwrap().into_owned()).collect();
    let exact = block_on(checker.identify(&templates, &page(3.1), &FOUR)).unwrap();
    let searched = block_on(checker.search(&gallery, &page(3.1), &FOUR, 4)).unwrap();
    assert_eq!(exact.people, 4);
    for (a, b) in exact.candidates.iter().zip(&searched.candidates) {
        assert_eq!(a.index, b.index);
        assert!((a.llr - b.llr).abs() < 1e-4, "{} {}", a.llr, b.llr);
    }
    // among the two nearest are two of the four
    let two = block_on(checker.search(&gallery, &page(3.1), &FOUR, 2)).unwrap();
    assert_eq!((two.candidates.len(), two.people), (2, 4));
}

#[test]
fn kept_templates_are_a_gallery() {
    let (folder, kept) = (Folder::new(), Folder::new());
    folder.file("ann/1.png", &wave(2.0)).file("bob/1.png", &wave(4.0)).file("cat.template", &template(6.0));
    let gallery = folder.open().unwrap();
    Gallery::check_keep(&folder.0, &kept.0).unwrap();
    assert_eq!(gallery.keep(&kept.0).unwrap(), 2, "what is kept already is not kept again");
    let early = Gallery::check_keep(&folder.0, &kept.0).unwrap_err();
    assert!(early.code() == "file" && early.to_string().contains("ann.template"), "{early}");
    let file = kept.0.join("ann.template");
    assert_eq!(Gallery::check_keep(&folder.0, &file).unwrap_err().code(), "file", "no folder");
    assert_eq!(gallery.keep(&kept.0).unwrap_err().code(), "file", "who is there is not replaced");
    let again = kept.open().unwrap();
    assert_eq!((again.name(0), again.name(1), again.len()), (Some("ann"), Some("bob"), 2));
    for index in 0..2 {
        assert_eq!(again.template(index).unwrap(), gallery.template(index).unwrap());
    }
}

#[test]
fn a_person_who_cannot_be_compared_is_named() {
    let folder = Folder::new();
    folder.file("ann/1.png", &wave(2.0)).file("bob/1.png", b"no image");
    let error = folder.open().unwrap_err();
    assert!(error.to_string().starts_with("bob cannot be told from others: reference 1"), "{error}");

    let folder = Folder::new();
    std::fs::create_dir_all(folder.0.join("nobody")).unwrap();
    assert_eq!(folder.code(), "reference-count");
    for index in 0..=10 {
        folder.file(&format!("nobody/{index}.png"), b"");
    }
    assert_eq!(folder.code(), "reference-count", "eleven");

    let folder = Folder::new();
    let other = Template { model: "another".into(), ..Template::from_bytes(&template(2.0)).unwrap() };
    folder.file("ann.template", &other.to_bytes().unwrap());
    assert_eq!(folder.code(), "template-model");
    folder.file("ann.template", b"CSTP?");
    assert_eq!(folder.code(), "invalid-template");

    // the one whose sizes are wrong, though it comes first, not the next
    let folder = Folder::new();
    let mut short = Template::from_bytes(&template(2.0)).unwrap();
    short.embedding -= 1;
    short.references.iter_mut().for_each(|reference| reference.embedding.truncate(short.embedding));
    folder.file("ann.template", &short.to_bytes().unwrap()).file("bob.template", &template(3.0));
    let error = folder.open().unwrap_err().to_string();
    assert!(error.starts_with("ann cannot be told from others") && error.contains("sizes"), "{error}");
}

/// Of very many people somebody has such images, and the others are to be searched all the same.
#[test]
fn who_cannot_be_enrolled_is_left_out_and_named() {
    let folder = Folder::new();
    let blank = png(&Page::new(300, 200, vec![255; 300 * 200]).unwrap());
    folder.file("ann/1.png", &wave(2.0)).file("bob/1.png", &wave(4.0)).file("bob/2.png", &blank);
    let refused = |gallery: &Gallery| gallery.refused().iter().map(ToString::to_string).collect::<Vec<_>>();
    let alone = folder.open().unwrap();
    assert_eq!((alone.len(), alone.name(0)), (1, Some("ann")));
    assert!(
        refused(&alone)[0].starts_with("bob cannot be told from others: reference 2"),
        "{:?}",
        refused(&alone)
    );
    folder.file("cat/1.png", &wave(6.0));
    let two = folder.open().unwrap();
    assert_eq!((two.len(), two.name(1), refused(&two).len()), (2, Some("cat"), 1));
    let found = block_on(checker().search(&two, &page(3.0), &FOUR, 4)).unwrap();
    assert_eq!((found.people, found.candidates.len()), (2, 2));

    let folder = Folder::new();
    folder.file("ann/1.png", &blank);
    let error = block_on(checker().search(&folder.open().unwrap(), &page(3.0), &FOUR, 4)).unwrap_err();
    assert_eq!(error.code(), "blank-page", "nobody is left");
}

#[test]
fn a_rate_that_somebodys_references_do_not_bear_names_the_person() {
    let folder = Folder::new();
    folder.file("ann.template", &template(2.0)).file("bob.template", &template(4.0));
    let search = Search { far: Some(1e-9), ..FOUR };
    let error = block_on(checker().search(&folder.open().unwrap(), &page(3.0), &search, 4)).unwrap_err();
    assert!(error.code() == "invalid-option" && error.to_string().contains("ann"), "{error}");
}

#[test]
fn a_signature_of_two_people_is_refused() {
    let folder = Folder::new();
    folder.file("ann/1.png", &wave(2.0)).file("ann/2.png", &wave(2.1)).file("bob/1.png", &wave(2.1));
    let same = Error::SameReference { one: "ann".into(), other: "bob".into() };
    assert_eq!(folder.open().unwrap_err(), same);
    let folder = Folder::new();
    folder.file("ann/1.png", &wave(2.0)).file("bob.template", &template(2.0));
    assert_eq!(folder.open().unwrap_err(), same);
}

#[test]
fn folders_that_are_no_gallery() {
    let folder = Folder::new();
    let search = |gallery: &Gallery| {
        let found = block_on(checker().search(gallery, &page(3.0), &FOUR, 4));
        found.map_err(|error| error.code())
    };
    assert_eq!(search(&folder.open().unwrap()), Err("gallery-size"), "empty");
    folder.file("ann/1.png", &wave(2.0));
    assert_eq!(search(&folder.open().unwrap()), Err("gallery-size"), "one");
    folder.file("ann.template", &template(3.0));
    assert_eq!(folder.code(), "file", "twice");
    let folder = Folder::new();
    folder.file("1.png", &wave(2.0));
    assert_eq!(folder.code(), "file", "an image of nobody");
    let folder = Folder::new();
    folder.file("ann/other/1.png", &wave(2.0));
    assert_eq!(folder.code(), "file", "a folder among images");
    assert_eq!(
        block_on(Gallery::open(&folder.0.join("gone"), &checker(), |_, _| ())).unwrap_err().code(),
        "file"
    );
}

/// What was damaged after the gallery was opened, or in a part that a glance does not read.
#[test]
fn a_damaged_template_is_refused_when_it_is_read() {
    let folder = Folder::new();
    let mut damaged = template(4.0);
    let last = damaged.len() - 12;
    damaged[last] ^= 1;
    folder.file("ann.template", &template(2.0)).file("bob.template", &damaged);
    let gallery = folder.open().unwrap();
    let error = block_on(checker().search(&gallery, &page(3.0), &FOUR, 4)).unwrap_err();
    assert_eq!(error.code(), "invalid-template");
    assert!(error.to_string().starts_with("bob "), "{error}");
}
