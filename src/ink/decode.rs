//! Image files and canvases to grey pages.
//!
//! Everything here comes from outside, so sizes are checked on the header before anything is decoded.

use std::io::Cursor;

use image::error::ImageError;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::Page;
use crate::error::{Error, Result};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 32 << 20;
/// The most pixels a page may have.
pub const MAX_PIXELS: u64 = 40_000_000;
/// What a decoder may allocate, in bytes: enough for [`MAX_PIXELS`] of RGBA, and some room.
const MAX_ALLOCATION: u64 = 256 << 20;

/// Decodes a PNG, JPEG, WebP, BMP, TIFF or GIF file (its first frame), natively also a PNM file, to a grey page.
///
/// The format is told by content, not by name. The EXIF orientation is applied, transparency is laid
/// over white.
///
/// # Errors
/// [`Error::NotAnImage`], [`Error::DamagedImage`], [`Error::EmptyImage`], [`Error::ImageTooLarge`].
pub fn file(bytes: &[u8]) -> Result<Page> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::ImageTooLarge {
            what: format!("{} bytes", bytes.len()),
            limit: format!("{MAX_BYTES} bytes"),
        });
    }
    let format = image::guess_format(bytes)
        .map_err(|_| Error::NotAnImage("its first bytes are of no known format".into()))?;
    if declares_no_pixels(format, bytes) {
        return Err(Error::EmptyImage { width: 0, height: 0 });
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| refusal(&e))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    // 16 bits a channel or floats take more than the pixels let expect
    let bytes_decoded = decoder.total_bytes();
    if bytes_decoded > MAX_ALLOCATION {
        return Err(Error::ImageTooLarge {
            what: format!("{bytes_decoded} bytes when decoded"),
            limit: format!("{MAX_ALLOCATION} bytes"),
        });
    }
    if format == ImageFormat::Jpeg && !jpeg_ends(bytes) {
        return Err(Error::DamagedImage("the file stops before the image ends".into()));
    }
    // an unreadable orientation is no reason to refuse a readable picture
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| refusal(&e))?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    let grey = if picture.color().has_alpha() {
        over_white(picture.into_rgba8().as_raw())
    } else {
        picture.into_luma8().into_raw()
    };
    Page::new(width, height, grey)
}

/// The grey page of a canvas: `data` holds `width * height` pixels of 4 bytes (red, green, blue,
/// alpha, not premultiplied), as `ImageData` does. Transparency is laid over white.
///
/// # Errors
/// [`Error::EmptyImage`], [`Error::ImageTooLarge`], and [`Error::DamagedImage`] for a wrong length.
pub fn rgba(width: u32, height: u32, data: &[u8]) -> Result<Page> {
    check_size(width, height)?;
    if data.len() as u64 != 4 * u64::from(width) * u64::from(height) {
        return Err(Error::DamagedImage(format!("{} bytes for {width} x {height} pixels", data.len())));
    }
    Page::new(width, height, over_white(data))
}

fn check_size(width: u32, height: u32) -> Result<()> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(Error::EmptyImage { width, height });
    }
    if pixels > MAX_PIXELS {
        return Err(Error::ImageTooLarge {
            what: format!("{:.1} megapixels", pixels as f64 / 1e6),
            limit: format!("{} megapixels", MAX_PIXELS / 1_000_000),
        });
    }
    Ok(())
}

