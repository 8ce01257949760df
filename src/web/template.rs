//! What JavaScript learns of a template.

use serde::Serialize;
use tsify::Tsify;

use crate::template::Template;

/// What a template holds.
#[derive(Serialize, Tsify)]
pub struct TemplateInfo {
    /// Identity of the model that made it; no other reads it.
    model: String,
    /// How many signatures were enrolled.
    references: usize,
}

impl TemplateInfo {
    pub fn of(template: &Template) -> Self {
        Self { model: template.model.clone(), references: template.references.len() }
    }
}
