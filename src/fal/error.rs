//! What can go wrong with the service, in one struct with a kind.
//!
//! It does not decide what to do about a failure (`retry` does) and holds no response bodies.
//! Invariant: no field ever holds the key; the client strikes it out before an error leaves.

use std::fmt;
use std::time::Duration;

/// Which call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Building the client: key, hosts, options. Nothing was sent.
    Setup,
    /// The paid `POST` to the queue.
    Submit,
    /// The paid `POST` that waits for its result.
    Run,
    /// One look at a request's state.
    Status,
    /// Watching a request until it completes; far more patient than [`Step::Status`].
    Follow,
    Result,
    Cancel,
    /// The short-lived permission to upload.
    UploadToken,
    /// Asking where to upload to (the fall-back way).
    UploadStart,
    /// Sending a file's bytes.
    Upload,
    Download,
    /// The free check of the key.
    Probe,
    /// What endpoints cost.
    Prices,
    /// Which requests the account has sent.
    Requests,
    /// What requests have cost.
    Bills,
    /// What the account holds.
    Balance,
    /// Leave to fetch a restricted file.
    Sign,
    /// Which models there are.
    Models,
}

impl Step {
    /// The step in words, as in "could not …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Setup => "set up the connection",
            Self::Submit => "submit",
            Self::Run => "run",
            Self::Status => "read the status",
            Self::Follow => "follow the request",
            Self::Result => "read the result",
            Self::Cancel => "cancel",
            Self::UploadToken => "get leave to upload",
            Self::UploadStart => "start the upload",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Probe => "check the key",
            Self::Prices => "ask for prices",
            Self::Requests => "list requests",
            Self::Bills => "ask what requests have cost",
            Self::Balance => "ask for the balance",
            Self::Sign => "sign for a private file",
            Self::Models => "ask for models",
        }
    }

    /// What the key must be allowed to do for this step, and the preset of keys that allows it, by
    /// the service's own names.
    pub fn permission(self) -> (&'static str, &'static str) {
        match self {
            Self::Setup | Self::Submit | Self::Run => ("models:requests:submit", "API"),
            Self::UploadToken | Self::UploadStart | Self::Upload => {
                ("models:requests:submit", "API")
            }
            Self::Status | Self::Follow | Self::Result | Self::Probe | Self::Requests => {
                ("models:requests:read", "API")
            }
            Self::Cancel => ("models:requests:cancel", "API"),
            Self::Prices | Self::Models => ("models:read", "API"),
            Self::Bills | Self::Balance => ("billing:read", "BILLING or FULL"),
            Self::Download | Self::Sign => ("assets:read", "FULL"),
        }
    }

    /// Whether sending it twice may cost money twice.
    pub fn is_paid(self) -> bool {
        matches!(self, Self::Submit | Self::Run)
    }
}

/// What sort of failure it is; decides the words and the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The key is missing, malformed, unknown, or not allowed here.
    Auth,
    /// The key is good, and may not do this; the message names the permission.
    Permission,
    /// The key is good, the account is locked or has no credit.
    Account,
    /// The input was rejected; see [`Error::fields`].
    Validation,
    /// The content filter said no. Possibly billed.
    Policy,
    /// No such endpoint or request.
    NotFound,
    /// Too many requests; nothing was begun.
    Busy,
    /// The start deadline passed before work began.
    Deadline,
    /// The request was cancelled.
    Cancelled,
    /// The platform or the model failed.
    Service,
    /// The request is known no more: its result has expired.
    Gone,
    /// The result was asked for too early.
    NotYet,
    /// The service was not reached, or the line broke.
    Network,
    /// The request was refused for another reason, by the service or before sending.
    Refused,
    /// The answer makes no sense.
    Protocol,
    /// A limit of size was reached.
    TooLarge,
    /// A paid request may or may not have arrived: "maybe paid". Never repeated by itself.
    Unknown,
}

