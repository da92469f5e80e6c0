//! Files to the service and back: uploads with the key's token, downloads with nothing at all.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::call::network;
use super::error::{Error, Kind};
use super::retry::Step;
use super::{Client, below, is_loopback};

/// Bytes of a picture that is fetched; a Kontext result has about two million.
const LARGEST: u64 = 100 << 20;
const SLOWEST: Duration = Duration::from_secs(300);
const REDIRECTS: usize = 5;
const TRIES: u32 = 4;

impl Client {
    /// Puts bytes where endpoints can read them; answers their address.
    ///
    /// First with a short-lived token to the CDN, as the Python client does; else to an address
    /// that the storage gives, as the JavaScript client does.
    pub async fn upload(
        &self,
        bytes: Vec<u8>,
        name: &str,
        mime: &str,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<String, Error> {
        let Some(rest) = &self.settings.rest else {
            return Ok(data_uri(&bytes, mime));
        };
        let all = bytes.len() as u64;
        progress(0, all);
        let url = match self.upload_with_token(rest, &bytes, name, mime).await {
            Ok(url) => url,
            Err(error) if error.kind == Kind::Auth => return Err(error),
            Err(_) => self.upload_by_address(rest, &bytes, name, mime).await?,
        };
        progress(all, all);
        Ok(url)
    }

    async fn upload_with_token(
        &self,
        rest: &Url,
        bytes: &[u8],
        name: &str,
        mime: &str,
    ) -> Result<String, Error> {
        let mut url = below(rest, "storage/auth/token");
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let build = || self.with_key(self.http.post(url.clone()).json(&json!({})));
        let token = self.call(Step::Read, build).await?.json()?;
        let word = |name: &str| token.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(kind), Some(token), Some(cdn)) =
            (word("token_type"), word("token"), &self.settings.cdn)
        else {
            return Err(Error::new(Kind::Protocol, "the storage gave no token"));
        };
        let url = below(cdn, "files/upload");
        let build = || {
            // The token, not the key; and only to the profile's own CDN.
            self.http
                .post(url.clone())
                .header("Authorization", format!("{kind} {token}"))
                .header("Content-Type", mime)
                .header("X-Fal-File-Name", name)
                .body(bytes.to_vec())
        };
        let body = self.call(Step::Read, build).await?.json()?;
        let url = body.get("access_url").and_then(Value::as_str).map(str::to_owned);
        url.ok_or_else(|| Error::new(Kind::Protocol, "the upload's answer holds no address"))
    }

    async fn upload_by_address(
        &self,
        rest: &Url,
        bytes: &[u8],
        name: &str,
        mime: &str,
    ) -> Result<String, Error> {
        let mut url = below(rest, "storage/upload/initiate");
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let wish = json!({ "content_type": mime, "file_name": name });
        let build = || self.with_key(self.http.post(url.clone()).json(&wish));
        let body = self.call(Step::Read, build).await?.json()?;
        let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(to), Some(file)) = (word("upload_url"), word("file_url")) else {
            return Err(Error::new(Kind::Protocol, "the storage gave no address for the upload"));
        };
        let to = self.fetchable(&to)?;
        let build = || self.open.put(to.clone()).header("Content-Type", mime).body(bytes.to_vec());
        self.call(Step::Read, build).await?;
        Ok(file)
    }

    /// Fetches a picture from wherever it lies: no key, no cookies, within limits.
    pub async fn download(&self, url: &str) -> Result<Vec<u8>, Error> {
        if let Some(rest) = url.strip_prefix("data:") {
            return decode_data_uri(rest);
        }
        let url = self.fetchable(url)?;
        let mut attempt = 1;
        loop {
            match self.fetch(&url).await {
                Err(error) if error.kind == Kind::Network && attempt < TRIES => {
                    let wait = Duration::from_millis(500 << attempt);
                    tokio::time::sleep(wait.div_f64(self.settings.pace.max(0.01))).await;
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, Error> {
        let request = self.open.get(url.clone()).timeout(SLOWEST);
        let mut response = request.send().await.map_err(|error| network(&error))?;
        let status = response.status().as_u16();
        match status {
            200..=299 => {}
            404 | 410 => {
                let message = "the picture is no longer kept at its address";
                return Err(Error { status: Some(status), ..Error::new(Kind::Gone, message) });
            }
            429 | 500..=599 => return Err(Error::new(Kind::Network, format!("HTTP {status}"))),
            _ => {
                return Err(Error::new(Kind::Protocol, format!("HTTP {status} for a picture")));
            }
        }
        let announced = response.content_length();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| network(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > LARGEST {
                return Err(Error::new(Kind::TooLarge, "the picture is too large"));
            }
        }
        if announced.is_some_and(|announced| announced != bytes.len() as u64) {
            return Err(Error::new(Kind::Network, "the picture broke off"));
        }
        Ok(bytes)
    }

    /// https anywhere; plain http only where the whole profile is on loopback.
    fn fetchable(&self, url: &str) -> Result<Url, Error> {
        let wrong = || Error::new(Kind::Protocol, "the service named an address that is not https");
        let url = Url::parse(url).map_err(|_| wrong())?;
        let plain = is_loopback(&self.settings.queue) && is_loopback(&url);
        match url.scheme() {
            "https" => Ok(url),
            "http" if plain => Ok(url),
            _ => Err(wrong()),
        }
    }
}

/// A few, and never from https down to http.
pub(super) fn redirects(plain: bool) -> reqwest::redirect::Policy {
    reqwest::redirect::Policy::custom(move |attempt| {
        let is_safe = attempt.url().scheme() == "https" || (plain && is_loopback(attempt.url()));
        if attempt.previous().len() > REDIRECTS || !is_safe {
            attempt.stop()
        } else {
            attempt.follow()
        }
    })
}

/// The bytes as an address that needs no storage.
pub fn data_uri(bytes: &[u8], mime: &str) -> String {
    format!("data:{mime};base64,{}", base64_simd::STANDARD.encode_to_string(bytes))
}

fn decode_data_uri(rest: &str) -> Result<Vec<u8>, Error> {
    let wrong = || Error::new(Kind::Protocol, "the picture in the answer cannot be read");
    let (head, data) = rest.split_once(',').ok_or_else(wrong)?;
    if !head.ends_with(";base64") {
        return Err(wrong());
    }
    base64_simd::STANDARD.decode_to_vec(data).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn data_uris_come_back_as_they_went() {
        let uri = data_uri(b"\x89PNG", "image/png");
        assert_eq!(uri, "data:image/png;base64,iVBORw==");
        assert_eq!(decode_data_uri(uri.strip_prefix("data:").unwrap()).unwrap(), b"\x89PNG");
        assert!(decode_data_uri("image/png;base64,***").is_err());
        assert!(decode_data_uri("nothing").is_err());
    }
}
