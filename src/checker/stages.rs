//! A signature on its way through the pipeline, for whoever wants to see it.

use serde::Serialize;

use super::Checker;
use crate::error::Result;
use crate::ink::{self, Ink, Page, Steps};
use crate::verdict::{Area, SeenFrame, as_bytes};
use crate::{device, tensors};

/// A signature as it looks at each stage between the page and a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Stages {
    /// The page as it is worked on: scaled down if large, dark ink on light paper; as it was given for a model
    /// that sees grey pages.
    pub page: SeenPage,
    /// Its ink, without paper, shadows and specks; as large as the page.
    pub ink: SeenFrame,
    /// What the network sees: the ink cropped, centred and redrawn with a pen of one width.
    pub frame: SeenFrame,
    /// Where the frame lies on the page as it was given, in that page's pixels. It may reach beyond the page.
    pub crop: Area,
    /// What the network makes of it; missing for a network that describes whole signatures only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_family = "wasm", tsify(optional))]
    pub map: Option<FeatureMap>,
}

/// A grey picture of a sheet of paper.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct SeenPage {
    pub width: u32,
    pub height: u32,
    /// Row by row, 0 = black, 255 = white.
    #[serde(serialize_with = "as_bytes")]
    #[cfg_attr(target_family = "wasm", tsify(type = "Uint8Array"))]
    pub grey: Vec<u8>,
}

/// One vector for each place of a frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct FeatureMap {
    pub channels: usize,
    pub width: usize,
    pub height: usize,
    /// Channel by channel, each row by row.
    pub values: Vec<f32>,
    /// The root of the mean square over the channels, row by row.
    pub energy: Vec<f32>,
}

impl Checker {
    /// A signature as it looks at each stage on its way to a comparison.
    ///
    /// # Errors
    /// What is wrong with the page; [`crate::Error::DeviceFailed`].
    pub async fn stages(&self, page: &Page) -> Result<Stages> {
        let Steps { working, ink, prepared } = ink::steps(page, self.manifest.input)?;
        let map = self.encode(&prepared).map;
        let [_, channels, height, width] = map.dims();
        let values = tensors::read(map).await?;
        device::check_sound()?;
        let Page { width: page_width, height: page_height, grey, .. } = working;
        let Ink { width: ink_width, height: ink_height, density } = ink;
        Ok(Stages {
            page: SeenPage { width: page_width, height: page_height, grey },
            ink: SeenFrame { width: ink_width, height: ink_height, density },
            frame: prepared.frame.into(),
            crop: prepared.crop.into(),
            map: (width * height > 1).then(|| FeatureMap {
                channels,
                width,
                height,
                energy: energy(&values, width * height),
                values,
            }),
        })
    }
}

/// The root of the mean square over the channels of each of so many cells.
fn energy(values: &[f32], cells: usize) -> Vec<f32> {
    let mut sums = vec![0.0; cells];
    for channel in values.chunks_exact(cells) {
        sums.iter_mut().zip(channel).for_each(|(sum, value)| *sum += value * value);
    }
    let channels = (values.len() / cells).max(1) as f32;
    sums.into_iter().map(|sum| (sum / channels).sqrt()).collect()
}