/// Whether the request that the error belongs to costs money, as far as can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Billed {
    No,
    Yes,
    Maybe,
}

/// One complaint about one field of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The path as the service gives it: `["body", "image_urls", "1"]`.
    pub loc: Vec<String>,
    /// For people; not stable.
    pub message: String,
    /// The stable word, such as `less_than_equal`; may be one we do not know, or empty.
    pub word: String,
}

impl FieldError {
    /// The parameter's name: the first part of the path after `body`, if any.
    pub fn field(&self) -> Option<&str> {
        let named = self.loc.iter().find(|part| part.as_str() != "body");
        named.map(String::as_str)
    }
}

/// A failed call.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct Error {
    pub step: Step,
    pub kind: Kind,
    pub billed: Billed,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The service's id of the failed call or request, when it gave one.
    pub request_id: Option<String>,
    /// Words of ours or of the service; unsanitised text.
    pub message: String,
    /// One entry for each rejected field.
    pub fields: Vec<FieldError>,
    /// The service's machine word, such as `runner_disconnected`; may be one we do not know.
    pub error_type: Option<String>,
    /// How long the service asked us to stay away.
    pub retry_after: Option<Duration>,
    /// What stands behind the refusal.
    pub voice: Voice,
    /// In the form that the service gives its errors, whoever says it.
    pub is_told: bool,
}

/// Who speaks in an unsuccessful answer; only the model's word ends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Voice {
    /// The model's complaints, one by one and well-formed, or the passed start
    /// deadline: the request is over.
    Model,
    /// The service's own form of an error: perhaps the request's, perhaps that of
    /// the moment.
    Platform,
    /// A box in between, another host, or nobody.
    Nobody,
}

impl Error {
    /// An error without an answer. A paid step that ends unknown is "maybe billed".
    pub(super) fn new(step: Step, kind: Kind, message: impl Into<String>) -> Self {
        let billed = match kind {
            Kind::Unknown => Billed::Maybe,
            Kind::Auth
            | Kind::Permission
            | Kind::Account
            | Kind::Validation
            | Kind::Policy
            | Kind::NotFound
            | Kind::Busy
            | Kind::Deadline
            | Kind::Cancelled
            | Kind::Service
            | Kind::Gone
            | Kind::NotYet
            | Kind::Network
            | Kind::Refused
            | Kind::Protocol
            | Kind::TooLarge => step.unsettled(),
        };
        Self {
            step,
            kind,
            billed,
            status: None,
            request_id: None,
            message: message.into(),
            fields: Vec::new(),
            error_type: None,
            retry_after: None,
            voice: Voice::Nobody,
            is_told: false,
        }
    }

    /// A refusal of our own, before anything was sent.
    pub(super) fn unsent(step: Step, message: impl Into<String>) -> Self {
        Self { billed: Billed::No, ..Self::new(step, Kind::Refused, message) }
    }
}

impl Step {
    /// What a failure of this step says about the bill when nothing more is known: the steps
    /// after submit belong to a request that is under way.
    pub fn unsettled(self) -> Billed {
        match self {
            Self::Status
            | Self::Follow
            | Self::Result
            | Self::Cancel
            | Self::Download
            | Self::Sign
            // They are asked about what is paid, or may be.
            | Self::Requests
            | Self::Bills => Billed::Maybe,
            Self::Setup
            | Self::Submit
            | Self::Run
            | Self::UploadToken
            | Self::UploadStart
            | Self::Upload
            | Self::Probe
            | Self::Prices
            | Self::Balance
            | Self::Models => Billed::No,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.words())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "could not {}", self.step)?;
        if let Some(status) = self.status {
            write!(out, " ({status})")?;
        }
        write!(out, ": {}", self.message)
    }
}

/// A call that will be made again, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    pub step: Step,
    /// What went wrong.
    pub kind: Kind,
    pub reason: String,
    /// How many tries there were.
    pub attempt: u32,
    /// From now until the next one.
    pub after: Duration,
}
