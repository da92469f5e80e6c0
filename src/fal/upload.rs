//! Bringing a file to where the model can read it.
//!
//! Two ways: a token for the CDN, as the Python client has it; or, when that is closed, an address
//! to `PUT` to, as the JavaScript client does. Large files go in parts, several at once, either
//! way. It remembers nothing but the token. Invariant: the key goes to the rest host only, the
//! token to the CDN only, and the address to `PUT` to gets neither.
//!
//! ```text
//!  token ─► POST the file                 │ closed? ─► initiate ─► PUT the file
//!        └► open, PUT parts, complete     │            └► initiate, PUT parts, complete
//! ```

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;
use url::Url;

use super::Client;
use super::error::Waiting;
use super::error::{Error, Kind, Step};
use super::http::{Call, CallEvent, Credential, Payload, Reply};
use super::profile::{is_loopback, join};

mod parts;
mod token;

pub(super) use token::UploadToken;

/// A file to upload.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// A path's last part is enough; letters that no address can carry are replaced.
    pub name: &'a str,
    /// Its media type.
    pub mime: &'a str,
    /// How long the service keeps it; `None`: as the account has it, usually for ever.
    pub keep: Option<Duration>,
}

/// What an upload says on the way.
#[derive(Clone, Debug, PartialEq)]
pub enum UploadEvent {
    /// So many bytes have left; falls back when a try is repeated.
    Sent { bytes: u64, total: u64 },
    /// Trouble on the line; it goes on by itself.
    Waiting(Waiting),
}

/// Who listens to it.
type Progress<'a> = dyn FnMut(UploadEvent) + Send + 'a;

/// A file on its way.
#[derive(Clone)]
struct Parcel {
    bytes: Arc<Vec<u8>>,
    name: String,
    mime: HeaderValue,
    lifecycle: Option<HeaderValue>,
}

impl Client {
    /// As [`Client::upload_file`], kept as long as the account has it. `progress` hears the bytes
    /// sent and their total.
    ///
    /// # Errors
    /// As [`Client::upload_file`].
    pub async fn upload(
        &self,
        bytes: Vec<u8>,
        name: &str,
        mime: &str,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<String, Error> {
        let on = |event| match event {
            UploadEvent::Sent { bytes, total } => progress(bytes, total),
            UploadEvent::Waiting(_) => (),
        };
        self.upload_file(bytes, File { name, mime, keep: None }, on).await
    }

    /// Uploads a file and returns its address, which anyone who knows it can read.
    ///
    /// # Errors
    /// [`Kind::Refused`] when the profile has nowhere to upload to, [`Kind::Auth`],
    /// [`Kind::TooLarge`], and network or service failures after both ways were tried.
    pub async fn upload_file(
        &self,
        bytes: Vec<u8>,
        file: File<'_>,
        mut progress: impl FnMut(UploadEvent) + Send,
    ) -> Result<String, Error> {
        let Some(rest) = &self.settings().hosts.rest else {
            let message = "this profile has no upload host; send the picture as a data URI";
            return Err(Error::unsent(Step::Upload, message));
        };
        let parcel = Parcel::new(bytes, file)?;
        match self.upload_by_token(rest, &parcel, &mut progress).await {
            Ok(url) => Ok(url),
            // The same key will not do better the other way.
            Err(error) if matches!(error.kind, Kind::Auth | Kind::Account | Kind::TooLarge) => {
                Err(error)
            }
            Err(first) => match self.upload_by_address(rest, &parcel, &mut progress).await {
                Ok(url) => Ok(url),
                Err(second) if second.kind == Kind::NotFound => Err(first),
                Err(second) => Err(second),
            },
        }
    }

    async fn upload_by_token(
        &self,
        rest: &Url,
        parcel: &Parcel,
        progress: &mut Progress<'_>,
    ) -> Result<String, Error> {
        let token = self.token(rest, progress).await?;
        match self.send_with(&token, parcel, progress).await {
            Err(error) if matches!(error.status, Some(401 | 403)) => {
                // The token was withdrawn before its time; it is the token, not the key.
                self.forget_token().await;
                let token = self.token(rest, progress).await?;
                let sent = self.send_with(&token, parcel, progress).await;
                sent.map_err(|error| match error.kind {
                    Kind::Auth => Error { kind: Kind::Refused, ..error },
                    _ => error,
                })
            }
            sent => sent,
        }
    }

    async fn send_with(
        &self,
        token: &UploadToken,
        parcel: &Parcel,
        progress: &mut Progress<'_>,
    ) -> Result<String, Error> {
        if self.settings().cut.applies(parcel.bytes.len()) {
            return self.send_parts_by_token(token, parcel, progress).await;
        }
        let url = join(&self.settings().hosts.cdn, "files/upload")?;
        let mut call = parcel.call(Method::POST, url);
        call.carry = Credential::Token(token.token.clone());
        parcel.describe(&mut call);
        let reply = self.succeed(&call, &mut parcel.report(progress)).await?;
        self.address_in(Step::Upload, &reply, "access_url").map(String::from)
    }

    async fn upload_by_address(
        &self,
        rest: &Url,
        parcel: &Parcel,
        progress: &mut Progress<'_>,
    ) -> Result<String, Error> {
        let step = Step::UploadStart;
        let in_parts = self.settings().cut.applies(parcel.bytes.len());
        let route = if in_parts { "initiate-multipart" } else { "initiate" };
        let mut url = join(rest, &format!("storage/upload/{route}"))?;
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let mut call = Call::new(step, Method::POST, url);
        let mime = parcel.mime.to_str().unwrap_or_default();
        let wish = json!({"content_type": mime, "file_name": parcel.name});
        call.payload = Payload::Json(wish.to_string().into_bytes());
        parcel.limit_life(&mut call);
        let reply = self.succeed(&call, &mut waits(progress)).await?;
        let file = self.address_in(step, &reply, "file_url")?;
        let target = self.address_in(step, &reply, "upload_url")?;
        if in_parts {
            self.send_parts_to(&target, parcel, progress).await?;
            return Ok(file.into());
        }
        let mut call = parcel.call(Method::PUT, target);
        call.carry = Credential::Nothing;
        call.wants_json = false;
        self.succeed(&call, &mut parcel.report(progress)).await?;
        Ok(file.into())
    }

    /// An address in an answer: https, or http within loopback profiles.
    fn address_in(&self, step: Step, reply: &Reply, name: &str) -> Result<Url, Error> {
        let text = reply.json.as_ref().and_then(|body| body.get(name)?.as_str());
        let url = text.and_then(|text| Url::parse(text).ok());
        url.filter(|url| self.is_safe(url)).ok_or_else(|| {
            let message = format!("the answer holds no usable `{name}`");
            Error::new(step, Kind::Protocol, message)
        })
    }

    fn is_safe(&self, url: &Url) -> bool {
        let near = self.settings().hosts.are_loopback() && is_loopback(url);
        url.scheme() == "https" || url.scheme() == "http" && near
    }
}

impl Parcel {
    fn new(bytes: Vec<u8>, file: File<'_>) -> Result<Self, Error> {
        let mime = HeaderValue::from_str(file.mime).map_err(|_| {
            Error::unsent(Step::Upload, format!("`{}` is not a media type", file.mime))
        })?;
        let lifecycle = file.keep.and_then(|time| HeaderValue::try_from(lifecycle(time)).ok());
        Ok(Self { bytes: Arc::new(bytes), name: plain_name(file.name), mime, lifecycle })
    }

