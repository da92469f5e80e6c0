//! The environment variables that editree knows, read once. The key stays wrapped.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::arguments::Common;
use super::keyring::Keyring;
use super::keys::Keys;
use super::{Error, filled, network};
use crate::fal::profile::Key;

/// What is read besides the variable of each option, and what for: for help and manual.
pub const VARIABLES: [(&str, &str); 9] = [
    (
        "FAL_KEY",
        "the key of the service, or FAL_KEY_ID and FAL_KEY_SECRET; a profile may name another",
    ),
    ("XDG_CONFIG_HOME", "the folder of the config file's folder, `~/.config` without it"),
    ("XDG_DATA_HOME", "the folder of the store's folder, `~/.local/share` without it"),
    ("VISUAL, EDITOR", "the editor for long prompts"),
    ("NO_COLOR", "no colours: marks and weights stay"),
    (
        "HTTPS_PROXY, ALL_PROXY",
        "the proxy to the service: http://, https://, socks5:// or socks5h://",
    ),
    ("NO_PROXY", "hosts that are reached without it, separated by commas"),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "certificate authorities to trust instead of this machine's"),
    ("TERM, COLORTERM, TERM_PROGRAM, LC_TERMINAL, LANG", "what the terminal is and may be sent"),
];

/// What the environment says.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub config_home: PathBuf,
    pub data_home: PathBuf,
    pub editor: String,
    /// Where programs are.
    pub path: String,
    pub term: String,
    pub colorterm: String,
    pub term_program: String,
    pub lc_terminal: String,
    /// The locale's character set is UTF-8.
    pub utf8: bool,
    /// The variables that name certificate authorities of one's own.
    pub authorities: Vec<&'static str>,
    pub no_color: bool,
    pub tmux: bool,
    pub screen: bool,
    pub ssh: bool,
    pub x11: bool,
    /// `user@host` for the `scp` lines that are shown.
    pub login: String,
    /// Keys that were given to us to keep.
    pub kept: Keys,
    /// Keys by the variable they came from.
    keys: BTreeMap<String, Result<Key, String>>,
    id_and_secret: Option<Result<Key, String>>,
    /// Settings of the line that cannot be used.
    pub line: Vec<Error>,
}

impl Environment {
    pub fn read() -> Self {
        let get = |name: &str| filled(std::env::var_os(name)).unwrap_or_default();
        let home = PathBuf::from(get("HOME"));
        let folder = |name: &str, below: &str| match filled(std::env::var_os(name)) {
            // The XDG rule: a relative path counts as unset.
            Some(path) if PathBuf::from(&path).is_absolute() => PathBuf::from(path),
            Some(_) | None => home.join(below),
        };
        let set = |name: &str| filled(std::env::var_os(name)).is_some();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let user = first_of([get("USER"), get("LOGNAME")]);
        let config_home = folder("XDG_CONFIG_HOME", ".config");
        let path = get("PATH");
        let keyring = Keyring::find(&path);
        Self {
            kept: Keys { folder: config_home.join("editree").join("keys"), keyring },
            config_home,
            data_home: folder("XDG_DATA_HOME", ".local/share"),
            editor: first_of([get("VISUAL"), get("EDITOR")]),
            path,
            term: get("TERM"),
            colorterm: get("COLORTERM"),
            term_program: get("TERM_PROGRAM"),
            lc_terminal: get("LC_TERMINAL"),
            utf8: is_utf8(&first_of([get("LC_ALL"), get("LC_CTYPE"), get("LANG")])),
            no_color: set("NO_COLOR"),
            tmux: set("TMUX"),
            screen: set("STY"),
            ssh: set("SSH_CONNECTION") || set("SSH_TTY"),
            x11: set("DISPLAY") && !set("WAYLAND_DISPLAY"),
            login: if user.is_empty() { host } else { format!("{user}@{host}") },
            authorities: AUTHORITIES.into_iter().filter(|name| set(name)).collect(),
            line: network::problems(&|name| std::env::var_os(name)),
            keys: BTreeMap::new(),
            id_and_secret: read_pair(),
        }
    }

    pub(super) fn config_file(&self, common: &Common) -> PathBuf {
        let usual = || self.config_home.join("editree").join("config.toml");
        common.config.clone().unwrap_or_else(usual)
    }

    /// Reads the keys in these variables, and in the usual ones.
    pub(super) fn read_keys<'a>(&mut self, variables: impl Iterator<Item = &'a str>) {
        for variable in variables.chain([DEFAULT_KEY]) {
            if let Some(key) = read_key(std::env::var_os(variable)) {
                self.keys.insert(variable.to_owned(), key);
            }
        }
    }

    /// The key in `variable`; for the usual one also from id and secret apart.
    pub fn key(&self, variable: &str) -> Option<&Key> {
        self.found(variable)?.as_ref().ok()
    }

    /// Why what is set there cannot be used.
    pub fn key_problem(&self, variable: &str) -> Option<Error> {
        let reason = self.found(variable)?.as_ref().err()?;
        let hint = format!("set {variable} to `id:secret`, or unset it; editree --sim needs none");
        Some(Error::new(format!("`{variable}` is set and cannot be used: {reason}"), hint))
    }

    /// Of all variables that a key may be in.
    pub fn key_problems(&self) -> Vec<Error> {
        let usual = [DEFAULT_KEY].into_iter().filter(|name| !self.keys.contains_key(*name));
        let names = self.keys.keys().map(String::as_str).chain(usual);
        names.filter_map(|name| self.key_problem(name)).collect()
    }

    fn found(&self, variable: &str) -> Option<&Result<Key, String>> {
        let pair = (variable == DEFAULT_KEY).then_some(self.id_and_secret.as_ref()).flatten();
        self.keys.get(variable).or(pair)
    }
}

const AUTHORITIES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Where the service's own clients look first.
pub const DEFAULT_KEY: &str = "FAL_KEY";

/// A variable that is set to nothing is not set.
fn read_key(value: Option<OsString>) -> Option<Result<Key, String>> {
    let Ok(text) = value?.into_string() else {
        return Some(Err("it holds bytes that are not text".into()));
    };
    let key = || Key::new(&text).map_err(|error| error.message);
    (!text.trim().is_empty()).then(key)
}

fn read_pair() -> Option<Result<Key, String>> {
    let half = |name: &str| std::env::var_os(name).map(|half| half.to_string_lossy().into_owned());
    let half = |name: &str| half(name).filter(|half| !half.trim().is_empty());
    match (half("FAL_KEY_ID"), half("FAL_KEY_SECRET")) {
        (None, None) => None,
        (Some(id), Some(secret)) => read_key(Some(format!("{id}:{secret}").into())),
        (Some(_), None) => Some(Err("`FAL_KEY_ID` is set and `FAL_KEY_SECRET` is not".into())),
        (None, Some(_)) => Some(Err("`FAL_KEY_SECRET` is set and `FAL_KEY_ID` is not".into())),
    }
}

fn first_of<const N: usize>(texts: [String; N]) -> String {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
