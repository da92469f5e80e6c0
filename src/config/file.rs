//! The config file as it is written, before anything is decided.
//!
//! Unknown names are refused: a typo must not look like a default.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::Error;
use super::options::Options;
use crate::schema::Usd;

/// `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub default_profile: Option<String>,
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
    #[serde(default)]
    pub budget: Budget,
    #[serde(default)]
    pub confirm: Confirm,
    /// Chord to command.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
    /// Name to text.
    #[serde(default)]
    pub snippets: BTreeMap<String, String>,
    #[serde(default)]
    pub theme: Theme,
}

/// `[profiles.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    #[serde(default)]
    pub kind: Kind,
    pub run_url: Option<String>,
    pub queue_url: Option<String>,
    pub rest_url: Option<String>,
    pub cdn_url: Option<String>,
    pub api_url: Option<String>,
    #[serde(default)]
    pub backup_urls: Vec<String>,
    pub auth: Option<Auth>,
    /// Name of the environment variable that holds the key.
    pub key_env: Option<String>,
    /// Requests under way at once.
    pub limit: Option<usize>,
    /// How many days the service keeps results, and so how long one is asked for; 7 by default.
    pub results_days: Option<u32>,
    #[serde(default)]
    pub options: Options,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Fal,
    /// Imitates the service's paths; answers the bare POST as the queue does.
    Gateway,
    /// The embedded simulator.
    Sim,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    Key,
    Bearer,
}

/// `[budget]`, in USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    pub day: Option<f64>,
    pub session: Option<f64>,
}

/// `[confirm]`: more at once than this is asked about before it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Confirm {
    /// Requests; 0 asks about each.
    pub requests: usize,
    /// USD.
    pub amount: f64,
}

impl Default for Confirm {
    fn default() -> Self {
        Self { requests: 1, amount: 0.50 }
    }
}

/// `[theme]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// `auto`, `mono`.
    pub colours: Option<String>,
    /// Borders in ASCII even in a UTF-8 locale.
    #[serde(default)]
    pub ascii: bool,
}

impl File {
    /// Reads `path`; a file that does not exist is an empty one unless it was `asked_for`.
    pub fn read(path: &Path, asked_for: bool) -> Result<Self, Error> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked_for => {
                Ok(Self::default())
            }
            Err(error) => Err(Error::unreadable(path, &error)),
        }
    }

    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let file: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            Error::broken(path, line, error.message())
        })?;
        file.check(path)?;
        Ok(file)
    }

    fn check(&self, path: &Path) -> Result<(), Error> {
        for amount in [self.budget.day, self.budget.session].into_iter().flatten() {
            if !amount.is_finite() || amount < 0.0 {
                return Err(Error::broken(path, None, "a budget is a number of USD, 0 or more"));
            }
        }
        if Usd::from_f64(self.confirm.amount).is_none_or(|amount| amount < Usd(0)) {
            let message = "`amount` of [confirm] is a number of USD, 0 or more";
            return Err(Error::broken(path, None, message));
        }
        for (name, profile) in &self.profiles {
            if profile.kind == Kind::Gateway && profile.run_url.is_none() {
                let message = format!("profile `{name}` is a gateway and needs `run_url`");
                return Err(Error::broken(path, None, &message));
            }
            if let Err(error) = profile.options.for_submit() {
                let message = format!("profile `{name}`: {error}");
                return Err(Error::broken(path, None, &message));
            }
            if profile.limit == Some(0) {
                let message = format!("profile `{name}`: `limit` must be at least 1");
                return Err(Error::broken(path, None, &message));
            }
        }
        Ok(())
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn message(text: &str) -> String {
        File::parse(text, Path::new("config.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_typo_is_named_with_its_line() {
        let message = message("[budget]\ndya = 3\n");
        assert!(message.contains("`config.toml` line 2"), "{message}");
        assert!(message.contains("dya"), "{message}");
    }

    #[test]
    fn a_gateway_without_address_is_refused() {
        assert!(message("[profiles.x]\nkind = \"gateway\"\n").contains("needs `run_url`"));
    }

    #[test]
    fn what_is_asked_about_has_limits_that_can_be_used() {
        let confirm = |text: &str| File::parse(text, Path::new("config.toml")).unwrap().confirm;
        assert_eq!(confirm(""), Confirm { requests: 1, amount: 0.5 });
        assert_eq!(confirm("[confirm]\nrequests = 4\n"), Confirm { requests: 4, amount: 0.5 });
        assert_eq!(confirm("[confirm]\namount = 2\n"), Confirm { requests: 1, amount: 2.0 });
        for text in ["amount = -0.1", "amount = nan", "amount = inf"] {
            let message = message(&format!("[confirm]\n{text}\n"));
            assert!(message.contains("[confirm]") && message.contains("0 or more"), "{message}");
        }
        for text in ["requests = -1", "requests = 1.5", "request = 1", "amount = \"much\""] {
            let message = message(&format!("[confirm]\n{text}\n"));
            assert!(message.contains("line 2"), "{message}");
        }
    }

    #[test]
    fn a_negative_budget_is_refused() {
        assert!(message("[budget]\nday = -1\n").contains("0 or more"));
    }
}
