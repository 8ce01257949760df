//! A contact sheet: what augmentation does to signatures, to look at before a run spends hours on it.
//!
//! One row a writer or one row an augmentation; the frame as it is first, then augmented copies, as dark ink on
//! white paper.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Cursor;
use std::path::Path;

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoTextStyle, iso_8859_1::FONT_6X10};
use embedded_graphics::pixelcolor::{Gray8, GrayColor};
use embedded_graphics::text::{Baseline, Text};
use image::{GrayImage, ImageFormat, Luma};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::augment::{AugmentConfig, Persona, STRENGTHS, augment, augment_fully, plain, splice};
use super::corpus::{Entry, Kind, Part, Set, Writer};
use super::sampler::{Hand, SamplerConfig};
use crate::error::{Error, Result};
use crate::ink::{Frame, FrameSize};

/// Augmented copies in a row.
const SAMPLES: usize = 8;
/// Genuine signatures of a writer that are tried, should the first not be readable.
const TRIED: usize = 3;
/// Grey around the frames, and how much of it, in pixels.
const GROUND: u8 = 208;
const GAP: u32 = 4;

/// A row of the sheet: what it shows, then images as ink 0 to 1, row by row.
#[derive(Debug, Clone)]
pub struct Row {
    pub label: String,
    pub images: Vec<Vec<f32>>,
}

/// A few genuine signatures of each of `count` training writers, drawn by `seed`, from all sets in turn.
pub fn choose(entries: Vec<Entry>, count: usize, seed: u64) -> Vec<Entry> {
    let mut sets: BTreeMap<Set, BTreeMap<_, Vec<Entry>>> = BTreeMap::new();
    let shown = entries.into_iter().filter(|e| e.part == Part::Train && e.kind == Kind::Genuine);
    for entry in shown {
        sets.entry(entry.set).or_default().entry(entry.writer).or_default().push(entry);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut waiting: Vec<Vec<Vec<Entry>>> = sets.into_values().map(|w| w.into_values().collect()).collect();
    waiting.iter_mut().for_each(|writers| writers.shuffle(&mut rng));
    let mut chosen = Vec::new();
    while chosen.len() < count && waiting.iter().any(|writers| !writers.is_empty()) {
        chosen.extend(waiting.iter_mut().filter_map(Vec::pop));
    }
    chosen.truncate(count);
    chosen.into_iter().flat_map(|signatures| signatures.into_iter().take(TRIED)).collect()
}

/// A row for each writer: the first genuine signature, augmented as in training, each time as another new
/// writer, spliced with another of `writers` as often as there. Mirroring is left out.
pub fn by_writer(writers: &[Writer], sampler: &SamplerConfig, config: &AugmentConfig, seed: u64) -> Vec<Row> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let kind = sampler.writers().cloned().unwrap_or_default();
    let row = |(writer, frame): (&Writer, &Frame)| Row {
        label: format!("{} {}", writer.set, writer.id),
        images: copies(frame, || {
            let right = Hand::of(&kind, writer, writers, &mut rng).sample(true, 1, &mut rng).pop();
            let spliced = right.and_then(|(_, right)| right).map(|(right, cut)| splice(frame, right, cut));
            let persona = Persona { mirror: [false; 2], seed: rng.random() };
            augment(spliced.as_ref().unwrap_or(frame), config, persona, &mut rng)
        }),
    };
    writers.iter().filter_map(|writer| Some((writer, writer.genuine.first()?))).map(row).collect()
}

/// A row for each augmentation, alone and in full strength; one that is off shows a usual strength.
pub fn by_kind(frame: &Frame, config: &AugmentConfig, seed: u64) -> Vec<Row> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    STRENGTHS
        .iter()
        .map(|kind| {
            let set = kind.of(config);
            let (strength, note) = if set > 0.0 { (set, "") } else { (kind.usual, " (off)") };
            let alone = kind.alone(strength, config);
            Row {
                label: format!("{} {strength}{note}", kind.name),
                images: copies(frame, || augment_fully(frame, &alone, &mut rng)),
            }
        })
        .collect()
}

fn copies(frame: &Frame, augmented: impl FnMut() -> Vec<f32>) -> Vec<Vec<f32>> {
    std::iter::once(plain(frame)).chain(std::iter::repeat_with(augmented).take(SAMPLES)).collect()
}

