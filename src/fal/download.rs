//! Fetching a picture from wherever it lies.
//!
//! It does not look into pictures. Invariant: neither key nor cookie is sent, and what arrives
//! is whole or an error. A paid picture is never refused because of its host.

use std::borrow::Cow;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use reqwest::{Method, Response};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::Client;
use super::error::Waiting;
use super::error::{Error, Kind, Step};
use super::error_body;
use super::http::{Call, Credential, Reply, header, host};
use super::profile::is_loopback;
use super::retry::{Decision, Outcome, asked_for, decide};

/// What a download may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadLimits {
    pub bytes: u64,
    /// One try with everything.
    pub time: Duration,
    pub redirects: u32,
}

impl Default for DownloadLimits {
    fn default() -> Self {
        Self { bytes: 256 << 20, time: Duration::from_secs(300), redirects: 5 }
    }
}

/// What arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    pub bytes: u64,
    /// The media type the server gave; not to be relied on.
    pub mime: Option<String>,
}

/// A try that failed, and whether another may help.
struct Failed {
    error: Box<Error>,
    outcome: Option<Outcome>,
}

impl Client {
    /// Fetches into memory, trying again on trouble.
    ///
    /// # Errors
    /// [`Kind::Refused`] for an address that is not https (http on loopback, for loopback
    /// profiles) or leads astray, [`Kind::Gone`] when it is not there, [`Kind::TooLarge`],
    /// [`Kind::Network`], [`Kind::Protocol`] for a bad data URI.
    pub async fn download_bytes(
        &self,
        url: &str,
        limits: &DownloadLimits,
    ) -> Result<Vec<u8>, Error> {
        self.download_watched(url, limits, |_| ()).await
    }

    /// As [`Client::download_bytes`], and says when it waits for another try.
    ///
    /// # Errors
    /// As [`Client::download_bytes`].
    pub async fn download_watched(
        &self,
        url: &str,
        limits: &DownloadLimits,
        mut on: impl FnMut(Waiting) + Send,
    ) -> Result<Vec<u8>, Error> {
        let mut attempt = 1;
        loop {
            let mut bytes = Vec::new();
            match self.fetch(url, limits, &mut bytes).await {
                Ok(_) => return Ok(bytes),
                Err(failed) => self.pause(failed, attempt, &mut on).await?,
            }
            attempt += 1;
        }
    }

