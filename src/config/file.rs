//! The config file as it is written, before anything is decided.
//!
//! Unknown names are refused: a typo must not look like a default.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::options::{Hidden, Options};

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
    pub translate: Translate,
    #[serde(default)]
    pub theme: Theme,
    #[serde(default)]
    pub notify: Notify,
    #[serde(default)]
    pub log: Log,
    /// How a terminal's name begins to a word of `--graphics`.
    #[serde(default)]
    pub graphics: BTreeMap<String, String>,
    /// Lines instead of a screen.
    #[serde(default)]
    pub plain: bool,
}

/// `[translate]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translate {
    /// Program and arguments: reads the prompt, writes it in English.
    #[serde(default)]
    pub command: Vec<String>,
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
    /// Headers that go with every paid request; only the service's own names.
    #[serde(default)]
    pub headers: BTreeMap<String, Hidden>,
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

/// `[notify]`: what is told while one looks elsewhere.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// `auto`, `none`, or the escape for a notice: `bell`, `osc9`, `osc777`, `osc99`.
    pub how: String,
    /// In the tab or the task bar, where the terminal has that.
    pub progress: bool,
    /// Of the window.
    pub title: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { how: "auto".into(), progress: true, title: true }
    }
}

/// `[log]`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// So long lines are kept.
    pub days: u32,
}

impl Default for Log {
    fn default() -> Self {
        Self { days: 90 }
    }
}

/// `[theme]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// `auto`, `mono`, or the name of a theme.
    pub colours: Option<String>,
    /// Role to colour.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// `auto`, or into what a cell of block pictures is cut.
    pub blocks: Option<String>,
    /// Borders in ASCII even in a UTF-8 locale.
    #[serde(default)]
    pub ascii: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

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
    fn whatever_cannot_be_used_is_told_with_its_line() {
        for (text, line, words) in [
            ("[budget]\nday = 1\nsession = -1", 3, "0 or more"),
            ("[budget]\nday = nan", 2, "0 or more"),
            ("\ndefault_profile = \"nobody\"", 2, "no profile `nobody`"),
            ("[profiles.x]\nkind = \"gateway\"", 2, "needs `run_url`"),
            ("[profiles.x]\nkind = \"gate\"", 2, "gate"),
            ("[profiles.sim]\nlimit = 3", 1, "embedded simulator"),
            ("[profiles.sim]\nkind = \"fal\"", 2, "embedded simulator"),
            ("[profiles.x]\nlimit = 0", 2, "at least 1"),
            ("[profiles.x]\nkey_env = \"$KEY\"", 2, "environment variable"),
            ("[profiles.x]\nlimit = 1\nqueue_url = \"fal.run\"", 3, "not a URL"),
            ("[profiles.x]\nrun_url = \"http://10.0.0.1/x\"", 2, "https"),
            ("[profiles.x]\nrun_url = \"ftp://127.0.0.1/x\"", 2, "https"),
            ("[profiles.x]\nrun_url = \"https://me:word@x.y\"", 2, "password"),
            ("[profiles.x]\nbackup_urls = [\"https://x.y\", \"?\"]", 2, "not a URL"),
            ("[profiles.x.options]\nstart_timeout = -1", 1, "start_timeout"),
            ("[theme]\ncolours = \"blue\"", 2, "`gruvbox-light`"),
            ("[theme]\nblocks = \"tiny\"", 2, "`sextant`"),
            ("[theme.roles]\n\nfailed = \"rde\"", 3, "`#rrggbb`"),
            ("[theme.roles]\nfaild = \"red\"", 2, "`maybe-paid`"),
            ("[notify]\nhow = \"mail\"", 2, "`osc777`"),
            ("[log]\ndays = 0", 2, "at least 1"),
            ("[log]\ndays = -1", 2, "-1"),
            ("[graphics]\nkitty = \"kiity\"", 2, "`sixel`"),
            ("[keys]\n\"alt-q\" = \"nonsense\"", 2, "no command `nonsense`"),
            ("[keys]\n\"alt-u\" = \"star\"\n\"alt-qq\" = \"heal\"", 3, "invalid key `alt-qq`"),
            ("[keys]\n\"a\" = \"heal\"", 2, "already means"),
            ("[budget]\ndya = 3", 2, "dya"),
            ("[budget\nday = 3", 1, ""),
        ] {
            let message = message(text);
            let place = format!("`config.toml` line {line} ");
            assert!(message.contains(&place) && message.contains(words), "{text}: {message}");
            assert!(!message.contains("word@"), "{message}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_found_at_once() {
        let text = "default_profile = \"x\"\n[budget]\nday = -1\n[theme]\ncolours = \"red\"\n\
                    [profiles.x]\nrun_url = \"no\"\nlimit = 0\n[keys]\n\"f99\" = \"heal\"\n";
        let (_, problems) = File::examined(text, Path::new("config.toml")).unwrap();
        assert_eq!(problems.len(), 5, "{problems:?}");
    }
}
