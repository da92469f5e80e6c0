//! Headers of a person's own that go with every paid request, such as the policy of a bucket.
//!
//! Invariant: only the service's own names, which no other host gives a meaning; a value is a secret: it
//! stands in no `Debug` text, and is struck out of whatever a server says.

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::error::{Error, Step};

/// What a name begins with.
const PREFIXES: [&str; 2] = ["x-fal-", "x-app-fal-"];
/// Leads a proxy to another host, where the key would go too.
const NEVER: &str = "x-fal-target-url";
/// Shorter words are no secret, and stand in every text.
const SHORTEST_SECRET: usize = 8;

#[derive(Clone, Default)]
pub struct ExtraHeaders(Vec<(HeaderName, HeaderValue)>);

impl ExtraHeaders {
    /// Names and values; a later one of a name takes the place of the earlier.
    ///
    /// # Errors
    /// What is wrong with the first that cannot be sent; its value is not repeated.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut headers: Vec<(HeaderName, HeaderValue)> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = header(name, value)?;
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
        Ok(Self(headers))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Those that are not there already: what was asked for by an option of its own goes first.
    pub(super) fn put_into(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }

    /// `text` with every value, and every long text inside one, struck out.
    pub(super) fn redact_from(&self, text: &str) -> String {
        let values = self.0.iter().filter_map(|(_, value)| value.to_str().ok());
        let mut secrets: Vec<String> = values.flat_map(texts).collect();
        secrets.retain(|secret| secret.len() >= SHORTEST_SECRET);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "…"))
    }
}

impl fmt::Debug for ExtraHeaders {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.names().map(|name| format!("{name}: …"))).finish()
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let lower = name.trim().to_ascii_lowercase();
    let wrong = |why: &str| Err(Error::unsent(Step::Setup, format!("header `{lower}`: {why}")));
    if !PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
        return wrong("only names that begin with `x-fal-` or `x-app-fal-` are sent");
    }
    if lower == NEVER {
        return wrong("it would lead the request to another host");
    }
    let Ok(name) = HeaderName::try_from(lower.as_str()) else {
        return wrong("the name holds letters that a header cannot have");
    };
    match HeaderValue::from_str(value.trim()) {
        Ok(mut value) if !value.is_empty() => {
            value.set_sensitive(true);
            Ok((name, value))
        }
        Ok(_) => wrong("it has no value"),
        Err(_) => wrong("the value holds control characters"),
    }
}

/// The value as it is, and the texts in it where it is JSON: a server may repeat one of them.
fn texts(value: &str) -> Vec<String> {
    let mut found = vec![value.to_owned()];
    let mut waiting: Vec<Value> = serde_json::from_str(value).into_iter().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(values) => waiting.extend(values),
            Value::Object(fields) => waiting.extend(fields.into_iter().map(|(_, value)| value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_services_own_names_are_taken_and_no_value_is_shown() {
        let policy =
            r#"{"url":"https://b.s3.amazonaws.com/","fields":{"x-amz-signature":"c0ffee11"}}"#;
        let pairs = [("X-App-Fal-Upload-Policy", policy), ("x-fal-something", "1")];
        let headers = ExtraHeaders::new(pairs).unwrap();
        let shown = format!("{headers:?}");
        assert!(shown.contains("x-app-fal-upload-policy") && !shown.contains("c0ffee"), "{shown}");
        let echo = headers.redact_from(&format!("bad {policy}; signature c0ffee11; part 1"));
        assert_eq!(echo, "bad …; signature …; part 1");
        for (name, value) in [
            ("authorization", "Key x"),
            ("cookie", "a=b"),
            ("x-fal-target-url", "https://elsewhere"),
            ("x-fal-a b", "1"),
            ("x-fal-a", "a\nb"),
            ("x-fal-a", " "),
            ("x-app-other", "1"),
        ] {
            let error = ExtraHeaders::new([(name, value)]).unwrap_err();
            assert!(error.message.contains("header `"), "{error}");
            assert!(!error.message.contains("elsewhere"), "{error}");
        }
    }
}
