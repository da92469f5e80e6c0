//! A file of a result on its way here; one that is private to the account by a signature.
//!
//! Invariant: the signature lives for one download: it stands in no event, no failure and no row, and
//! what is kept of the file is the address that the service gave.

use super::client::{Provider, is_refused, tell};
use super::convert;
use super::listed::Listed;
use super::store_result::{self, Arrived};
use super::tasks::Report;
use crate::app::advice::Advice;
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::JobId;
use crate::fal::download::DownloadLimits;
use crate::fal::error::{Error, Kind};
use crate::fal::signing::SignedUrl;

impl Provider {
    pub(crate) async fn download(
        &self,
        job: JobId,
        listed: &Listed,
        report: &Report,
    ) -> Result<Arrived, Failure> {
        let on = |waiting| tell(report, job, waiting);
        let limits = DownloadLimits::default();
        let plain = self.client.download_watched(&listed.url, &limits, on).await;
        let refused = match plain {
            Ok(bytes) => return Ok(arrived(bytes, listed, false)),
            Err(error) => error,
        };
        let is_turned_away = matches!(refused.status, Some(401 | 403 | 404 | 410));
        if !is_turned_away || !self.client.is_stored_there(&listed.url) {
            return Err(convert::failure(refused));
        }
        let signed = match self.signed(&listed.url).await {
            Ok(signed) => signed,
            Err(error) => return Err(unsigned(error, refused)),
        };
        match self.client.download_watched(signed.as_str(), &limits, on).await {
            Ok(bytes) => Ok(arrived(bytes, listed, true)),
            Err(error) if error.kind == Kind::Network => Err(convert::failure(error)),
            // It is not there for us either.
            Err(_) => Err(convert::failure(refused)),
        }
    }

    async fn signed(&self, url: &str) -> Result<SignedUrl, Error> {
        let signed = self.client.sign(url).await;
        match signed {
            Err(error) if is_refused(&error) && self.has_another_key().await => {
                self.client.sign(url).await
            }
            signed => signed,
        }
    }
}

fn arrived(bytes: Vec<u8>, listed: &Listed, is_private: bool) -> Arrived {
    Arrived { bytes: store_result::unpacked(bytes, listed), is_private }
}

/// Why a file that was turned away could not be signed for.
fn unsigned(error: Error, refused: Error) -> Failure {
    match error.kind {
        Kind::Permission => {
            let text = format!("the picture is private to the account, and {}", error.message);
            let failure = Failure::new(FailureKind::Permission, text);
            Failure { advice: Some(Advice::GiveKey), ..failure }
        }
        Kind::Network | Kind::Busy | Kind::Service => convert::failure(error),
        // No such interface, no such file.
        Kind::Auth
        | Kind::Account
        | Kind::Validation
        | Kind::Policy
        | Kind::NotFound
        | Kind::Deadline
        | Kind::Cancelled
        | Kind::Gone
        | Kind::NotYet
        | Kind::Refused
        | Kind::Protocol
        | Kind::TooLarge
        | Kind::Unknown => convert::failure(refused),
    }
}