    /// All of it in one call.
    fn call(&self, method: Method, url: Url) -> Call {
        let mut call = Call::new(Step::Upload, method, url);
        let mime = Some(self.mime.clone());
        let range = 0..self.bytes.len();
        call.payload = Payload::File { bytes: Arc::clone(&self.bytes), range, mime };
        call
    }

    /// What the CDN wants to know of a file.
    fn describe(&self, call: &mut Call) {
        if let Ok(name) = HeaderValue::from_str(&self.name) {
            call.headers.insert(HeaderName::from_static("x-fal-file-name"), name);
        }
        self.limit_life(call);
    }

    /// Both names: the service's clients send one or the other.
    fn limit_life(&self, call: &mut Call) {
        for name in ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"] {
            if let Some(lifecycle) = &self.lifecycle {
                call.headers.insert(HeaderName::from_static(name), lifecycle.clone());
            }
        }
    }

    fn report<'a, 'b>(
        &self,
        progress: &'a mut Progress<'b>,
    ) -> impl FnMut(CallEvent) + Send + use<'a, 'b> {
        let total = self.bytes.len() as u64;
        move |happening| match happening {
            CallEvent::Sent(bytes) => progress(UploadEvent::Sent { bytes, total }),
            CallEvent::Waiting(waiting) => {
                progress(UploadEvent::Sent { bytes: 0, total });
                progress(UploadEvent::Waiting(waiting));
            }
        }
    }
}

/// For a call that carries no file.
fn waits<'a, 'b>(progress: &'a mut Progress<'b>) -> impl FnMut(CallEvent) + Send + use<'a, 'b> {
    move |happening| match happening {
        CallEvent::Sent(_) => (),
        CallEvent::Waiting(waiting) => progress(UploadEvent::Waiting(waiting)),
    }
}

/// The header that bounds how long the service keeps a file.
fn lifecycle(time: Duration) -> String {
    json!({"expiration_duration_seconds": time.as_secs().max(1)}).to_string()
}

/// A file as text inside the input, for small ones.
pub fn data_uri(bytes: &[u8], mime: &str) -> String {
    format!("data:{mime};base64,{}", base64_simd::STANDARD.encode_to_string(bytes))
}

/// Whether a file of this many bytes is better sent inside the input: a third more bytes, but one
/// round trip less. At 48 KiB the 16 KiB more take as long as a round trip of 130 ms on a line of
/// 1 Mbit/s; the service's pages advise data URIs for small files only.
pub fn is_cheaper_inside(bytes: usize) -> bool {
    bytes <= 48 << 10
}

/// The last part of the name, in letters that a header and an address can carry.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let keep = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let plain: String =
        last.chars().map(|letter| if keep(letter) { letter } else { '_' }).collect();
    let short = plain.get(plain.len().saturating_sub(120)..).unwrap_or_default();
    match short.trim_matches(['.', '_']) {
        "" => "upload.bin".to_owned(),
        name => name.to_owned(),
    }
}
