//! Our words ⇄ the service's: one provider for the service itself, for gateways that imitate it,
//! and for the simulator, which all speak the same protocol.
//!
//! Knows nothing of the model. Invariant: once a paid request has been answered, no failure of what
//! follows reads as if it had not been sent.

use std::fmt;
use std::sync::Arc;

use crate::app::effect::Request;
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::JobId;
use crate::app::job::answer::{Answer, CancelAnswer, Handle, Outcome, Sent};
use crate::app::message::TaskEvent;
use crate::fal::account::{Bill, Record};
use crate::fal::cancel::Cancel;
use crate::fal::error::Waiting;
use crate::fal::error::{Error, Kind, Voice};
use crate::fal::follow::Report as Said;
use crate::fal::handle::Handle as TheirHandle;
use crate::fal::profile::Key;
use crate::fal::response::Answer as TheirAnswer;
use crate::fal::status::{LogLine, State};
use crate::fal::submit_options::{Gate, SubmitOptions};
use crate::fal::{Client, prices};
use crate::schema::output_size::InputNeed;
use crate::schema::{Price, Usd};
use crate::simulator::Running;
use crate::store::media::Media;
use crate::tree::{Input, Picture};
use crate::ui::command::session::drill;

use super::listed::{self, Listed};
use super::models::told_price;
use super::store_result::Arrived;
use super::tasks::Report;
use super::uploads::Uploads;
use super::{convert, store_result};

/// Asked for a key while the program runs; it may ask the keyring, so never on the loop.
#[derive(Clone)]
pub(crate) struct KeySource(pub(crate) Arc<dyn Fn() -> Option<Key> + Send + Sync>);

impl fmt::Debug for KeySource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("KeySource")
    }
}

/// Whose result is to be fetched, and what of it is here already.
#[derive(Clone, Debug)]
pub(crate) struct FetchRequest {
    pub(crate) job: JobId,
    /// Without one the answer came with the submit.
    pub(crate) handle: Option<Handle>,
    pub(crate) answer: Option<Answer>,
    pub(crate) have: Vec<Picture>,
}

/// What has come of it.
#[derive(Clone, Debug)]
pub(crate) enum Fetched {
    Whole(Outcome),
    /// Why the other pictures are missing.
    Part(Outcome, Failure),
}

