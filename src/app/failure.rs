//! Failures in our own words, whatever edge they come from.

use super::advice::Advice;
use super::exit_code;
use super::hint::Hint;

/// What went wrong, for decisions; words are made of it in `notice`.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub kind: FailureKind,
    /// One sentence without final stop; sanitised where it is shown.
    pub message: String,
    pub hint: Option<Hint>,
    /// What can be done, where the service or the way to it failed.
    pub advice: Option<Advice>,
    /// HTTP status, where one was given.
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// Parameter name and what is wrong with it.
    pub fields: Vec<(String, String)>,
    pub billed: Billed,
    /// The service's own word that the request is over, with nothing to fetch.
    pub ends: bool,
    /// The pause that the service asked for, in milliseconds.
    pub pause: Option<i64>,
}

/// Families of failure; [`FailureKind::family`] says what each means to people and scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The input was rejected; the fields say where.
    Validation,
    /// The service's content filter.
    Policy,
    /// The key is missing or wrong.
    Auth,
    /// The key is good, and may not do this.
    Permission,
    /// The account is locked or out of credit.
    Account,
    NotFound,
    /// The result was asked for before it was there.
    Early,
    /// Too many requests.
    Busy,
    /// The start deadline passed.
    Deadline,
    Cancelled,
    /// The service failed.
    Service,
    /// The result or a picture is no longer kept there.
    Gone,
    /// The service could not be reached, or the network broke where nothing can have been paid.
    Network,
    /// The line broke after the request may have arrived.
    Unknown,
    /// A request whose answer was lost never arrived.
    NotPaid,
    /// The answer makes no sense.
    Protocol,
    /// A picture or file is not what it should be.
    Picture,
    /// Over the budget that the person has set.
    Budget,
    /// Our own disk or store.
    Store,
    /// Another editree has the job now.
    Elsewhere,
    /// A mistake of ours: a task panicked.
    Bug,
}

/// What is the same for all failures of a kind.
pub struct Family {
    /// What happened, before the message; nothing where the message says all.
    pub words: &'static str,
    pub exit_code: u8,
    /// What can be done, where nothing closer is known.
    pub advice: Option<Advice>,
}

impl FailureKind {
    pub fn family(self) -> Family {
        let (words, exit_code, advice) = match self {
            Self::Validation => ("the service rejects the input", exit_code::REFUSED, None),
            Self::Policy => ("the content filter refuses this", exit_code::REFUSED, None),
            Self::Auth => ("API key rejected", exit_code::REFUSED, None),
            Self::Permission => ("", exit_code::REFUSED, None),
            Self::Account => ("the account cannot pay for this", exit_code::REFUSED, None),
            Self::NotFound => ("the service does not know this", exit_code::REFUSED, None),
            Self::Early => ("the result is not there yet", exit_code::SERVICE, None),
            Self::Busy => ("the service is busy", exit_code::REFUSED, None),
            Self::Deadline => ("the start deadline has passed", exit_code::SERVICE, None),
            Self::Cancelled => ("cancelled", exit_code::INTERRUPTED, None),
            Self::Service => ("the service failed", exit_code::SERVICE, None),
            Self::Gone => ("the service no longer has the result", exit_code::SERVICE, None),
            Self::Network => {
                ("the service cannot be reached", exit_code::NETWORK, Some(Advice::LeavesByItself))
            }
            Self::Unknown => (
                "possibly billed: the answer was lost",
                exit_code::UNKNOWN,
                Some(Advice::LookAtRequests(None)),
            ),
            Self::NotPaid => ("", exit_code::NETWORK, Some(Advice::SendAgain)),
            Self::Protocol => ("unexpected response from the service", exit_code::SERVICE, None),
            Self::Picture => ("", exit_code::USAGE, None),
            Self::Budget => ("", exit_code::OVER_BUDGET, None),
            Self::Store | Self::Elsewhere => ("", exit_code::INTERNAL, None),
            Self::Bug => ("internal error in editree", exit_code::INTERNAL, Some(Advice::Report)),
        };
        Family { words, exit_code, advice }
    }
}

/// Whether money was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billed {
    No,
    Yes,
    Maybe,
}

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            advice: None,
            status: None,
            request_id: None,
            fields: Vec::new(),
            billed: Billed::No,
            ends: false,
            pause: None,
        }
    }

    pub fn hint(self, hint: impl Into<Hint>) -> Self {
        self.hint_opt(Some(hint))
    }

    pub fn hint_opt(mut self, hint: Option<impl Into<Hint>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }
}
