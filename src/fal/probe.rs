//! Is the key any good? Asked without cost.
//!
//! It looks for a request that cannot exist: a good key is told so, a bad one is turned away
//! first. Invariant: nothing is submitted.

use reqwest::Method;

use super::Client;
use super::error::{Error, Kind, Step};
use super::http::{Call, Credential};

/// A file that cannot be there.
const NO_FILE: &str = "files/b/none/none.png";

/// What the service thinks of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    Accepted,
    /// It is known, and may not follow requests; whether it may send them cannot be asked for
    /// nothing.
    Limited,
    /// The host answers, but not in a way that tells about the key.
    Unclear,
}

/// What a key may do beside sending; `None`: it cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Balance, and what requests have cost.
    pub billing: Option<bool>,
    /// Private files.
    pub files: Option<bool>,
}

impl Client {
    /// Asks what costs nothing and needs another permission each.
    pub async fn rights(&self) -> Rights {
        let told = |kind: Option<Kind>| match kind {
            None | Some(Kind::NotFound | Kind::Gone | Kind::Validation | Kind::Refused) => {
                Some(true)
            }
            Some(Kind::Permission) => Some(false),
            Some(_) => None,
        };
        if self.settings().hosts.api.is_none() {
            return Rights::default();
        }
        let file = super::profile::join(&self.settings().hosts.cdn, NO_FILE);
        let signed = match file {
            Ok(file) => self.sign(file.as_str()).await.err().map(|error| error.kind),
            Err(error) => Some(error.kind),
        };
        let billing = self.balance().await.err().map(|error| error.kind);
        Rights { billing: told(billing), files: told(signed) }
    }

    /// The time of day at the queue host, as its answers tell it. No key is sent.
    pub async fn date(&self) -> Option<String> {
        let url = self.settings().hosts.queue.clone();
        let mut call = Call::new(Step::Probe, Method::GET, url);
        call.carry = Credential::Nothing;
        let reply = self.attempt(&call, &call.url, &mut |_| ()).await.ok()?;
        reply.header("date").map(str::to_owned)
    }

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
                Kind::Permission => Ok(Probe::Limited),
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
