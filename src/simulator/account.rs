//! Whose key it is: what it may do, what the account holds, and who may read its new files.
//!
//! All of it is dialled by a word, as faults are. Invariant: what a key may not do is refused before
//! anything is done, with the service's own words.

use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::request::{ApiHost, Request};
use super::responses::{answer, detail};
use crate::schema::Usd;

/// One thing that a key may be good for, by the service's own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    Submit,
    Read,
    Cancel,
    /// Signing of files.
    Assets,
    /// Balance and what requests have cost.
    Billing,
}

const RIGHTS: [(&str, Right); 5] = [
    ("models:requests:submit", Right::Submit),
    ("models:requests:read", Right::Read),
    ("models:requests:cancel", Right::Cancel),
    ("assets:read", Right::Assets),
    ("billing:read", Right::Billing),
];

/// What the service's dialogue for keys offers, as far as it matters here.
const PRESETS: [(&str, &[Right]); 5] = [
    ("full", &[Right::Submit, Right::Read, Right::Cancel, Right::Assets, Right::Billing]),
    ("api", &[Right::Submit, Right::Read, Right::Cancel, Right::Assets]),
    ("submit", &[Right::Submit]),
    ("readonly", &[Right::Read, Right::Assets]),
    ("billing", &[Right::Billing]),
];

/// Who may read a file without a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Access {
    #[default]
    Allow,
    /// It answers that it may not be read.
    Forbid,
    /// It answers as if it were not there.
    Hide,
}

