//! Is the key any good? Asked without cost.
//!
//! It looks for a request that cannot exist: a good key is told so, a bad one is turned away
//! first. Invariant: nothing is submitted.

use super::Client;
use super::error::{Error, Kind, Step};

/// What the service thinks of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    Accepted,
    /// The host answers, but not in a way that tells about the key.
    Unclear,
}

impl Client {
    /// Checks the key with the queue host.
    ///
    /// # Errors
    /// [`Kind::Auth`] or [`Kind::Account`] when it is turned away; [`Kind::Network`] when there
    /// is nobody to ask.
    pub async fn probe_key(&self) -> Result<Probe, Error> {
        let nobody = uuid::Uuid::new_v4().to_string();
        let handle = self.handle("fal-ai/flux-pro", &nobody)?;
        match self.look(Step::Probe, &handle, false, &mut |_| ()).await {
            Ok(_) => Ok(Probe::Unclear),
            Err(error) => match error.kind {
                Kind::NotFound if error.message == "NOT_FOUND" || error.request_id.is_some() => {
                    Ok(Probe::Accepted)
                }
                Kind::NotFound | Kind::Gone => Ok(Probe::Unclear),
                Kind::Protocol | Kind::Validation | Kind::Refused => Ok(Probe::Unclear),
                Kind::Auth
                | Kind::Account
                | Kind::Policy
                | Kind::Busy
                | Kind::Deadline
                | Kind::Cancelled
                | Kind::Service
                | Kind::NotYet
                | Kind::Network
                | Kind::TooLarge
                | Kind::Unknown => Err(error),
            },
        }
    }
}
