//! Equal error rate as a metric of the training display.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Tensor, TensorReadError};
use burn_train::ItemLazy;
use burn_train::metric::{
    Adaptor, LossInput, Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes,
    NumericEntry, SerializedEntry,
};

use super::corpus::Set;
use crate::evaluate::metrics::equal_error_rate;

/// Name of [`EqualErrorRate`]; that of one set has the set's name after a space.
pub(super) const EER: &str = "EER";
/// Name of burn-train's metric of the loss.
pub(super) const LOSS: &str = "Loss";

/// A compared pair: two genuine signatures of a writer, or one and whatever is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairScore {
    pub set: Set,
    pub genuine: bool,
    pub score: f32,
}

/// What a step gives to the display.
#[derive(Debug, Clone)]
pub struct Scored {
    pub loss: Tensor<1>,
    pub scores: Vec<PairScore>,
}

impl ItemLazy for Scored {
    fn sync(self) -> Result<Self, burn::tensor::ExecutionError> {
        self.loss.device().flush()?;
        Ok(Self { loss: self.loss.without_autodiff(), scores: self.scores })
    }
}

impl Adaptor<LossInput> for Scored {
    fn adapt(&self) -> LossInput {
        LossInput::new(self.loss.clone())
    }
}

impl Adaptor<Vec<PairScore>> for Scored {
    fn adapt(&self) -> Vec<PairScore> {
        self.scores.clone()
    }
}

/// Equal error rate in per cent against one reference, of one set or the mean of all sets: of skilled forgeries, and of
/// signatures of strangers where a writer has no forgeries.
#[derive(Debug, Clone)]
pub struct EqualErrorRate {
    name: MetricName,
    only: Option<Set>,
    scores: BTreeMap<Set, [Vec<f64>; 2]>,
}

impl EqualErrorRate {
    /// The metric of `set`; of all sets for `None`.
    pub fn new(set: Option<Set>) -> Self {
        let name = set.map_or_else(|| EER.to_string(), |set| format!("{EER} {set}"));
        Self { name: Arc::new(name), only: set, scores: BTreeMap::new() }
    }

    fn value_now(&self) -> f64 {
        let rates: Vec<f64> =
            self.scores.values().filter_map(|[genuine, forged]| equal_error_rate(genuine, forged)).collect();
        100.0 * rates.iter().sum::<f64>() / rates.len() as f64
    }
}

impl Metric for EqualErrorRate {
    type Input = Vec<PairScore>;

    fn update(
        &mut self,
        input: &Self::Input,
        _: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        for pair in input.iter().filter(|pair| self.only.is_none_or(|set| set == pair.set)) {
            self.scores.entry(pair.set).or_default()[usize::from(!pair.genuine)].push(f64::from(pair.score));
        }
        Ok(SerializedEntry::not_available(Some("%")))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        let rate = self.value_now();
        Ok(SerializedEntry::new(format!("{rate:.2} %"), rate.to_string()))
    }

    fn clear(&mut self) {
        self.scores.clear();
    }

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes { unit: Some("%".into()), higher_is_better: false }.into()
    }
}

impl Numeric for EqualErrorRate {
    fn value(&self) -> Option<NumericEntry> {
        None
    }

    fn running_value(&self) -> Option<NumericEntry> {
        None
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(self.value_now())
    }
}