impl Access {
    pub(super) fn named(word: &str) -> Option<Self> {
        match word {
            "allow" => Some(Self::Allow),
            "forbid" => Some(Self::Forbid),
            "hide" => Some(Self::Hide),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Account {
    rights: Vec<Right>,
    balance: Usd,
    /// Off every bill, in percent.
    pub(super) discount: u8,
    /// Of files whose request says nothing of it.
    pub(super) access: Access,
}

impl Default for Account {
    fn default() -> Self {
        let (rights, balance) = (RIGHTS.map(|(_, right)| right).to_vec(), Usd(100_000_000));
        Self { rights, balance, discount: 0, access: Access::default() }
    }
}

/// What can be dialled, for `--help`.
pub(super) const HELP: &str = "`key:PRESET` makes the key one of full, api, submit, readonly or billing; \
     or name its permissions, such as `key:models:requests:submit,assets:read`.\n\n\
     `files:allow|forbid|hide` decides who may read new files without a signature.\n\n\
     `balance:USD` and `discount:PERCENT` are the account's own.\n\n";

impl Account {
    /// `None`: the word is not about the account; else what would be right.
    pub(super) fn dial(&mut self, word: &str) -> Option<Result<(), String>> {
        let (what, value) = word.split_once(':')?;
        Some(match what {
            "key" => rights(value).map(|rights| self.rights = rights),
            "files" => match Access::named(value) {
                Some(access) => {
                    self.access = access;
                    Ok(())
                }
                None => Err("`files:` takes allow, forbid or hide".into()),
            },
            "balance" => match value.parse().ok().and_then(Usd::from_f64) {
                Some(balance) => {
                    self.balance = balance;
                    Ok(())
                }
                None => Err("`balance:` takes an amount in USD, such as 0.10".into()),
            },
            "discount" => match value.parse() {
                Ok(percent) if percent <= 100 => {
                    self.discount = percent;
                    Ok(())
                }
                Ok(_) | Err(_) => Err("`discount:` takes a percentage, such as 50".into()),
            },
            _ => return None,
        })
    }

    /// The key may do everything again, and files are open; money stays what it is.
    pub(super) fn recover(&mut self) {
        let Self { rights, access, .. } = Self::default();
        (self.rights, self.access) = (rights, access);
    }

    /// The bill after the discount; it leaves the balance.
    pub(super) fn charge(&mut self, subtotal: Usd) {
        self.balance = self.balance - self.discounted(subtotal);
    }

    pub(super) fn discounted(&self, subtotal: Usd) -> Usd {
        Usd(subtotal.0 * i64::from(100 - self.discount) / 100)
    }

    /// `account/billing`.
    pub(super) fn billing(&self, with_credits: bool) -> Value {
        let mut body = json!({ "username": "simulated-user" });
        if let (true, Some(body)) = (with_credits, body.as_object_mut()) {
            let credits = json!({ "current_balance": self.balance.to_f64(), "currency": "USD" });
            body.insert("credits".into(), credits);
        }
        body
    }

    /// Refuses what the key may not do, and what the account cannot pay.
    pub(super) fn admit(&self, request: &Request) -> Result<(), Response> {
        let Some(right) = needed(request) else { return Ok(()) };
        if !self.rights.contains(&right) {
            return Err(refusal(request.api_host));
        }
        if right == Right::Submit && request.api_host != ApiHost::Rest && self.balance.0 <= 0 {
            return Err(detail(403, "User is locked. Reason: Exhausted balance."));
        }
        Ok(())
    }
}

fn rights(value: &str) -> Result<Vec<Right>, String> {
    let mut found = Vec::new();
    for word in value.split(',').map(str::trim) {
        let preset = PRESETS.iter().find(|(name, _)| *name == word).map(|(_, rights)| *rights);
        let single = RIGHTS.iter().find(|(name, _)| *name == word).map(|(_, right)| *right);
        match (preset, single) {
            (Some(rights), _) => found.extend_from_slice(rights),
            (None, Some(right)) => found.push(right),
            (None, None) => {
                let presets = PRESETS.map(|(name, _)| name).join(", ");
                let names = RIGHTS.map(|(name, _)| name).join(", ");
                return Err(format!("`key:` takes one of {presets}; or of {names}"));
            }
        }
    }
    Ok(found)
}

/// What the call asks of the key; uploads belong to the submit that follows them.
fn needed(request: &Request) -> Option<Right> {
    match request.api_host {
        ApiHost::Run | ApiHost::Rest => Some(Right::Submit),
        ApiHost::Queue | ApiHost::Gateway if !request.path.contains("/requests/") => {
            Some(Right::Submit)
        }
        ApiHost::Queue | ApiHost::Gateway if request.method == Method::PUT => Some(Right::Cancel),
        ApiHost::Queue | ApiHost::Gateway => Some(Right::Read),
        ApiHost::Api => match request.path.as_str() {
            "v1/models/requests/by-endpoint" => Some(Right::Read),
            "v1/models/billing-events" | "v1/account/billing" => Some(Right::Billing),
            "v1/storage/files/sign" => Some(Right::Assets),
            _ => None,
        },
        ApiHost::Cdn | ApiHost::Site | ApiHost::Own => None,
    }
}

/// As the service words it; the platform's own interface has another shape.
fn refusal(host: ApiHost) -> Response {
    let text = "Insufficient permissions for this operation";
    match host {
        ApiHost::Api => platform_error(403, "authorization_error", text),
        ApiHost::Run
        | ApiHost::Queue
        | ApiHost::Rest
        | ApiHost::Gateway
        | ApiHost::Cdn
        | ApiHost::Site
        | ApiHost::Own => detail(403, text),
    }
}

/// An error of the platform's own interface.
pub(super) fn platform_error(status: u16, word: &str, text: &str) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    answer(
        status,
        &json!({ "error": { "type": word, "message": text,
            "docs_url": "https://fal.ai/docs/api-reference/platform-apis", "request_id": id } }),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn words_about_the_account_are_read_and_wrong_ones_explained() {
        let mut account = Account::default();
        for word in ["key:api", "key:full,billing", "key:assets:read", "files:hide", "balance:0.10"]
        {
            assert_eq!(account.dial(word), Some(Ok(())), "{word}");
        }
        assert_eq!((account.rights.len(), account.balance), (1, Usd(100_000)));
        for (word, right) in
            [("key:all", "full"), ("files:x", "hide"), ("balance:x", "USD"), ("discount:101", "50")]
        {
            assert!(account.dial(word).unwrap().unwrap_err().contains(right), "{word}");
        }
        assert_eq!(account.dial("submit:503"), None);
        assert_eq!(account.dial("off"), None);
    }
}
