//! Our words ⇄ the service's: one provider for the service itself, for gateways that imitate it,
//! and for the simulator, which all speak the same protocol.
//!
//! Knows nothing of the model. Invariant: once a paid request has been answered, no failure of what
//! follows reads as if it had not been sent.

use crate::app::effect::Request;
use crate::app::failure::{Billed, Failure, FailureKind};
use crate::app::job::{Handle, JobId};
use crate::app::news::{CancelAnswer, News, Outcome, Sent};
use crate::fal::Client;
use crate::fal::answer::Answer;
use crate::fal::cancel::Cancel;
use crate::fal::download::DownloadLimits;
use crate::fal::error::Error;
use crate::fal::follow::{Report as Said, Waiting};
use crate::fal::prices;
use crate::fal::submit::SubmitOptions;
use crate::schema::{Price, Usd};
use crate::simulator::Running;
use crate::store::media::Media;
use crate::tree::Input;

use super::outcome::{self, Listed};
use super::uploads::Uploads;
use super::words;

/// Where news go on the way.
pub(crate) type Report = tokio::sync::mpsc::UnboundedSender<News>;

/// One profile's service, ready to be asked.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) client: Client,
    pub(crate) media: Media,
    pub(crate) uploads: Uploads,
    /// What every request asks for beside its input.
    pub(crate) options: SubmitOptions,
    /// The embedded simulator lives as long as this.
    pub(crate) simulator: Option<Running>,
}

impl Provider {
    /// Makes an address of every input, in order.
    pub(crate) async fn addresses(
        &self,
        job: JobId,
        inputs: &[Input],
        most_pixels: Option<u32>,
        report: &Report,
    ) -> Result<Vec<String>, Failure> {
        self.uploads.addresses(job, inputs, most_pixels, report).await
    }

    /// What shall go wrong at the embedded simulator from now on; what was done, in words.
    pub(crate) fn drill(&self, word: &str) -> Result<String, Failure> {
        let wrong = |message: String| Failure::new(FailureKind::Store, message);
        let simulator = self.simulator.as_ref();
        let simulator =
            simulator.ok_or_else(|| wrong("there is no simulator in this program".into()))?;
        simulator.dial(word).map_err(wrong)?;
        Ok(match word.trim() {
            "off" => "drill over: all is well at the simulator".into(),
            "release" => "what was held goes on".into(),
            fault => format!("drill: {fault}; :sim off ends it"),
        })
    }

    /// Today's prices, as the service tells them.
    pub(crate) async fn prices(
        &self,
        endpoints: &[String],
    ) -> Result<Vec<(String, Price)>, Failure> {
        let prices = self.client.prices(endpoints).await.map_err(words::failure)?;
        let read_on = super::local_day(super::now());
        let price = |told: prices::Price| {
            let each = Usd::from_f64(told.each)?;
            let source = "the service's own prices".to_owned();
            let read_on = read_on.clone();
            Some((told.endpoint, Price { each, unit: told.unit, read_on, source }))
        };
        Ok(prices.into_iter().filter_map(price).collect())
    }

    /// The paid request.
    pub(crate) async fn send(
        &self,
        job: JobId,
        request: &Request,
        report: &Report,
    ) -> Result<Sent, Failure> {
        let mut options = self.options.clone();
        if let Some(webhook) = &request.webhook {
            let wrong = |_| Failure::new(FailureKind::Validation, "the webhook is no address");
            options.webhook = Some(url::Url::parse(webhook).map_err(wrong)?);
        }
        let (endpoint, body) = (&request.endpoint, &request.body);
        let on = |waiting| tell(report, job, waiting);
        if request.sync {
            let answer = self.client.run_watched(endpoint, body, &options, on).await;
            let answer = self.answered(job, answer).await?;
            return self.answer_with(job, answer, report).await;
        }
        let submitted = self.client.submit_watched(endpoint, body, &options, on).await;
        let submitted = submitted.map_err(words::failure)?;
        // A gateway may answer with the output itself.
        if let Some(answer) = submitted.answer {
            return self.answer_with(job, answer, report).await;
        }
        Ok(Sent::Accepted {
            handle: words::our_handle(submitted.handle),
            state: words::state(&submitted.status.state),
        })
    }

    /// The whole answer is here, and paid: a picture that cannot be had changes nothing about that.
    async fn answer_with(
        &self,
        job: JobId,
        answer: Answer,
        report: &Report,
    ) -> Result<Sent, Failure> {
        let request_id = answer.request_id.clone();
        let outcome = self.outcome(job, answer, report).await.map_err(|failure| Failure {
            kind: FailureKind::Unknown,
            billed: Billed::Yes,
            message: format!("the request was answered, but {}", failure.message),
            hint: failure.hint,
            request_id: request_id.or(failure.request_id),
            ..Failure::new(FailureKind::Unknown, "")
        })?;
        Ok(Sent::Answered(Box::new(outcome)))
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
        let on = |waiting| tell(report, job, waiting);
        let answer = self.client.result_watched(&words::their_handle(handle), on).await;
        let answer = self.answered(job, answer).await?;
        self.outcome(job, answer, report).await
    }

    /// What the answer says about the addresses that were sent along.
    async fn answered(&self, job: JobId, answer: Result<Answer, Error>) -> Result<Answer, Failure> {
        match answer {
            Ok(answer) => {
                self.uploads.settle(job);
                Ok(answer)
            }
            Err(error) if words::is_about_a_file(&error) => {
                self.uploads.forget(job).await;
                let hint = "the picture is sent anew with the next try";
                Err(words::failure(error).hint(hint))
            }
            Err(error) => Err(words::failure(error)),
        }
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
        job: JobId,
        answer: Answer,
        report: &Report,
    ) -> Result<Outcome, Failure> {
        let listed = outcome::files(&answer.body);
        if listed.is_empty() {
            return Err(Failure::new(
                FailureKind::Protocol,
                "the answer holds no picture and no other file",
            ));
        }
        let all = listed.len() as u64;
        let mut pictures = Vec::with_capacity(listed.len());
        for (done, listed) in (0..).zip(listed) {
            let _ = report.send(News::Progress { job, done, all });
            pictures.push(self.keep(job, listed, report).await?);
        }
        Ok(outcome::assemble(answer, pictures))
    }

    async fn keep(
        &self,
        job: JobId,
        listed: Listed,
        report: &Report,
    ) -> Result<crate::tree::Picture, Failure> {
        let on = |waiting| tell(report, job, waiting);
        let limits = DownloadLimits::default();
        let bytes = self.client.download_watched(&listed.url, &limits, on).await;
        let bytes = bytes.map_err(words::failure)?;
        let media = self.media.clone();
        let kept = super::blocking(move || outcome::keep(&media, &bytes, &listed)).await??;
        if let Some(url) = &kept.url {
            self.uploads.remember_made(kept.hash, url, self.options.keep_media).await;
        }
        Ok(kept)
    }
}

/// Every wait is visible in the log.
fn tell(report: &Report, job: JobId, waiting: Waiting) {
    // Nobody listens any more at the very end.
    let _ = report.send(News::Waiting { job, why: words::waiting(&waiting) });
}
