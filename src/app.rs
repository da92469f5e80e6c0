//! What editree knows and decides: the model, and `update`, which turns causes into effects.
//!
//! Pure: no IO, no clock, no threads. Each cause carries its time; each effect names the news and
//! the one ending that answer it. What another kind of screen would not share lives in `ui`.

pub mod action;
pub mod draft;
pub mod effect;
pub mod failure;
pub mod job;
pub mod log;
pub mod model;
pub mod news;
pub mod notice;

use effect::Effect;
use model::Model;
use news::Cause;

/// The only way in which the model changes.
pub fn update(model: &mut Model, cause: Cause) -> Vec<Effect> {
    let _ = (model, cause);
    Vec::new()
}
