//! The short-lived permission to upload: asked for once, used until it runs out.
//!
//! It uploads nothing. Invariant: the token is marked sensitive and shown in no text.

use std::time::{Duration, SystemTime};

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::Value;
use url::Url;

use super::{Progress, waits};
use crate::fal::Client;
use crate::fal::error::{Error, Kind, Step};
use crate::fal::profile::join;
use crate::fal::wire::{Call, Payload};

/// A token is not used in its last moments.
const LEEWAY: Duration = Duration::from_secs(30);

/// A permission to upload.
#[derive(Clone)]
pub(in crate::fal) struct Leave {
    pub(super) token: HeaderValue,
    /// Where parts go, by the word of the host that gave the token.
    pub(super) base: Option<Url>,
    until: SystemTime,
}

impl Client {
    /// The token, asked for anew when the old one has run out. Others wait for the first asker.
    pub(super) async fn leave(
        &self,
        rest: &Url,
        progress: &mut Progress<'_>,
    ) -> Result<Leave, Error> {
        let mut kept = self.inner.leave.lock().await;
        let soon = SystemTime::now() + LEEWAY;
        if let Some(leave) = kept.as_ref().filter(|leave| leave.until > soon) {
            return Ok(leave.clone());
        }
        let step = Step::UploadToken;
        let mut url = join(rest, "storage/auth/token")?;
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let mut call = Call::new(step, Method::POST, url);
        call.payload = Payload::Json(b"{}".to_vec());
        let reply = self.succeed(&call, &mut waits(progress)).await?;
        let mut leave = Leave::read(&reply.json.unwrap_or_default())
            .ok_or_else(|| Error::new(step, Kind::Protocol, "the answer holds no token"))?;
        leave.base = leave.base.filter(|base| self.is_safe(base));
        *kept = Some(leave.clone());
        Ok(leave)
    }

    pub(super) async fn forget_leave(&self) {
        *self.inner.leave.lock().await = None;
    }
}

impl Leave {
    fn read(body: &Value) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let scheme = text("token_type").unwrap_or("Bearer");
        let mut token = HeaderValue::from_str(&format!("{scheme} {}", text("token")?)).ok()?;
        token.set_sensitive(true);
        let base = text("base_url").and_then(|base| Url::parse(base).ok());
        let expires = text("expires_at").and_then(|at| at.parse::<jiff::Timestamp>().ok());
        let until = expires.map_or(SystemTime::UNIX_EPOCH, SystemTime::from);
        Some(Self { token, base, until })
    }
}
