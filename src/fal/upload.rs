//! Bringing a file to where the model can read it.
//!
//! Two ways: a token and one `POST` to the CDN, as the Python client does; or, if that fails,
//! an address to `PUT` to, as the JavaScript client does. Files above 100 MiB are refused: they
//! would need to be sent in parts. Invariant: the key goes to the rest host only, the token to
//! the CDN only, and the address to `PUT` to gets neither.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::Client;
use super::error::{Error, Kind, Step};
use super::profile::{is_loopback, join};
use super::wire::{Call, Carry, Happening, Payload, Reply};

/// The largest file that is sent in one piece (protocol §6.6).
const LARGEST: usize = 100 << 20;
/// A token is not used in its last moments.
const LEEWAY: Duration = Duration::from_secs(30);

/// A permission to upload.
#[derive(Clone)]
pub(super) struct Leave {
    token: HeaderValue,
    until: SystemTime,
}

/// A file on its way.
struct Parcel {
    bytes: Arc<Vec<u8>>,
    name: String,
    mime: HeaderValue,
}

impl Client {
    /// Uploads a file and returns its address, which anyone who knows it can read. `progress`
    /// hears the bytes sent and their total; it starts over when a try is repeated.
    ///
    /// # Errors
    /// [`Kind::Refused`] when the profile has nowhere to upload to, [`Kind::TooLarge`] above
    /// 100 MiB, [`Kind::Auth`], and network or service failures after both ways were tried.
    pub async fn upload(
        &self,
        bytes: Vec<u8>,
        file_name: &str,
        mime: &str,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<String, Error> {
        let step = Step::Upload;
        let Some(rest) = &self.settings().hosts.rest else {
            let message = "this profile has no upload host; send the picture as a data URI";
            return Err(Error::unsent(step, message));
        };
        if bytes.len() > LARGEST {
            let message = format!("the file has {} bytes, {LARGEST} can be sent", bytes.len());
            return Err(Error::new(step, Kind::TooLarge, message));
        }
        let mime = HeaderValue::from_str(mime)
            .map_err(|_| Error::unsent(step, format!("`{mime}` is no media type")))?;
        let parcel = Parcel { bytes: Arc::new(bytes), name: plain_name(file_name), mime };
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
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<String, Error> {
        let mut reply = self.post_to_cdn(self.leave(rest).await?, parcel, progress).await?;
        if matches!(reply.status, 401 | 403) {
            // The token was withdrawn before its time.
            *self.inner.leave.lock().await = None;
            reply = self.post_to_cdn(self.leave(rest).await?, parcel, progress).await?;
        }
        if !reply.is_success() {
            let mut error = super::refusal::error(Step::Upload, &reply);
            if error.kind == Kind::Auth {
                // It is the token that was turned away, not the key.
                error.kind = Kind::Refused;
            }
            return Err(self.struck(error));
        }
        self.address_in(Step::Upload, &reply, "access_url").map(String::from)
    }

    async fn post_to_cdn(
        &self,
        leave: Leave,
        parcel: &Parcel,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Reply, Error> {
        let url = join(&self.settings().hosts.cdn, "files/upload")?;
        let mut call = parcel.call(Method::POST, url);
        call.carry = Carry::Token(leave.token);
        if let Ok(name) = HeaderValue::from_str(&parcel.name) {
            call.headers.insert(HeaderName::from_static("x-fal-file-name"), name);
        }
        self.exchange(&call, &mut parcel.report(progress)).await
    }

    /// The token, asked for anew when the old one has run out.
    async fn leave(&self, rest: &Url) -> Result<Leave, Error> {
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
        let reply = self.succeed(&call, &mut |_| ()).await?;
        let leave = Leave::read(&reply.json.unwrap_or_default())
            .ok_or_else(|| Error::new(step, Kind::Protocol, "the answer holds no token"))?;
        *kept = Some(leave.clone());
        Ok(leave)
    }

    async fn upload_by_address(
        &self,
        rest: &Url,
        parcel: &Parcel,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<String, Error> {
        let step = Step::UploadStart;
        let mut url = join(rest, "storage/upload/initiate")?;
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let mut call = Call::new(step, Method::POST, url);
        let mime = parcel.mime.to_str().unwrap_or_default();
        let wish = json!({"content_type": mime, "file_name": parcel.name});
        call.payload = Payload::Json(wish.to_string().into_bytes());
        let reply = self.succeed(&call, &mut |_| ()).await?;
        let file = self.address_in(step, &reply, "file_url")?;
        let target = self.address_in(step, &reply, "upload_url")?;
        let mut call = parcel.call(Method::PUT, target);
        call.carry = Carry::Nothing;
        call.wants_json = false;
        self.succeed(&call, &mut parcel.report(progress)).await?;
        Ok(file.into())
    }

    /// An address in an answer: https, or http within loopback profiles.
    fn address_in(&self, step: Step, reply: &Reply, name: &str) -> Result<Url, Error> {
        let text = reply.json.as_ref().and_then(|body| body.get(name)?.as_str());
        let url = text.and_then(|text| Url::parse(text).ok());
        let near = |url: &Url| self.settings().hosts.are_loopback() && is_loopback(url);
        url.filter(|url| url.scheme() == "https" || url.scheme() == "http" && near(url)).ok_or_else(
            || {
                let message = format!("the answer holds no usable `{name}`");
                Error::new(step, Kind::Protocol, message)
            },
        )
    }
}

impl Parcel {
    fn call(&self, method: Method, url: Url) -> Call {
        let mut call = Call::new(Step::Upload, method, url);
        call.payload = Payload::File { bytes: Arc::clone(&self.bytes), mime: self.mime.clone() };
        call
    }

    fn report<'a>(
        &self,
        progress: &'a mut (dyn FnMut(u64, u64) + Send),
    ) -> impl FnMut(Happening) + Send + use<'a> {
        let total = self.bytes.len() as u64;
        move |happening| match happening {
            Happening::Sent(sent) => progress(sent, total),
            Happening::Waiting(_) => progress(0, total),
        }
    }
}

impl Leave {
    fn read(body: &Value) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let scheme = text("token_type").unwrap_or("Bearer");
        let mut token = HeaderValue::from_str(&format!("{scheme} {}", text("token")?)).ok()?;
        token.set_sensitive(true);
        let expires = text("expires_at").and_then(|at| at.parse::<jiff::Timestamp>().ok());
        Some(Self { token, until: expires.map_or(SystemTime::UNIX_EPOCH, SystemTime::from) })
    }
}

/// A file as text inside the input, for small ones.
pub fn data_uri(bytes: &[u8], mime: &str) -> String {
    format!("data:{mime};base64,{}", base64_simd::STANDARD.encode_to_string(bytes))
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
