//! What editree knows and decides: the model, and `update`, which turns causes into effects.
//!
//! Pure: no IO, no clock, no threads. Each message carries its time; each effect names the events and
//! the one result that answer it. What another kind of screen would not share lives in `ui`.

pub mod action;
pub mod advice;
pub mod compare;
pub mod counted;
mod dispatch;
pub mod draft;
pub mod effect;
pub mod exit_code;
pub mod failure;
mod follow_up;
pub mod found_models;
pub mod hint;
pub mod job;
pub mod job_text;
pub mod log;
pub mod memory;
pub mod message;
pub mod model;
pub mod money;
pub mod notice;
pub mod session;
pub mod tree;
mod update;

use effect::Effect;
use message::Message;
use model::Model;

/// As many hits of a search are listed.
pub const HITS: usize = 100;

/// Below so many decibels outside of its changes a picture is visibly worn.
pub const DEGRADED_BELOW_DB: f64 = 30.0;

/// Below so many a further step would only build on damage.
pub const UNUSABLE_BELOW_DB: f64 = 24.0;

/// From so many on it looks the same.
const SAME_FROM_DB: f64 = 40.0;

/// What is said of pictures that are equal outside of what changed, pixel by pixel.
pub const EQUAL: &str = "equal";

/// What decibels outside of the changes mean, in a word: wherever they are told. From the best on,
/// with the least decibels of each.
pub const GRADES: [(&str, f64); 4] = [
    ("same", SAME_FROM_DB),
    ("good", DEGRADED_BELOW_DB),
    ("degraded", UNUSABLE_BELOW_DB),
    ("unusable", f64::NEG_INFINITY),
];

/// The word for so many decibels; `None`: nothing differs there.
pub fn grade(psnr: Option<f64>) -> &'static str {
    let Some(psnr) = psnr else { return EQUAL };
    let grade = GRADES.iter().find(|(_, least)| psnr >= *least);
    grade.map_or("unusable", |(word, _)| word)
}

/// What to ask for before the first event: the whole tree index, and what adopted jobs need next.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    update::begin(model)
}

/// A key was pressed: what was said before it has been read, or soon will be.
pub fn note_keypress(model: &mut Model) {
    model.session.key_at = model.now;
    model.drop_old_notice();
}

/// The way in which the model changes.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    update::update(model, message)
}