/// One profile's service, ready to be asked.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) client: Client,
    pub(crate) media: Media,
    pub(crate) uploads: Uploads,
    /// Where another key is found once the one in use is refused.
    pub(crate) keys: Option<KeySource>,
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
        need: InputNeed,
        report: &Report,
    ) -> Result<Vec<String>, Failure> {
        self.uploads.addresses(job, inputs, need, report).await
    }

    /// Injects a fault into the embedded simulator; returns what was done, in words.
    pub(crate) fn inject_fault(&self, word: &str) -> Result<String, Failure> {
        let wrong = |message: String| Failure::new(FailureKind::Store, message);
        let simulator = self.simulator.as_ref();
        let simulator =
            simulator.ok_or_else(|| wrong("there is no simulator in this program".into()))?;
        simulator.inject(word).map_err(wrong)?;
        Ok(match word.trim() {
            "off" => "all is well at the simulator again".into(),
            "release" => "what was held goes on".into(),
            fault => match drill(fault) {
                // `off` ends faults, not what pictures are like.
                Some(label) if fault.starts_with("habits:") => label.into(),
                Some(label) => format!("{label} · :sim off ends it"),
                None => format!("`{fault}` is set in the simulator · :sim off ends it"),
            },
        })
    }

    /// Today's prices, as the service tells them.
    pub(crate) async fn prices(
        &self,
        endpoints: &[String],
    ) -> Result<Vec<(String, Price)>, Failure> {
        let prices = self.client.prices(endpoints).await.map_err(convert::failure)?;
        let price = |told: prices::Price| Some((told.endpoint.clone(), told_price(told)?));
        Ok(prices.into_iter().filter_map(price).collect())
    }

    /// What the account holds.
    pub(crate) async fn balance(&self) -> Result<Option<Usd>, Failure> {
        let balance = self.client.balance().await.map_err(convert::failure)?;
        Ok(balance.and_then(Usd::from_f64))
    }

    /// What these requests have cost, as far as it is billed.
    pub(crate) async fn bills(&self, requests: &[String]) -> Result<Vec<(String, Usd)>, Failure> {
        let bills = self.client.bills(requests).await.map_err(convert::failure)?;
        let cost = |bill: Bill| Some((bill.request_id, Usd::from_f64(bill.total)?));
        Ok(bills.into_iter().filter_map(cost).collect())
    }

    /// The account's requests to these endpoints since then.
    pub(crate) async fn records(
        &self,
        endpoints: &[String],
        start: &str,
    ) -> Result<Vec<Record>, Failure> {
        // Another key may be another account's: what is missing there says nothing.
        self.client.records(endpoints, start).await.map_err(convert::failure)
    }

    /// The paid request.
    pub(crate) async fn send(
        &self,
        job: JobId,
        request: &Request,
        gate: Gate,
        report: &Report,
    ) -> Result<Sent, Failure> {
        let mut options = self.options.clone();
        if let Some(webhook) = &request.webhook {
            let wrong = |_| Failure::new(FailureKind::Validation, "the webhook is not a URL");
            options.webhook = Some(url::Url::parse(webhook).map_err(wrong)?);
        }
        let (endpoint, body) = (&request.endpoint, &request.body);
        let on = |waiting| tell(report, job, waiting);
        if request.sync {
            if !gate().await {
                let message = "not sent: that it leaves could not be kept";
                return Err(Failure::new(FailureKind::Network, message));
            }
            let answer = self.client.run_watched(endpoint, body, &options, on).await;
            if let Some(handle) = self.ticket(endpoint, &answer) {
                return Ok(Sent::Accepted { handle, state: crate::app::job::State::Running });
            }
            let answer = self.answered(job, answer).await?;
            return Ok(Sent::Answered(Box::new(answer)));
        }
        let submitted = self.client.submit_through(Some(gate), endpoint, body, &options, on).await;
        let submitted = submitted.map_err(convert::failure)?;
        // A gateway may answer with the output itself.
        if let Some(answer) = submitted.answer {
            return Ok(Sent::Answered(Box::new(convert::our_answer(answer))));
        }
        Ok(Sent::Accepted {
            handle: convert::our_handle(submitted.handle),
            state: convert::state(&submitted.status.state),
        })
    }

    /// A gateway may know nothing but a queue: then the answer is a place in it.
    fn ticket(&self, endpoint: &str, answer: &Result<TheirAnswer, Error>) -> Option<Handle> {
        let error = answer.as_ref().err().filter(|error| error.kind == Kind::Unknown)?;
        let is_success = error.status.is_some_and(|status| (200..300).contains(&status));
        let id = error.request_id.as_ref().filter(|_| is_success)?;
        self.client.handle(endpoint, id).ok().map(convert::our_handle)
    }

    /// Until the service says that it is finished, well or not.
    pub(crate) async fn follow(
        &self,
        job: JobId,
        handle: &Handle,
        is_urgent: bool,
        report: &Report,
    ) -> Result<(), Failure> {
        let on_report = |said: Said| {
            let said = match said {
                Said::Log(line) => {
                    Said::Log(LogLine { message: self.client.strike(&line.message), ..line })
                }
                said => said,
            };
            if let Some(event) = convert::event(job, said) {
                let _ = report.send(event);
            }
        };
        let theirs = convert::their_handle(handle);
        let mut finished = match is_urgent {
            true => self.client.follow_now(&theirs, on_report).await,
            false => self.client.follow(&theirs, on_report).await,
        };
        if finished.as_ref().is_err_and(is_refused) && self.has_another_key().await {
            finished = self.client.follow(&theirs, on_report).await;
        }
        finished.map(|_| ()).map_err(convert::failure)
    }

    /// The result, and every picture of it in the store's media. What was answered before is not
    /// asked for again, unless its pictures are no longer where it says.
    pub(crate) async fn fetch(
        &self,
        wanted: FetchRequest,
        report: &Report,
    ) -> Result<Fetched, Failure> {
        let FetchRequest { job, handle, answer, have } = wanted;
        let Some(known) = answer else {
            let handle = handle.ok_or_else(no_address)?;
            let answer = self.result(job, &handle, report).await?;
            let have = store_result::by_place(&answer, &have);
            let (have, missing) = self.pictures(job, &answer, have, report).await?;
            return fetched(answer, have, missing);
        };
        let have = store_result::by_place(&known, &have);
        let (have, missing) = self.pictures(job, &known, have, report).await?;
        let passes = |kind| matches!(kind, FailureKind::Network | FailureKind::Store);
        let is_refused = missing.as_ref().is_some_and(|failure| !passes(failure.kind));
        let first = fetched(known, have.clone(), missing);
        let Some(handle) = handle.filter(|_| is_refused) else {
            return first;
        };
        // Addresses run out; the result gives new ones for as long as it is kept.
        let Ok(answer) = self.result(job, &handle, report).await else {
            return first;
        };
        match self.pictures(job, &answer, have, report).await {
            Ok((have, missing)) => fetched(answer, have, missing),
            Err(_) => first,
        }
    }

    /// The answer to a finished request, told before anything is made of it.
    async fn result(
        &self,
        job: JobId,
        handle: &Handle,
        report: &Report,
    ) -> Result<Answer, Failure> {
        let theirs = convert::their_handle(handle);
        let on = |waiting| tell(report, job, waiting);
        let mut answer = self.client.result_watched(&theirs, on).await;
        if answer.as_ref().is_err_and(is_refused) && self.has_another_key().await {
            answer = self.client.result_watched(&theirs, on).await;
        }
        let answer = match answer {
            Err(error) => Err(self.heard_from(error, &theirs).await),
            Ok(answer) => Ok(answer),
        };
        let answer = self.answered(job, answer).await?;
        let told = TaskEvent::Answered { job, answer: Box::new(answer.clone()) };
        // Nobody listens any more at the very end.
        let _ = report.send(told);
        Ok(answer)
    }

    /// A key was given since the one in use was refused.
    pub(super) async fn has_another_key(&self) -> bool {
        let Some(KeySource(source)) = self.keys.clone() else {
            return false;
        };
        let found = super::blocking(move || source()).await.ok().flatten();
        found.is_some_and(|key| self.client.use_key(key))
    }

    /// Some error in place of the result, but whose word: the status tells whether the request is
    /// over, and with what.
    async fn heard_from(&self, error: Error, handle: &TheirHandle) -> Error {
        let is_answer = error.status.is_some_and(|status| (400..600).contains(&status));
        if error.voice == Voice::Model || !is_answer || is_refused(&error) {
            return error;
        }
        let status = self.client.status(handle, false).await;
        match status.map(|status| status.state) {
            Ok(State::Completed { error: Some(words), .. }) => {
                let is_page = error.voice == Voice::Nobody;
                let message = if is_page { self.client.strike(&words) } else { error.message };
                Error { voice: Voice::Model, message, ..error }
            }
            Ok(_) | Err(_) => error,
        }
    }

    /// What the answer says about the addresses that were sent along.
    async fn answered(
        &self,
        job: JobId,
        answer: Result<TheirAnswer, Error>,
    ) -> Result<Answer, Failure> {
        match answer {
            Ok(answer) => {
                self.uploads.settle(job);
                Ok(convert::our_answer(answer))
            }
            Err(error) if convert::is_about_a_file(&error) => {
                self.uploads.forget(job).await;
                Err(convert::failure(error))
            }
            Err(error) => Err(convert::failure(error)),
        }
    }

    pub(crate) async fn cancel(&self, handle: &Handle) -> Result<CancelAnswer, Failure> {
        let asked = self.client.cancel(&convert::their_handle(handle)).await;
        let answer = asked.map_err(convert::failure)?;
        Ok(match answer {
            Cancel::Removed => CancelAnswer::Removed,
            Cancel::Requested => CancelAnswer::Requested,
            Cancel::TooLate => CancelAnswer::TooLate,
            Cancel::NotFound => CancelAnswer::NotFound,
        })
    }

    /// Each picture of the answer stands alone: one that does not come holds up no other. By their
    /// places; and why one is missing.
    async fn pictures(
        &self,
        job: JobId,
        answer: &Answer,
        mut have: Vec<Option<Picture>>,
        report: &Report,
    ) -> Result<(Vec<Option<Picture>>, Option<Failure>), Failure> {
        let listed = listed::files(&answer.body);
        if listed.is_empty() {
            let failure = store_result::no_file(&answer.body);
            return Err(Failure { message: self.client.strike(&failure.message), ..failure });
        }
        let all = listed.len() as u64;
        have.resize(listed.len(), None);
        let mut missing = None;
        for (done, (listed, place)) in (0..).zip(listed.into_iter().zip(&mut have)) {
            let _ = report.send(TaskEvent::Progress { job, done, all });
            if place.as_ref().is_some_and(|picture| !store_result::is_to_be_had_again(picture)) {
                continue;
            }
            match self.keep(job, listed, report).await {
                Ok((picture, cut)) => {
                    *place = Some(picture);
                    missing = cut.or(missing);
                }
                Err(failure) => missing = Some(failure),
            }
        }
        Ok((have, missing))
    }

    /// One file in the store's media; and why it is to be had again, if it is not whole.
    async fn keep(
        &self,
        job: JobId,
        listed: Listed,
        report: &Report,
    ) -> Result<(Picture, Option<Failure>), Failure> {
        let mut arrived = self.download(job, &listed, report).await?;
        if store_result::needs_a_second_look(&arrived.bytes, &listed) {
            // Cut off or replaced on its way; the same bytes twice are what the service has.
            arrived = self.download(job, &listed, report).await?;
        }
        let Arrived { bytes, is_private } = arrived;
        store_result::check(&bytes, &listed)?;
        let cut = || Failure::new(FailureKind::Protocol, "the picture is cut off on its way");
        let cut = store_result::is_cut(&bytes, &listed).then(cut);
        let media = self.media.clone();
        let kept =
            super::blocking(move || store_result::store_picture(&media, &bytes, &listed)).await??;
        // What only the account may read is of no use to a model.
        if let Some(url) = kept.url.as_ref().filter(|_| !is_private) {
            self.uploads.remember_made(kept.hash, url, self.options.keep_media).await;
        }
        Ok((kept, cut))
    }
}

fn no_address() -> Failure {
    Failure::new(FailureKind::Protocol, "the request has no address to ask at")
}

/// Only in the service's own words: a gateway's log-in page is not a reason for another key.
pub(super) fn is_refused(error: &Error) -> bool {
    error.kind == Kind::Auth && error.status == Some(401) && error.is_told
}

/// What has come of the answer so far.
fn fetched(
    answer: Answer,
    have: Vec<Option<Picture>>,
    missing: Option<Failure>,
) -> Result<Fetched, Failure> {
    let pictures: Vec<Picture> = have.into_iter().flatten().collect();
    match missing {
        None => Ok(Fetched::Whole(store_result::assemble(answer, pictures))),
        Some(failure) if pictures.is_empty() => Err(failure),
        Some(failure) => Ok(Fetched::Part(store_result::assemble(answer, pictures), failure)),
    }
}

/// Every wait is visible in the log.
pub(super) fn tell(report: &Report, job: JobId, waiting: Waiting) {
    // Nobody listens any more at the very end.
    let _ = report.send(TaskEvent::Waiting { job, why: convert::waiting(&waiting) });
}
