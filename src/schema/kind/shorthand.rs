//! Lists of an address with a strength (`ADDRESS*0.8 ADDRESS`) can be typed without JSON.
//!
//! Invariant: what is written this way reads as the same list again; all others stay JSON.

use serde_json::{Value, json};

use super::{Kind, is_word};

/// What begins like this is JSON.
pub(super) const JSON: [char; 3] = ['[', '{', '\u{22}'];

impl Kind {
    /// Of an object that is an address and a number beside it, the names of both: such a list can
    /// be typed without JSON.
    pub(super) fn shorthand(&self) -> Option<(&str, &str)> {
        let Self::Object { fields, .. } = self else { return None };
        let mut texts =
            fields.iter().filter(|it| it.required && matches!(it.kind, Self::Text { .. }));
        let mut numbers = fields.iter().filter(|it| matches!(it.kind, Self::Number { .. }));
        let (text, number) = (texts.next()?, numbers.next()?);
        let is_plain = texts.next().is_none() && numbers.next().is_none();
        let others = fields.iter().filter(|it| it.required).count() == 1;
        (is_plain && others).then_some((text.name.as_str(), number.name.as_str()))
    }
}

/// `ADDRESS*0.8 ADDRESS` as a list of objects.
pub(super) fn items(name: &str, scale: &str, text: &str) -> Value {
    let item = |word: &str| {
        let parts = word.rsplit_once('*');
        let strength = parts.and_then(|(_, number)| number.parse::<f64>().ok());
        match parts.zip(strength) {
            Some(((address, _), number)) => json!({ name: address, scale: number }),
            None => json!({ name: word }),
        }
    };
    text.split_whitespace().map(item).collect()
}

/// The same typed; `None` where there is more to it.
pub(super) fn typed(name: &str, scale: &str, listed: &[Value]) -> Option<String> {
    let word = |item: &Value| {
        let fields = item.as_object()?;
        let address = fields.get(name)?.as_str().filter(|address| is_word(address))?;
        let strength = fields.get(scale).map(Value::as_f64);
        let is_all = fields.len() == 1 + usize::from(strength.is_some());
        let is_plain = !address.contains('*') && !address.starts_with(JSON) && is_all;
        match strength {
            None => is_plain.then(|| address.to_owned()),
            Some(number) => Some(format!("{address}*{}", number.filter(|_| is_plain)?)),
        }
    };
    Some(listed.iter().map(word).collect::<Option<Vec<_>>>()?.join(" "))
}
