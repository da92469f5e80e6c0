//! Large files in parts, several on the way at once; the steps are those of the
//! service's own clients.
//!
//! It does not decide when a file is large. Invariant: the file is complete only when every part
//! has its mark; parts are named in their order, whatever order they arrived in.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, HeaderValue};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use url::Url;

use super::{Parcel, Progress, UploadEvent, UploadToken, waits};
use crate::fal::Client;
use crate::fal::error::{Error, Kind, Step};
use crate::fal::http::{Call, CallEvent, Credential, Payload, Reply};
use crate::fal::profile::join;

/// How many parts are on the way at once.
const AT_ONCE: usize = 6;

/// Where the parts of one file go.
struct Target {
    /// Part `n` goes below it as `/n`, the end as `/complete`.
    base: Url,
    carry: Credential,
}

/// What a part says: which one it is, and what happens to it.
type Told = (usize, CallEvent);

impl Client {
    /// The Python client's way: opened and completed with the token.
    pub(super) async fn send_parts_by_token(
        &self,
        token: &UploadToken,
        parcel: &Parcel,
        progress: &mut Progress<'_>,
    ) -> Result<String, Error> {
        let cdn = token.base.as_ref().unwrap_or(&self.settings().hosts.cdn);
        let mut call = Call::new(Step::Upload, Method::POST, join(cdn, "files/upload/multipart")?);
        call.carry = Credential::Token(token.token.clone());
        call.headers.insert(reqwest::header::CONTENT_TYPE, parcel.mime.clone());
        parcel.describe(&mut call);
        let reply = self.succeed(&call, &mut waits(progress)).await?;
        let file = self.address_in(Step::Upload, &reply, "access_url")?;
        let id = reply.json.as_ref().and_then(|body| body.get("uploadId")?.as_str());
        let id = id.filter(|id| !id.is_empty()).ok_or_else(|| odd("names no upload"))?;
        let mut base = self.on_the_cdn(cdn, &file)?;
        match base.path_segments_mut() {
            Ok(mut path) => path.extend(["multipart", id]),
            Err(()) => return Err(odd("holds no usable `access_url`")),
        };
        let target = Target { base, carry: Credential::Token(token.token.clone()) };
        self.send_parts(target, parcel, progress).await?;
        Ok(file.into())
    }

    /// The JavaScript client's way: the address is its own permission.
    pub(super) async fn send_parts_to(
        &self,
        target: &Url,
        parcel: &Parcel,
        progress: &mut Progress<'_>,
    ) -> Result<(), Error> {
        let target = Target { base: target.clone(), carry: Credential::Nothing };
        self.send_parts(target, parcel, progress).await
    }

    /// The token goes to the hosts it was given for; another host's address keeps its path only.
    fn on_the_cdn(&self, cdn: &Url, file: &Url) -> Result<Url, Error> {
        let own = [cdn, &self.settings().hosts.cdn];
        if own.iter().any(|own| own.origin() == file.origin()) {
            return Ok(file.clone());
        }
        join(cdn, file.path())
    }

    async fn send_parts(
        &self,
        target: Target,
        parcel: &Parcel,
        progress: &mut Progress<'_>,
    ) -> Result<(), Error> {
        let target = Arc::new(target);
        let total = parcel.bytes.len();
        let (tell, mut told) = mpsc::unbounded_channel::<Told>();
        let mut waiting = self.settings().cut.parts(total).enumerate();
        let mut sent = vec![0; self.settings().cut.parts(total).count()];
        let mut marks = vec![String::new(); sent.len()];
        // Dropping it ends what is on the way.
        let mut busy = JoinSet::new();
        loop {
            while busy.len() < AT_ONCE
                && let Some((index, range)) = waiting.next()
            {
                let (client, target, tell) = (self.clone(), Arc::clone(&target), tell.clone());
                let bytes = Arc::clone(&parcel.bytes);
                let payload = Payload::File { bytes, range, mime: None };
                busy.spawn(async move { client.send_part(&target, index, payload, tell).await });
            }
            if busy.is_empty() && told.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some((index, happening)) = told.recv() => {
                    let (now, waiting) = match happening {
                        CallEvent::Sent(bytes) => (bytes, None),
                        CallEvent::Waiting(waiting) => (0, Some(waiting)),
                    };
                    if let Some(known) = sent.get_mut(index) {
                        *known = now;
                    }
                    progress(UploadEvent::Sent { bytes: sent.iter().sum(), total: total as u64 });
                    if let Some(waiting) = waiting {
                        progress(UploadEvent::Waiting(waiting));
                    }
                }
                Some(ended) = busy.join_next() => {
                    let (index, mark) = ended.map_err(|_| odd("was lost"))??;
                    if let Some(known) = marks.get_mut(index) {
                        *known = mark;
                    }
                }
            }
        }
        self.complete(&target, &marks, progress).await
    }

    async fn send_part(
        &self,
        target: &Target,
        index: usize,
        payload: Payload,
        tell: mpsc::UnboundedSender<Told>,
    ) -> Result<(usize, String), Error> {
        let url = target.below(&(index + 1).to_string())?;
        let mut call = Call::new(Step::Upload, Method::PUT, url);
        call.carry = target.carry.clone();
        call.wants_json = false;
        call.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        call.payload = payload;
        let mut hear = |happening| {
            // Nobody listens any more when another part has failed.
            let _ = tell.send((index, happening));
        };
        let reply = self.succeed(&call, &mut hear).await?;
        let mark = mark(&reply).ok_or_else(|| odd("gives a part no mark"))?;
        Ok((index, mark))
    }

    async fn complete(
        &self,
        target: &Target,
        marks: &[String],
        progress: &mut Progress<'_>,
    ) -> Result<(), Error> {
        let parts = marks.iter().enumerate();
        let parts: Vec<Value> =
            parts.map(|(index, mark)| json!({"partNumber": index + 1, "etag": mark})).collect();
        let mut call = Call::new(Step::Upload, Method::POST, target.below("complete")?);
        call.carry = target.carry.clone();
        call.wants_json = false;
        call.payload = Payload::Json(json!({"parts": parts}).to_string().into_bytes());
        self.succeed(&call, &mut waits(progress)).await.map(|_| ())
    }
}

impl Target {
    /// One step below the base; its query, often a signature, stays.
    fn below(&self, name: &str) -> Result<Url, Error> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().push(name),
            Err(()) => return Err(odd("holds no usable address")),
        };
        Ok(url)
    }
}

/// A part's mark, word for word: in a header for one client, in the body for the other.
fn mark(reply: &Reply) -> Option<String> {
    let body = || reply.json.as_ref()?.get("etag")?.as_str();
    let mark = reply.header("etag").or_else(body)?;
    (!mark.is_empty()).then(|| mark.to_owned())
}

fn odd(what: &str) -> Error {
    Error::new(Step::Upload, Kind::Protocol, format!("the answer to a part of the file {what}"))
}
