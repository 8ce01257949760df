//! Random changes of a frame that leave the writer the same.
//!
//! In this order, which is the order of the world: the writer (who is made another one), the hand (turn, size, stretch, shear, shift, elastic), the
//! pen (how much of pressure it shows, thickness, gamma, gaps), the lens (blur, camera) and the file (JPEG). Every change has a strength in
//! [`AugmentConfig`]; what is drawn for one image lies between nothing and that strength, and 0 switches the
//! change off. `train preview` shows each on a contact sheet.

mod affine;
mod camera;
mod draw;
mod elastic;
mod new_writer;
mod splice;
mod stroke;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ink::Frame;
pub(crate) use camera::grain;
use draw::Draw;
pub use new_writer::Persona;
pub use splice::splice;

/// Strengths of the augmentations; 0 switches one off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugmentConfig {
    /// Largest rotation of all signatures of a writer together, which makes a new writer, degrees.
    pub writer_rotation: f32,
    /// The same for the logarithm of width against height; the ink fills the frame afterwards.
    pub writer_stretch: f32,
    /// The same for the shear, pixels a pixel.
    pub writer_shear: f32,
    /// The same for the displacement by a smooth random field, as a share of the frame's height.
    pub writer_elastic: f32,
    /// Largest rotation, degrees.
    pub rotation: f32,
    /// Largest relative change of size.
    pub scale: f32,
    /// Largest relative change of width against height.
    pub stretch: f32,
    /// Largest relative change of the width alone.
    pub width: f32,
    /// Largest relative change of the height alone.
    pub height: f32,
    /// Largest horizontal shear, pixels a pixel.
    pub shear: f32,
    /// Largest vertical shear, pixels a pixel.
    pub shear_down: f32,
    /// Largest shift, as a share of the frame's height.
    pub shift: f32,
    /// How often each of those from `rotation` to `shift` changes an image at all, 0 to 1; right and down count for
    /// themselves. Not a strength. With 0.5, and no `scale` and `stretch`, these are the affine distortions of Koch,
    /// Zemel and Salakhutdinov 2015.
    pub affine_share: f32,
    /// Largest displacement by a smooth random field, as a share of the frame's height. With much of it a genuine
    /// signature looks like a forgery.
    pub elastic: f32,
    /// How smooth that field is: the standard deviation of its Gaussian, as a share of the frame's height. Not a
    /// strength; used where `elastic` is above 0.
    pub elastic_smoothness: f32,
    /// Largest change of how much a stroke's darkness shows of its pressure: 1 for pens that show from nothing to twice
    /// as much. For the stage `pressure` alone.
    pub pressure: f32,
    /// Largest blend towards a stroke one pixel thicker or thinner each side.
    pub thickness: f32,
    /// Largest natural logarithm of the exponent on ink.
    pub gamma: f32,
    /// Largest share of the ink that is missing where the pen lifts or runs dry.
    pub gaps: f32,
    /// Largest standard deviation of a Gaussian blur, pixels.
    pub blur: f32,
    /// Worst photograph by a phone, from 0 to 1: light that falls off, and noise.
    pub camera: f32,
    /// Largest loss of quality by JPEG, in points below 100.
    pub jpeg: f32,
}

/// A mild recipe for ink of any pen. What ships is trained by another, `models/countersign/train.toml`.
impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            rotation: 7.0,
            scale: 0.08,
            stretch: 0.08,
            shear: 0.12,
            shift: 0.05,
            thickness: 0.7,
            gamma: 0.3,
            ..Self::off()
        }
    }
}

/// One augmentation: its name in the configuration, its range and its place there.
#[derive(Debug, Clone, Copy)]
pub struct Strength {
    pub name: &'static str,
    /// The largest that [`AugmentConfig::check`] allows.
    pub most: f32,
    /// One that shows what it does and that a scanner, a pen or a phone may well do.
    pub usual: f32,
    field: fn(&mut AugmentConfig) -> &mut f32,
}

/// Every augmentation, in the order in which they are applied.
pub const STRENGTHS: [Strength; 20] = [
    Strength {
        name: "writer_rotation",
        most: 180.0,
        usual: 8.0,
        field: |config| &mut config.writer_rotation,
    },
    Strength { name: "writer_stretch", most: 0.7, usual: 0.25, field: |config| &mut config.writer_stretch },
    Strength { name: "writer_shear", most: 0.7, usual: 0.25, field: |config| &mut config.writer_shear },
    Strength { name: "writer_elastic", most: 0.1, usual: 0.04, field: |config| &mut config.writer_elastic },
    Strength { name: "rotation", most: 45.0, usual: 7.0, field: |config| &mut config.rotation },
    Strength { name: "scale", most: 0.5, usual: 0.08, field: |config| &mut config.scale },
    Strength { name: "stretch", most: 0.5, usual: 0.08, field: |config| &mut config.stretch },
    Strength { name: "width", most: 0.5, usual: 0.08, field: |config| &mut config.width },
    Strength { name: "height", most: 0.5, usual: 0.08, field: |config| &mut config.height },
    Strength { name: "shear", most: 0.5, usual: 0.12, field: |config| &mut config.shear },
    Strength { name: "shear_down", most: 0.5, usual: 0.12, field: |config| &mut config.shear_down },
    Strength { name: "shift", most: 0.25, usual: 0.05, field: |config| &mut config.shift },
    Strength { name: "elastic", most: 0.1, usual: 0.03, field: |config| &mut config.elastic },
    Strength { name: "pressure", most: 1.0, usual: 0.8, field: |config| &mut config.pressure },
    Strength { name: "thickness", most: 1.0, usual: 0.7, field: |config| &mut config.thickness },
    Strength { name: "gamma", most: 1.5, usual: 0.3, field: |config| &mut config.gamma },
    Strength { name: "gaps", most: 0.5, usual: 0.05, field: |config| &mut config.gaps },
    Strength { name: "blur", most: 3.0, usual: 0.7, field: |config| &mut config.blur },
    Strength { name: "camera", most: 1.0, usual: 0.8, field: |config| &mut config.camera },
    Strength { name: "jpeg", most: 95.0, usual: 80.0, field: |config| &mut config.jpeg },
];