    /// Fetches into `sink` in one try; after an error the sink may hold a part.
    ///
    /// # Errors
    /// As [`Client::download_bytes`]; [`Kind::Refused`] when the sink fails.
    pub async fn download(
        &self,
        url: &str,
        limits: &DownloadLimits,
        sink: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<Downloaded, Error> {
        self.fetch(url, limits, sink).await.map_err(|failed| *failed.error)
    }

    async fn pause(
        &self,
        failed: Failed,
        attempt: u32,
        on: &mut (impl FnMut(Waiting) + Send),
    ) -> Result<(), Error> {
        let Some(outcome) = failed.outcome else {
            return Err(*failed.error);
        };
        let after = match decide(Step::Download, attempt, &outcome, fastrand::f32()) {
            Decision::Again { after } if asked_for(&outcome).is_some() => after,
            Decision::Again { after } => self.settings().paced(after),
            Decision::GiveUp | Decision::Unknown => return Err(*failed.error),
        };
        let Error { step, kind, message: reason, .. } = *failed.error;
        on(Waiting { step, kind, reason, attempt, after });
        sleep(after).await;
        Ok(())
    }

    async fn fetch(
        &self,
        url: &str,
        limits: &DownloadLimits,
        sink: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<Downloaded, Failed> {
        if let Some(rest) = strip_scheme(url) {
            let (bytes, mime) =
                decode(rest).ok_or_else(|| fault(Kind::Protocol, "the data URI is damaged"))?;
            within(bytes.len() as u64, limits)?;
            write(sink, &bytes).await?;
            let bytes = bytes.len() as u64;
            return Ok(Downloaded { bytes, mime });
        }
        let deadline = Instant::now() + limits.time;
        let response = self.reach(url, limits, deadline).await?;
        self.pour(response, limits, deadline, sink).await
    }

    /// Follows redirects by hand, so that each stop is checked.
    async fn reach(
        &self,
        url: &str,
        limits: &DownloadLimits,
        deadline: Instant,
    ) -> Result<Response, Failed> {
        let mut url = Url::parse(url)
            .map_err(|_| fault(Kind::Refused, "the picture has no usable address"))?;
        let mut hops = 0;
        loop {
            self.allow(&url)?;
            let mut call = Call::new(Step::Download, Method::GET, url.clone());
            call.carry = Credential::Nothing;
            let opened = self.open(&call, &url, deadline, &mut |_| ()).await;
            let response = opened.map_err(|broken| Failed {
                error: Box::new(self.redacted(Error::new(
                    Step::Download,
                    broken.kind,
                    broken.message,
                ))),
                outcome: Some(broken.outcome),
            })?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            if !status.is_redirection() {
                return Err(self.refused(&response, &url));
            }
            hops += 1;
            if hops > limits.redirects {
                return Err(fault(Kind::Refused, "the picture's address leads on and on"));
            }
            let to = header(response.headers(), LOCATION.as_str());
            url = to
                .and_then(|to| url.join(to).ok())
                .ok_or_else(|| fault(Kind::Protocol, "a redirect leads nowhere"))?;
        }
    }

    fn allow(&self, url: &Url) -> Result<(), Failed> {
        let near = self.settings().hosts.are_loopback() && is_loopback(url);
        if url.scheme() == "https" || url.scheme() == "http" && near {
            return Ok(());
        }
        let message = format!("`{}://{}` is not https", url.scheme(), host(url));
        Err(fault(Kind::Refused, message))
    }

    /// The error of an answer whose body does not matter: it is some store's page.
    fn refused(&self, response: &Response, url: &Url) -> Failed {
        let reply = Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: Vec::new(),
            json: None,
        };
        let mut error = error_body::error(Step::Download, &reply);
        // A store that turns us away knows nothing of keys.
        error.kind = match reply.status {
            401 | 403 => Kind::Refused,
            404 | 410 => Kind::Gone,
            _ => error.kind,
        };
        if error.kind == Kind::Gone && !self.is_stored_there(url.as_str()) {
            // A bucket of one's own gets its pictures after the answer.
            error.message = format!("`{}` does not have the picture (yet)", host(url));
        }
        Failed {
            error: Box::new(self.redacted(error)),
            outcome: Some(Outcome::Answered(error_body::verdict(&reply))),
        }
    }

    async fn pour(
        &self,
        mut response: Response,
        limits: &DownloadLimits,
        deadline: Instant,
        sink: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<Downloaded, Failed> {
        let text = |name: &str| header(response.headers(), name).map(str::to_owned);
        let mime = text(CONTENT_TYPE.as_str());
        let promised = text(CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<u64>().ok());
        within(promised.unwrap_or(0), limits)?;
        let from = response.url().clone();
        let mut bytes = 0;
        loop {
            let by = deadline.min(Instant::now() + self.settings().limits.idle);
            let piece = timeout_at(by, response.chunk()).await;
            let piece = piece.map_err(|_| lost("the picture did not arrive in time"))?;
            let piece = piece.map_err(|error| lost(self.broken_off(&error, &from).message))?;
            let Some(piece) = piece else { break };
            bytes += piece.len() as u64;
            within(bytes, limits)?;
            write(sink, &piece).await?;
        }
        sink.flush().await.map_err(|error| unwritten(&error))?;
        if promised.is_some_and(|promised| promised != bytes) {
            return Err(lost("the picture is shorter than it should be"));
        }
        Ok(Downloaded { bytes, mime })
    }
}

fn within(bytes: u64, limits: &DownloadLimits) -> Result<(), Failed> {
    if bytes <= limits.bytes {
        return Ok(());
    }
    let message = format!("the picture is larger than {} bytes", limits.bytes);
    Err(fault(Kind::TooLarge, message))
}

async fn write(sink: &mut (impl AsyncWrite + Unpin + Send), bytes: &[u8]) -> Result<(), Failed> {
    sink.write_all(bytes).await.map_err(|error| unwritten(&error))
}

fn unwritten(error: &std::io::Error) -> Failed {
    fault(Kind::Refused, format!("the picture could not be written: {error}"))
}

fn fault(kind: Kind, message: impl Into<String>) -> Failed {
    let error = Box::new(Error::new(Step::Download, kind, message));
    Failed { error, outcome: None }
}

fn lost(message: impl Into<String>) -> Failed {
    let error = Box::new(Error::new(Step::Download, Kind::Network, message));
    let outcome = Some(Outcome::Lost);
    Failed { error, outcome }
}

fn strip_scheme(url: &str) -> Option<&str> {
    let scheme = url.get(..5)?;
    scheme.eq_ignore_ascii_case("data:").then(|| url.get(5..))?
}

/// The bytes and the media type of what follows `data:`.
fn decode(rest: &str) -> Option<(Vec<u8>, Option<String>)> {
    let (head, text) = rest.split_once(',')?;
    let (mime, base64) = match head.rsplit_once(';') {
        Some((mime, mark)) if mark.trim().eq_ignore_ascii_case("base64") => (mime, true),
        Some(_) | None => (head, false),
    };
    let text = if text.contains('%') {
        Cow::Owned(unescape(text))
    } else {
        Cow::Borrowed(text.as_bytes())
    };
    let bytes =
        if base64 { base64_simd::forgiving_decode_to_vec(&text).ok()? } else { text.into_owned() };
    let mime = (!mime.is_empty()).then(|| mime.to_owned());
    Some((bytes, mime))
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |index: usize| char::from(*after.get(index)?).to_digit(16);
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn data_uris_are_read_in_all_their_forms() {
        let table: [(&str, &[u8], Option<&str>); 6] = [
            ("image/png;base64,AQID", &[1, 2, 3], Some("image/png")),
            ("image/png;base64,AQI", &[1, 2], Some("image/png")),
            ("image/png;charset=x;base64,A%51ID", &[1, 2, 3], Some("image/png;charset=x")),
            ("text/plain,a%20b%2", b"a b%2", Some("text/plain")),
            (",x", b"x", None),
            (";base64,", b"", None),
        ];
        for (rest, bytes, mime) in table {
            let got = decode(rest).unwrap();
            assert_eq!((got.0.as_slice(), got.1.as_deref()), (bytes, mime), "{rest}");
        }
        assert_eq!(decode("image/png;base64,%%%"), None);
        assert_eq!(decode("no comma"), None);
    }
}
