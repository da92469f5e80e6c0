//! One request as the simulator knows it, and how much of it is kept.
//!
//! Invariant: what a request has cost is never forgotten.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::account::Access;
use super::hook::Hook;
use super::paint::GroundTruth;
use crate::schema::Usd;

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) endpoint: String,
    pub(super) input: Value,
    pub(super) phase: Phase,
    pub(super) logs: Vec<Value>,
    pub(super) at: String,
    pub(super) started_at: Option<String>,
    pub(super) ended_at: Option<String>,
    pub(super) inference: Option<f64>,
    /// Billed, in the unit of the endpoint's price.
    pub(super) charged: f64,
    /// The same in money; `None` where the price is not known.
    pub(super) cost: Option<Usd>,
    /// What of it was taken, after the discount.
    pub(super) billed: Option<Usd>,
    pub(super) result_reads: u32,
    pub(super) truth: Option<GroundTruth>,
    /// The platform runs it again when its runner fails.
    pub(super) retries: bool,
    /// How its pictures are kept.
    pub(super) keep: Keep,
    /// Payloads are not stored: its result can be read until so long after its end.
    pub(super) unstored: bool,
    pub(super) forgotten_at: Option<Instant>,
    /// Who is to be told of its end.
    pub(super) hook: Option<Hook>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Queued,
    Running,
    Done(Value),
    /// HTTP status and body of the model's own error.
    Failed(u16, Value),
    Cancelled,
}

/// How files are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Keep {
    /// In the service's seconds; `None` for ever.
    pub(super) life: Option<Duration>,
    pub(super) access: Access,
    /// In a bucket of the caller's, whose policy came with the request; or what is wrong with it.
    pub(super) bucket: Option<Result<(), String>>,
}

impl Job {
    /// One that is accepted now, and of which nothing more is known.
    pub(super) fn queued(endpoint: String, input: Value) -> Self {
        Self {
            endpoint,
            input,
            phase: Phase::Queued,
            logs: Vec::new(),
            at: timestamp(),
            started_at: None,
            ended_at: None,
            inference: None,
            charged: 0.0,
            cost: None,
            billed: None,
            result_reads: 0,
            truth: None,
            retries: false,
            keep: Keep::default(),
            unstored: false,
            forgotten_at: None,
            hook: None,
        }
    }

    /// Bytes of what was asked, about.
    pub(super) fn input_weight(&self) -> usize {
        weight(&self.input)
    }

    /// Bytes of what was answered, about.
    pub(super) fn answer_weight(&self) -> usize {
        match &self.phase {
            Phase::Done(answer) | Phase::Failed(_, answer) => weight(answer),
            Phase::Queued | Phase::Running | Phase::Cancelled => 0,
        }
    }

    /// Somebody has had its answer.
    pub(super) fn is_told(&self) -> bool {
        self.result_reads > 0 || self.hook.as_ref().is_some_and(|hook| hook.acknowledged)
    }

    pub(super) fn forget_input(&mut self) {
        (self.input, self.logs, self.truth) = (Value::Null, Vec::new(), None);
    }

    /// From then on its result is not there any more.
    pub(super) fn forget_answer(&mut self) {
        if let Phase::Done(answer) | Phase::Failed(_, answer) = &mut self.phase {
            *answer = Value::Null;
            self.forgotten_at = Some(Instant::now());
        }
    }
}

impl Phase {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Queued => "IN_QUEUE",
            Self::Running => "IN_PROGRESS",
            Self::Done(_) => "COMPLETED",
            Self::Failed(..) => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Done(_) | Self::Failed(..) | Self::Cancelled => true,
        }
    }
}

/// As the service writes it: UTC, microseconds, no zone.
pub(super) fn timestamp() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => fields.values().map(weight).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