impl Strength {
    /// What a configuration sets it to.
    pub fn of(&self, config: &AugmentConfig) -> f32 {
        *(self.field)(&mut config.clone())
    }

    /// This augmentation alone, with the smoothness of `config`.
    pub fn alone(&self, strength: f32, config: &AugmentConfig) -> AugmentConfig {
        let mut alone =
            AugmentConfig { elastic_smoothness: config.elastic_smoothness, ..AugmentConfig::off() };
        *(self.field)(&mut alone) = strength;
        alone
    }
}

impl AugmentConfig {
    /// Whether signatures of a writer are changed together, beyond mirroring.
    pub fn makes_writers(&self) -> bool {
        [self.writer_rotation, self.writer_stretch, self.writer_shear, self.writer_elastic] != [0.0; 4]
    }

    /// Everything switched off.
    pub const fn off() -> Self {
        Self {
            writer_rotation: 0.0,
            writer_stretch: 0.0,
            writer_shear: 0.0,
            writer_elastic: 0.0,
            rotation: 0.0,
            scale: 0.0,
            stretch: 0.0,
            width: 0.0,
            height: 0.0,
            shear: 0.0,
            shear_down: 0.0,
            shift: 0.0,
            affine_share: 1.0,
            elastic: 0.0,
            elastic_smoothness: 0.1,
            pressure: 0.0,
            thickness: 0.0,
            gamma: 0.0,
            gaps: 0.0,
            blur: 0.0,
            camera: 0.0,
            jpeg: 0.0,
        }
    }

    /// Refuses strengths out of range.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] with the name and the range of the first that does not fit.
    pub fn check(&self) -> Result<()> {
        let require = |name: &str, value: f32, least: f32, most: f32| {
            // a comparison with NaN is false
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::InvalidConfig(format!("augment.{name} must be {least} to {most}, not {value}")))
        };
        require("elastic_smoothness", self.elastic_smoothness, 0.02, 1.0)?;
        require("affine_share", self.affine_share, 0.0, 1.0)?;
        for strength in STRENGTHS {
            require(strength.name, strength.of(self), 0.0, strength.most)?;
        }
        let unfolded = elastic::MOST_OF_SMOOTHNESS * self.elastic_smoothness;
        if self.elastic > unfolded {
            return Err(Error::InvalidConfig(format!(
                "augment.elastic must be at most {} x augment.elastic_smoothness = {unfolded:.3}, not {}, or strokes \
                 fold back on themselves",
                elastic::MOST_OF_SMOOTHNESS,
                self.elastic
            )));
        }
        Ok(())
    }
}

/// One augmented copy of `frame` as ink 0 to 1, row by row. `persona` is the caller's, because it must be the same for
/// all signatures of a writer.
pub fn augment(frame: &Frame, config: &AugmentConfig, persona: Persona, rng: &mut ChaCha8Rng) -> Vec<f32> {
    change(frame, config, persona, &mut Draw { rng, full: false })
}

/// [`augment`] with every change as strong as `config` allows, to look at.
pub fn augment_fully(frame: &Frame, config: &AugmentConfig, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let persona = Persona { mirror: [false; 2], seed: rng.random() };
    change(frame, config, persona, &mut Draw { rng, full: true })
}

fn change(frame: &Frame, config: &AugmentConfig, persona: Persona, draw: &mut Draw) -> Vec<f32> {
    let width = frame.width as usize;
    let mut ink = affine::warp(frame, config, persona, draw);
    // what is off draws nothing, so that the rest comes out as before it existed
    if config.pressure > 0.0 {
        stroke::press(&mut ink, width, 1.0 + draw.around(config.pressure));
    }
    stroke::thicken(&mut ink, width, draw.around(config.thickness));
    stroke::darken(&mut ink, draw.around(config.gamma).exp());
    if config.gaps > 0.0 {
        let share = draw.upto(config.gaps);
        stroke::skip(&mut ink, width, share, draw);
    }
    if config.blur > 0.0 {
        ink = stroke::blur(ink, width, draw.upto(config.blur));
    }
    if config.camera > 0.0 {
        let strength = draw.upto(config.camera);
        camera::photograph(&mut ink, width, strength, draw);
    }
    if config.jpeg > 0.0 {
        let loss = draw.upto(config.jpeg);
        camera::jpeg(&mut ink, width, loss, draw);
    }
    ink
}

/// The frame unchanged, as ink 0 to 1, row by row.
pub fn plain(frame: &Frame) -> Vec<f32> {
    frame.density.iter().map(|&density| f32::from(density) / 255.0).collect()
}

#[cfg(test)]
mod tests;
