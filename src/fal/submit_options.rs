//! What can be asked of the service beside the input, as headers and query.
//!
//! Sends nothing. Invariant: options that [`SubmitOptions::check`] accepts can be sent.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use url::Url;

use super::error::{Error, Step};

/// Whether a paid body may be written now; asked once for each try, when its line is there.
pub type Gate = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// A place in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    #[default]
    Normal,
    /// Behind all normal requests, other people's too.
    Low,
}

/// What can be asked for beside the input. The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubmitOptions {
    /// Work must begin within this time, more than one second; it does not bound the work.
    pub start_timeout: Option<Duration>,
    pub priority: Option<Priority>,
    /// Prefer the same machine for requests with the same hint.
    pub hint: Option<String>,
    /// Told when the request completes; queue only.
    pub webhook: Option<Url>,
    /// `Some(false)`: keep no payloads. The result is then gone after minutes.
    pub store_io: Option<bool>,
    /// Refused as busy when so many requests wait already; such a refusal is not tried again.
    pub max_queue_length: Option<u32>,
    /// How long made pictures are kept by the service.
    pub keep_media: Option<Duration>,
    /// Made pictures can be read by the account only.
    pub private: bool,
    /// The platform must not put the request back in the queue by itself.
    pub no_retry: bool,
    /// The platform must not use another endpoint instead.
    pub no_fallback: bool,
    /// Names and values by which the bill can be taken apart.
    pub tags: Vec<(String, String)>,
}

impl SubmitOptions {
    /// Whether the service would take them.
    ///
    /// # Errors
    /// [`super::error::Kind::Refused`], with what is wrong.
    pub fn check(&self) -> Result<(), Error> {
        self.headers(Step::Setup).map(|_| ())
    }

    pub(super) fn ask(&self, url: &mut Url) {
        if let Some(webhook) = &self.webhook {
            url.query_pairs_mut().append_pair("fal_webhook", webhook.as_str());
        }
        if let Some(length) = self.max_queue_length {
            url.query_pairs_mut().append_pair("fal_max_queue_length", &length.to_string());
        }
    }

    /// How made pictures are to be kept, where that is said.
    fn kept(&self) -> Option<Value> {
        let mut wish = Map::new();
        if let Some(time) = self.keep_media {
            wish.insert("expiration_duration_seconds".into(), time.as_secs().max(1).into());
        }
        if self.private {
            wish.insert("initial_acl".into(), json!({ "default": "forbid" }));
        }
        (!wish.is_empty()).then(|| wish.into())
    }

    pub(super) fn headers(&self, step: Step) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, text: &str| {
            let value = HeaderValue::from_str(text).map_err(|_| {
                Error::unsent(step, format!("`{name}` cannot be sent: it holds control characters"))
            })?;
            headers.insert(HeaderName::from_static(name), value);
            Ok::<(), Error>(())
        };
        if let Some(limit) = self.start_timeout {
            if limit <= Duration::from_secs(1) {
                return Err(Error::unsent(step, "the start deadline must be more than one second"));
            }
            // The newer name wins where it is known; the older one is known everywhere.
            let seconds = format!("{:?}", limit.as_secs_f64());
            put("x-fal-request-timeout", &seconds)?;
            put("x-fal-request-start-timeout", &seconds)?;
        }
        match self.priority {
            Some(Priority::Normal) => put("x-fal-queue-priority", "normal")?,
            Some(Priority::Low) => put("x-fal-queue-priority", "low")?,
            None => (),
        }
        if let Some(hint) = &self.hint {
            put("x-fal-runner-hint", hint)?;
        }
        if let Some(store) = self.store_io {
            put("x-fal-store-io", if store { "1" } else { "0" })?;
        }
        if let Some(wish) = self.kept() {
            put("x-fal-object-lifecycle-preference", &wish.to_string())?;
        }
        if self.no_retry {
            put("x-fal-no-retry", "1")?;
        }
        if self.no_fallback {
            put("x-app-fal-disable-fallback", "true")?;
        }
        if !self.tags.is_empty() {
            put("x-fal-tags", &tags(step, &self.tags)?)?;
        }
        Ok(headers)
    }
}

/// The header's text, within the bounds of the service's page on headers: the service drops what it
/// cannot read, and a bill without its tags is found out too late.
fn tags(step: Step, tags: &[(String, String)]) -> Result<String, Error> {
    let refuse = |message: String| Err(Error::unsent(step, message));
    if tags.len() > 10 {
        return refuse(format!("there are {} tags; at most 10 are allowed", tags.len()));
    }
    for (name, value) in tags {
        let plain = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter)
        };
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return refuse(format!(
                "invalid tag `{name}`: use up to 64 of a-z, 0-9, `.`, `_` and `-`"
            ));
        }
        if name.starts_with("fal.") {
            return refuse(format!(
                "tag `{name}` begins with `fal.`, which is reserved for the service"
            ));
        }
        let text = |letter: char| letter.is_ascii_graphic() || letter == ' ';
        let is_value = !value.is_empty() && value.len() <= 256 && value.chars().all(text);
        if !is_value || value.contains([',', '=']) {
            let bounds = "up to 256 plain letters without `,` and `=`";
            return refuse(format!("tag `{name}` needs a value of {bounds}"));
        }
    }
    let pairs: Vec<String> = tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = pairs.join(",");
    if text.len() > 1_024 {
        return refuse(format!("the tags have {} letters; at most 1024 are allowed", text.len()));
    }
    Ok(text)
}
