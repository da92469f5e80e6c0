//! What the service answers about a request, as far as a job keeps it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::State;
use crate::tree::Picture;

/// The answer to a submit.
#[derive(Clone, Debug, PartialEq)]
pub enum Sent {
    /// `Queued` or `Running`.
    Accepted { handle: Handle, state: State },
    /// `sync`: the result came with it; its pictures are still to be fetched.
    Answered(Box<Answer>),
}

/// What the service's list of requests says of one whose answer was lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    Found(Box<Sent>),
    /// It is not there; within which time it must have begun, where the request said so.
    Absent {
        deadline_ms: Option<i64>,
    },
}

/// Where the service keeps a request; stored as it came, used as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    pub request_id: String,
    pub gateway_request_id: Option<String>,
    pub status_url: String,
    pub response_url: String,
    pub cancel_url: String,
}

/// What a finished request was answered with, as it came, before anything is made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The model's bare output.
    pub body: Value,
    pub request_id: Option<String>,
    /// As the service counted, in the unit of the endpoint's price.
    pub billable_units: Option<f64>,
    /// The endpoint that really answered, where it is not the one that was asked.
    pub served_from: Option<String>,
}

/// What a finished request brought; its pictures are already in the store's media.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub pictures: Vec<Picture>,
    pub seed: Option<u64>,
    pub request_id: Option<String>,
    /// As the service counted, in the unit of the endpoint's price.
    pub billable_units: Option<f64>,
    pub timings: BTreeMap<String, f64>,
    /// The endpoint that really answered, where it is not the one that was asked.
    pub served_from: Option<String>,
    /// The answer exactly as it came.
    pub raw: Value,
}

impl Outcome {
    /// Some pictures of an answer, where the others are given up.
    pub fn of_part(answer: Answer, pictures: Vec<Picture>) -> Self {
        Self {
            pictures,
            seed: answer.body.get("seed").and_then(Value::as_u64),
            request_id: answer.request_id,
            billable_units: answer.billable_units,
            timings: BTreeMap::new(),
            served_from: answer.served_from,
            raw: answer.body,
        }
    }
}

/// What the service said to a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelAnswer {
    Removed,
    Requested,
    TooLate,
    NotFound,
}