/// Luma (Rec. 709, as `image` weighs it) of RGBA pixels on white paper.
fn over_white(rgba: &[u8]) -> Vec<u8> {
    let luma = |p: &[u8; 4]| {
        let luma = (2126 * u32::from(p[0]) + 7152 * u32::from(p[1]) + 722 * u32::from(p[2])) / 10_000;
        let alpha = u32::from(p[3]);
        ((luma * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    rgba.as_chunks::<4>().0.iter().map(luma).collect()
}

/// Decoders call a picture without pixels damaged; it has an error of its own here. The fields are
/// at fixed places in these three headers.
fn declares_no_pixels(format: ImageFormat, bytes: &[u8]) -> bool {
    let zero =
        |from: usize, len: usize| bytes.get(from..from + len).is_some_and(|b| b.iter().all(|v| *v == 0));
    match format {
        ImageFormat::Png => zero(16, 4) || zero(20, 4),
        ImageFormat::Gif => zero(6, 2) || zero(8, 2),
        ImageFormat::Bmp => zero(18, 4) || zero(22, 4),
        _ => false,
    }
}

/// Whether a JPEG has an end-of-image marker behind its first scan. The decoder fills what a
/// truncated file lacks with grey, which would then be compared as if it were signed. A file that is damaged in its
/// middle and has an end is not found out: a strict decoder would, and refuse what some cameras write, too.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker]) = bytes.get(at..at + 2) {
        match marker {
            0xff => at += 1,               // a fill byte
            0x01 | 0xd0..=0xd8 => at += 2, // markers without content
            0xda => return bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]),
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    false
}

fn refusal(error: &ImageError) -> Error {
    match error {
        ImageError::Limits(_) => Error::ImageTooLarge {
            what: "larger in memory than can be held".into(),
            limit: format!("{} MiB", MAX_ALLOCATION >> 20),
        },
        ImageError::Unsupported(_) => Error::NotAnImage(error.to_string()),
        _ => Error::DamagedImage(error.to_string()),
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    const FORMATS: [ImageFormat; 7] = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::Gif,
        ImageFormat::Pnm,
    ];

    /// Left half black, right half white, with some texture so that files have a few kilobytes.
    fn picture() -> DynamicImage {
        let pixel = |x: u32, y: u32| if x < 40 { (x * y % 7) as u8 } else { 255 - (x * y % 5) as u8 };
        DynamicImage::ImageRgb8(RgbImage::from_fn(80, 50, |x, y| Rgb([pixel(x, y); 3])))
    }

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn code(bytes: &[u8]) -> &'static str {
        file(bytes).unwrap_err().code()
    }

    /// A PNG of one black pixel whose header claims another size.
    fn png_claiming(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_luma8(1, 1).write_to(&mut bytes, ImageFormat::Png).unwrap();
        let mut bytes = bytes.into_inner();
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let mut crc = u32::MAX;
        for byte in &bytes[12..29] {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        bytes
    }

    #[test]
    fn every_format_is_read() {
        for format in FORMATS {
            let page = file(&encoded(format)).unwrap();
            assert_eq!((page.width, page.height), (80, 50), "{format:?}");
            assert!(page.grey[25 * 80 + 10] < 20 && page.grey[25 * 80 + 70] > 235, "{format:?}");
        }
    }

    #[test]
    fn what_is_no_image_is_told_apart_from_a_damaged_one() {
        assert_eq!(code(b""), "not-an-image");
        assert_eq!(code(b"%PDF-1.7 and so on"), "not-an-image");
        for format in FORMATS {
            let bytes = encoded(format);
            for part in [0.3, 0.6, 0.9] {
                let cut = &bytes[..(bytes.len() as f64 * part) as usize];
                assert_eq!(code(cut), "damaged-image", "{format:?} cut to {part}");
            }
        }
    }

    #[test]
    fn sizes_are_checked_on_the_header() {
        assert_eq!(code(&png_claiming(10_000, 10_000)), "image-too-large");
        assert_eq!(code(&png_claiming(u32::MAX >> 1, 1)), "image-too-large");
        assert_eq!(code(&png_claiming(0, 0)), "empty-image");
        assert_eq!(code(&png_claiming(0, 7)), "empty-image");
        assert_eq!(code(&vec![0; MAX_BYTES + 1]), "image-too-large");
    }

    #[test]
    fn canvases_are_checked() {
        let code = |w, h, data: &[u8]| rgba(w, h, data).unwrap_err().code();
        assert_eq!(code(0, 0, &[]), "empty-image");
        assert_eq!(code(10_000, 10_000, &[]), "image-too-large");
        assert_eq!(code(2, 2, &[0; 15]), "damaged-image");
    }

    #[test]
    fn transparency_is_white() {
        let page = rgba(3, 1, &[0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 128]).unwrap();
        assert_eq!(page.grey, [255, 0, 127]);
        let mut bytes = Cursor::new(Vec::new());
        let clear = RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0]));
        DynamicImage::ImageRgba8(clear).write_to(&mut bytes, ImageFormat::Png).unwrap();
        assert_eq!(file(&bytes.into_inner()).unwrap().grey, [255; 16]);
    }

    #[test]
    fn the_exif_orientation_is_applied() {
        let mut bytes = Cursor::new(Vec::new());
        JpegEncoder::new(&mut bytes).encode_image(&picture()).unwrap();
        let mut bytes = bytes.into_inner();
        // an APP1 segment behind the first marker: orientation 6, "turn right to view"
        let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let mut segment = vec![0xff, 0xe1];
        segment.extend((exif.len() as u16 + 2).to_be_bytes());
        segment.extend(exif);
        bytes.splice(2..2, segment);
        let page = file(&bytes).unwrap();
        assert_eq!((page.width, page.height), (50, 80));
        // what was left is now above
        assert!(page.grey[10 * 50 + 25] < 20 && page.grey[70 * 50 + 25] > 235);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = file(&bytes);
        }

        #[test]
        fn no_damage_panics(format in 0_usize..7, at in 0.0_f64..1.0, value: u8, cut in 0.1_f64..1.0) {
            let mut bytes = encoded(FORMATS[format]);
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = value;
            bytes.truncate((cut * bytes.len() as f64) as usize);
            let _ = file(&bytes);
        }
    }
}
