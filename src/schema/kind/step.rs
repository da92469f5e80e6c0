//! The next and the previous value of numbers and choices.
//!
//! Knows no kinds. Invariant: a number that comes out lies within its limits.

use serde_json::Value;

/// `by` lines on in the grid of `step`, within the limits.
pub(super) fn whole(
    value: Option<&Value>,
    by: i32,
    min: Option<i64>,
    max: Option<i64>,
    step: i64,
) -> Value {
    let step = step.max(1);
    let (least, most) = (min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX));
    let next = match value.and_then(Value::as_i64) {
        Some(number) => number.saturating_add(i64::from(by).saturating_mul(step)),
        None => min.unwrap_or_default(),
    };
    let next = next.min(most).max(least);
    let below = next.saturating_sub(next.rem_euclid(step));
    Value::from(if below < least { below.saturating_add(step) } else { below })
}

/// `by` values on, round and round; `None` where there are none.
pub(super) fn value(options: &[Value], at: Option<&Value>, by: i32) -> Option<Value> {
    let count = i64::try_from(options.len()).ok().filter(|count| *count > 0)?;
    let place = at.and_then(|at| options.iter().position(|option| option == at));
    let place = match place {
        Some(place) => i64::try_from(place).ok()?.saturating_add(by.into()),
        None if by < 0 => count - 1,
        None => 0,
    };
    options.get(usize::try_from(place.rem_euclid(count)).ok()?).cloned()
}

/// `by` lines on in the grid of the step, within the limits.
pub(super) fn number(
    value: Option<&Value>,
    by: i32,
    min: Option<f64>,
    max: Option<f64>,
    step: f64,
) -> Value {
    let next = match value.and_then(Value::as_f64) {
        Some(number) if step > 0.0 && by != 0 => {
            // A number beside the grid goes to the next line first, not past it.
            let place = number / step;
            let line = if by > 0 { (place + 1e-6).floor() } else { (place - 1e-6).ceil() };
            tidy((line + f64::from(by)) * step)
        }
        Some(number) => number,
        None => min.unwrap_or_default(),
    };
    let (least, most) = (min.unwrap_or(f64::MIN), max.unwrap_or(f64::MAX));
    Value::from(next.min(most).max(least))
}

/// Without the dust of binary fractions: 0.15 instead of 0.15000000000000002.
fn tidy(number: f64) -> f64 {
    const GRAIN: f64 = 1e6;
    if number.abs() < 1e9 { (number * GRAIN).round() / GRAIN } else { number }
}

/// Which of the options it is.
pub(super) fn position(options: &[String], value: &Value) -> Option<usize> {
    options.iter().position(|option| value.as_str() == Some(option))
}

/// `by` options on, round and round; `None` where there are none.
pub(super) fn choice(options: &[String], value: Option<&Value>, by: i32) -> Option<Value> {
    let count = i64::try_from(options.len()).ok().filter(|count| *count > 0)?;
    let place = match value.and_then(|value| position(options, value)) {
        Some(place) => i64::try_from(place).ok()?.saturating_add(by.into()),
        None if by < 0 => count - 1,
        None => 0,
    };
    let place = usize::try_from(place.rem_euclid(count)).ok()?;
    options.get(place).cloned().map(Value::from)
}