/// The sheet: `size` is that of every image in `rows`.
pub fn sheet(rows: &[Row], size: FrameSize) -> GrayImage {
    let letter = FONT_6X10.character_size;
    let longest = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let (left, top) = (longest as u32 * letter.width + 2 * GAP, letter.height + 2 * GAP);
    let (across, down) = (size.width + GAP, size.height.max(letter.height) + GAP);
    let columns = rows.iter().map(|row| row.images.len()).max().unwrap_or(0) as u32;
    let (width, height) = (left + columns * across, top + rows.len() as u32 * down);
    let mut sheet = Sheet(GrayImage::from_pixel(width, height, Luma([GROUND])));
    sheet.write("original", left, GAP);
    sheet.write("augmented", left + across, GAP);
    for (y, row) in (top..).step_by(down as usize).zip(rows) {
        sheet.write(&row.label, GAP, y + (down - GAP - letter.height) / 2);
        for (x, image) in (left..).step_by(across as usize).zip(&row.images) {
            for (at, ink) in (0..).zip(image) {
                let grey = Luma([255 - (255.0 * ink).round() as u8]);
                sheet.0.put_pixel(x + at % size.width, y + at / size.width, grey);
            }
        }
    }
    sheet.0
}

/// A picture that text can be drawn on.
struct Sheet(GrayImage);

impl Sheet {
    fn write(&mut self, text: &str, x: u32, y: u32) {
        let style = MonoTextStyle::new(&FONT_6X10, Gray8::BLACK);
        let text = Text::with_baseline(text, Point::new(x as i32, y as i32), style, Baseline::Top);
        let Ok(_) = text.draw(self);
    }
}

impl OriginDimensions for Sheet {
    fn size(&self) -> Size {
        Size::new(self.0.width(), self.0.height())
    }
}

impl DrawTarget for Sheet {
    type Color = Gray8;
    type Error = Infallible;

    /// What lies outside of the picture is left out.
    fn draw_iter<I: IntoIterator<Item = Pixel<Gray8>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, colour) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(point.x), u32::try_from(point.y)) else { continue };
            if let Some(pixel) = self.0.get_pixel_mut_checked(x, y) {
                *pixel = Luma([colour.luma()]);
            }
        }
        Ok(())
    }
}

/// Refuses a place where no file can be written, before any work.
///
/// # Errors
/// [`Error::File`] with what to do about it.
pub fn check_place(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Error::file(path, "is a folder; name a PNG file in it with --out"));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(Error::file(folder, "is not a folder; make it, or name another file with --out"))
        }
        _ => Ok(()),
    }
}

/// Writes the sheet as PNG.
///
/// # Errors
/// [`Error::File`] where that fails.
pub fn write(sheet: &GrayImage, path: &Path) -> Result<()> {
    check_place(path)?;
    let mut file = Cursor::new(Vec::new());
    sheet.write_to(&mut file, ImageFormat::Png).map_err(|error| Error::file(path, error))?;
    std::fs::write(path, file.into_inner()).map_err(|error| Error::file(path, error))
}

#[cfg(test)]
mod tests {
    use super::super::sampler::{self, Writers};
    use super::super::{corpus, synth};
    use super::*;

    const SIZE: FrameSize = FrameSize::ink(40, 20);

    fn writers(count: usize) -> Vec<Writer> {
        let entries = choose(synth::writers(1, 20, 4, 2), count, 7);
        corpus::load(&entries, SIZE, |_, _| ()).unwrap().writers
    }

    #[test]
    fn chosen_are_genuine_signatures_of_different_training_writers() {
        let entries = synth::writers(1, 20, 4, 2);
        let train: Vec<_> = entries.iter().filter(|e| e.part == Part::Train).cloned().collect();
        let chosen = choose(entries.clone(), 3, 7);
        assert_eq!(chosen.len(), 3 * TRIED);
        assert!(chosen.iter().all(|entry| train.contains(entry) && entry.kind == Kind::Genuine));
        assert_eq!(writers(3).len(), 3);
        assert_eq!(chosen, choose(entries.clone(), 3, 7));
        assert_ne!(chosen, choose(entries.clone(), 3, 8));
        // no more than there are
        let all: std::collections::HashSet<_> = train.iter().map(|entry| entry.writer).collect();
        assert_eq!(choose(entries, 1000, 7).len(), all.len() * TRIED);
        assert!(choose(Vec::new(), 5, 1).is_empty());
    }

