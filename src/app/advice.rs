//! What can be done about a failure, as data: one thing that is possible now.
//!
//! Decides nothing and knows no service. Invariant: an advice that leads to another payment says so
//! in its words.

use super::hint::{CommandId, Hint};

/// One thing to do, or to leave to editree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The input was rejected; the form marks the fields.
    MendFields,
    /// Words or pictures were rejected, which no field of the form marks.
    MendInput,
    /// Turned away without a word of what was wrong: it may have been nothing.
    TakeAgain,
    /// The content filter said no.
    Reword,
    /// The key was refused before anything was sent.
    CheckKey,
    /// The key was refused for a request that was accepted with another.
    GiveKey,
    Billing,
    ChooseEndpoint,
    /// Nothing was begun; the pause that the service asked for, in seconds.
    TryLater(Option<u64>),
    /// Accepted: it is asked for again.
    AskedAgain,
    /// The request is over without a picture: only another one makes it.
    SendAgain,
    /// "Maybe paid": the request's id, where one is known.
    LookAtRequests(Option<String>),
    SmallerPicture,
    /// It was not sent, and leaves by itself.
    LeavesByItself,
    CheckAddress,
    Report,
}

/// Where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// Nothing needs to be done.
    ByItself,
    /// To the prompt or the form, and from there to a request.
    Draft,
    /// To a command that sends a request.
    Request,
    /// To a command that sends none.
    Command,
    /// Out of the program: a page, a desk, a report.
    Outside,
}

impl Advice {
    pub fn leads(&self) -> Leads {
        match self {
            Self::AskedAgain | Self::LeavesByItself => Leads::ByItself,
            Self::MendFields
            | Self::MendInput
            | Self::TakeAgain
            | Self::Reword
            | Self::SmallerPicture => Leads::Draft,
            Self::SendAgain | Self::TryLater(_) => Leads::Request,
            Self::CheckKey | Self::GiveKey | Self::ChooseEndpoint => Leads::Command,
            Self::Billing | Self::LookAtRequests(_) | Self::CheckAddress | Self::Report => {
                Leads::Outside
            }
        }
    }

    /// Doing it pays for another request.
    pub fn costs(&self) -> bool {
        matches!(self.leads(), Leads::Draft | Leads::Request)
    }

    /// What to do, and what that costs.
    pub fn hint(&self) -> Hint {
        let words = match self {
            Self::ChooseEndpoint => {
                return Hint::to(CommandId::Endpoint, "choose another endpoint");
            }
            Self::AskedAgain => {
                let words = "ask now; it is paid and asked for again by itself";
                return Hint::to(CommandId::AskAgain, words);
            }
            Self::SendAgain => {
                let words = "take its words again; sending costs as usual";
                return Hint::to(CommandId::EarlierPrompt, words);
            }
            Self::MendFields => {
                let words = "change the marked fields; the next request costs as usual";
                return Hint::to(CommandId::Parameters, words);
            }
            Self::MendInput => {
                let words =
                    "take its words again, and change what was refused; sending costs as usual";
                return Hint::to(CommandId::EarlierPrompt, words);
            }
            Self::TakeAgain => {
                let words = "take its words again, changed or not; sending costs as usual";
                return Hint::to(CommandId::EarlierPrompt, words);
            }
            Self::Reword => {
                let words = "reword it, or raise Safety tolerance; the next request costs as usual";
                return Hint::to(CommandId::EarlierPrompt, words);
            }
            Self::CheckKey => {
                "`editree key status --check` tells which key is used and what it may do".into()
            }
            Self::GiveKey => "it goes on as soon as a key works: `editree key set`".into(),
            Self::Billing => "look at the account's billing page".into(),
            Self::TryLater(None) => {
                "nothing was begun or billed; a request in a while costs as usual".into()
            }
            Self::TryLater(Some(seconds)) => format!(
                "the service asks for a pause of {seconds} s; a request after it costs as usual"
            ),
            Self::LookAtRequests(None) => {
                "look at the account's requests page before sending it again".into()
            }
            Self::LookAtRequests(Some(id)) => format!(
                "look for request {id} on the account's requests page before sending it again"
            ),
            Self::SmallerPicture => "use a smaller picture; the request costs as usual".into(),
            Self::LeavesByItself => {
                "it is sent automatically when the service answers again".into()
            }
            Self::CheckAddress => "check the address in the profile".into(),
            Self::Report => "please report it with the log".into(),
        };
        Hint::Text(words)
    }
}
