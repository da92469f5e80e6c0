//! Our words ⇄ the service's: one provider for the service itself, for gateways that imitate it,
//! and for the simulator, which all speak the same protocol.
//!
//! Knows nothing of the model. Keeps no state but what was uploaded in this session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::app::effect::Request;
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::{Handle, JobId};
use crate::app::news::{CancelAnswer, News, Outcome, Sent};
use crate::fal::Client;
use crate::fal::answer::Answer;
use crate::fal::cancel::Cancel;
use crate::fal::download::DownloadLimits;
use crate::fal::follow::Report as Said;
use crate::fal::submit::SubmitOptions;
use crate::fal::upload;
use crate::simulator::Running;
use crate::store::media::Media;
use crate::tree::{Hash, Input};

use super::outcome;
use super::words;

/// Where news go on the way.
pub(crate) type Report = tokio::sync::mpsc::UnboundedSender<News>;

/// One profile's service, ready to be asked.
#[derive(Debug)]
pub(crate) struct Provider {
    client: Client,
    media: Media,
    /// Addresses of pictures that were uploaded before, never the same bytes twice.
    uploaded: Mutex<HashMap<Hash, String>>,
    /// Inputs go as data URIs: there is no place to upload to.
    inline: bool,
    /// The embedded simulator lives as long as this.
    _simulator: Option<Running>,
}

impl Provider {
    pub(crate) fn new(
        client: Client,
        media: Media,
        inline: bool,
        simulator: Option<Running>,
    ) -> Arc<Self> {
        let uploaded = Mutex::default();
        Arc::new(Self { client, media, uploaded, inline, _simulator: simulator })
    }

    /// Makes an address of every input, in order.
    pub(crate) async fn addresses(
        &self,
        job: JobId,
        inputs: &[Input],
        report: &Report,
    ) -> Result<Vec<String>, Failure> {
        let mut addresses = Vec::with_capacity(inputs.len());
        for input in inputs {
            addresses.push(match input {
                Input::Url(url) => url.clone(),
                Input::Picture(picture) => self.address(job, picture.picture, report).await?,
            });
        }
        Ok(addresses)
    }

    async fn address(&self, job: JobId, hash: Hash, report: &Report) -> Result<String, Failure> {
        if let Some(url) = self.known(hash) {
            return Ok(url);
        }
        let media = self.media.clone();
        let (bytes, format) = super::blocking(move || media.read_with_format(hash)).await??;
        let mime = format!("image/{format}");
        if self.inline {
            return Ok(upload::data_uri(&bytes, &mime));
        }
        let ending = if format == "jpeg" { "jpg" } else { &format };
        let name = format!("{}.{ending}", &hash.to_string().get(..12).unwrap_or("picture"));
        let on_progress = |done, all| {
            let _ = report.send(News::Progress { job, done, all });
        };
        let url =
            self.client.upload(bytes, &name, &mime, on_progress).await.map_err(words::failure)?;
        self.remember(hash, &url);
        Ok(url)
    }

    fn known(&self, hash: Hash) -> Option<String> {
        self.uploaded.lock().ok()?.get(&hash).cloned()
    }

    fn remember(&self, hash: Hash, url: &str) {
        if let Ok(mut uploaded) = self.uploaded.lock() {
            uploaded.insert(hash, url.to_owned());
        }
    }

    /// The paid request.
    pub(crate) async fn send(&self, request: &Request) -> Result<Sent, Failure> {
        if request.sync {
            let answer = self.client.run(&request.endpoint, &request.body).await;
            let outcome = self.outcome(answer.map_err(words::failure)?, None).await?;
            return Ok(Sent::Answered(Box::new(outcome)));
        }
        let webhook = request.webhook.as_deref().map(url::Url::parse).transpose();
        let webhook = webhook
            .map_err(|_| Failure::new(FailureKind::Validation, "the webhook is no address"))?;
        let options = SubmitOptions { webhook, ..SubmitOptions::default() };
        let submitted = self.client.submit(&request.endpoint, &request.body, &options).await;
        let submitted = submitted.map_err(words::failure)?;
        // A gateway may answer with the output itself.
        if let Some(answer) = submitted.answer {
            return Ok(Sent::Answered(Box::new(self.outcome(answer, None).await?)));
        }
        Ok(Sent::Accepted {
            handle: words::our_handle(submitted.handle),
            state: words::state(&submitted.status.state),
        })
    }

    /// Until the service says that it is finished, well or not.
    pub(crate) async fn follow(
        &self,
        job: JobId,
        handle: &Handle,
        report: &Report,
    ) -> Result<(), Failure> {
        let on_report = |said: Said| {
            if let Some(news) = words::news(job, said) {
                let _ = report.send(news);
            }
        };
        let finished = self.client.follow(&words::their_handle(handle), on_report).await;
        finished.map(|_| ()).map_err(words::failure)
    }

    /// The result, and every picture of it in the store's media.
    pub(crate) async fn fetch(
        &self,
        job: JobId,
        handle: &Handle,
        report: &Report,
    ) -> Result<Outcome, Failure> {
        let answer = self.client.result(&words::their_handle(handle)).await;
        self.outcome(answer.map_err(words::failure)?, Some((job, report))).await
    }

    pub(crate) async fn cancel(&self, handle: &Handle) -> Result<CancelAnswer, Failure> {
        let asked = self.client.cancel(&words::their_handle(handle)).await;
        let answer = asked.map_err(words::failure)?;
        Ok(match answer {
            Cancel::Removed => CancelAnswer::Removed,
            Cancel::Requested => CancelAnswer::Requested,
            Cancel::TooLate => CancelAnswer::TooLate,
            Cancel::NotFound => CancelAnswer::NotFound,
        })
    }

    async fn outcome(
        &self,
        answer: Answer,
        progress: Option<(JobId, &Report)>,
    ) -> Result<Outcome, Failure> {
        let listed = outcome::pictures(&answer.body);
        if listed.is_empty() {
            return Err(Failure::new(FailureKind::Protocol, "the answer holds no picture"));
        }
        let listed_count = listed.len() as u64;
        let mut pictures = Vec::with_capacity(listed.len());
        for (index, listed) in listed.iter().enumerate() {
            if let Some((job, report)) = progress {
                let (done, all) = (index as u64, listed_count);
                let _ = report.send(News::Progress { job, done, all });
            }
            let bytes = self
                .client
                .download_bytes(&listed.url, &DownloadLimits::default())
                .await
                .map_err(words::failure)?;
            let (media, listed) = (self.media.clone(), listed.clone());
            pictures.push(super::blocking(move || outcome::keep(&media, &bytes, &listed)).await??);
        }
        Ok(outcome::assemble(answer, pictures))
    }
}