    #[test]
    fn a_row_begins_with_the_original_and_goes_on_otherwise() {
        let (sampler, config) = (SamplerConfig::default(), AugmentConfig::default());
        let rows = by_writer(&writers(2), &sampler, &config, 1);
        assert_eq!(rows.len(), 2);
        for (row, writer) in rows.iter().zip(writers(2)) {
            assert_eq!(row.label, format!("synthetic {}", writer.id));
            assert_eq!(row.images.len(), 1 + SAMPLES);
            assert_eq!(row.images[0], plain(&writer.genuine[0]));
            assert!(row.images[1..].iter().all(|image| *image != row.images[0]));
        }
        assert_eq!(by_writer(&writers(2), &sampler, &config, 1)[1].images, rows[1].images);
    }

    #[test]
    fn spliced_writers_are_shown() {
        let changed = |spliced: f64| {
            let kind = sampler::Kind::Writers(Writers { spliced, ..Writers::default() });
            let sampler = SamplerConfig { kind, ..SamplerConfig::default() };
            let rows = by_writer(&writers(3), &sampler, &AugmentConfig::off(), 1);
            rows.iter().all(|row| row.images[1..].iter().all(|image| *image != row.images[0]))
        };
        assert!(changed(1.0));
        assert!(!changed(0.0), "nothing else is on");
    }

    #[test]
    fn kinds_that_are_off_say_so() {
        let rows = by_kind(&writers(1)[0].genuine[0], &AugmentConfig::default(), 1);
        assert_eq!(rows.len(), STRENGTHS.len());
        let label = |name: &str| &rows.iter().find(|row| row.label.starts_with(name)).unwrap().label;
        assert_eq!(label("rotation"), "rotation 7");
        assert!(label("elastic").ends_with("(off)"));
    }

    #[test]
    fn the_sheet_holds_every_image_and_its_label() {
        let rows = by_writer(&writers(3), &SamplerConfig::default(), &AugmentConfig::default(), 1);
        let sheet = sheet(&rows, SIZE);
        // "synthetic 12" is twelve letters of six pixels
        let letters = rows.iter().map(|row| row.label.len()).max().unwrap() as u32;
        assert_eq!(sheet.width(), 6 * letters + 2 * GAP + 9 * (40 + GAP));
        assert_eq!(sheet.height(), 10 + 2 * GAP + 3 * (20 + GAP));
        let dark = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
            y.flat_map(|y| x.clone().map(move |x| (x, y))).any(|(x, y)| sheet.get_pixel(x, y)[0] < 100)
        };
        let (left, top) = (6 * letters + 2 * GAP, 10 + 2 * GAP);
        for row in 0..3 {
            let y = top + row * (20 + GAP);
            assert!(dark(0..left, y..y + 20), "label {row}");
            for column in 0..9 {
                let x = left + column * (40 + GAP);
                assert!(dark(x..x + 40, y..y + 20), "image {row} {column}");
                assert_eq!(sheet.get_pixel(x + 40, y)[0], GROUND);
            }
        }
        assert_eq!(super::sheet(&[], SIZE).width(), 2 * GAP);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_refused() {
        let folder = std::env::temp_dir().join(format!("countersign-{}-preview", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let sheet =
            sheet(&by_writer(&writers(1), &SamplerConfig::default(), &AugmentConfig::default(), 1), SIZE);
        let file = folder.join("sheet.png");
        write(&sheet, &file).unwrap();
        assert_eq!(image::open(&file).unwrap().to_luma8(), sheet);
        let absent = write(&sheet, &folder.join("absent/sheet.png")).unwrap_err();
        assert!(absent.to_string().contains("absent: is not a folder; make it"), "{absent}");
        // a file where a folder should be
        let under_file = write(&sheet, &file.join("sheet.png")).unwrap_err();
        assert!(under_file.to_string().contains("is not a folder"), "{under_file}");
        let is_folder = write(&sheet, &folder).unwrap_err();
        assert!(is_folder.to_string().contains("is a folder; name a PNG file"), "{is_folder}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
