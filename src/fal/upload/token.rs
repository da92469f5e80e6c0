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
use crate::fal::http::{Call, Payload};
use crate::fal::profile::join;

/// A token is not used in its last moments.
const LEEWAY: Duration = Duration::from_secs(30);

/// A permission to upload.
#[derive(Clone)]
pub(in crate::fal) struct UploadToken {
    pub(super) token: HeaderValue,
    /// Where parts go, by the word of the host that gave the token.
    pub(super) base: Option<Url>,
    until: SystemTime,
}

impl Client {
    /// The token, asked for anew when the old one has run out. Others wait for the first asker.
    pub(super) async fn token(
        &self,
        rest: &Url,
        progress: &mut Progress<'_>,
    ) -> Result<UploadToken, Error> {
        let mut kept = self.inner.token.lock().await;
        let soon = SystemTime::now() + LEEWAY;
        if let Some(token) = kept.as_ref().filter(|token| token.until > soon) {
            return Ok(token.clone());
        }
        let step = Step::UploadToken;
        let mut url = join(rest, "storage/auth/token")?;
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let mut call = Call::new(step, Method::POST, url);
        call.payload = Payload::Json(b"{}".to_vec());
        let reply = self.succeed(&call, &mut waits(progress)).await?;
        let mut token = UploadToken::read(&reply.json.unwrap_or_default())
            .ok_or_else(|| Error::new(step, Kind::Protocol, "the answer holds no token"))?;
        token.base = token.base.filter(|base| self.is_safe(base));
        *kept = Some(token.clone());
        Ok(token)
    }

    pub(super) async fn forget_token(&self) {
        *self.inner.token.lock().await = None;
    }
}

impl UploadToken {
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
