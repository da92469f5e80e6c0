//! What a config file says that can be read and not be used: each with its line.
//!
//! Changes nothing, and knows no environment. Invariant: a file without problems never fails later
//! for what is written in it.

use std::path::Path;

use ratatui::style::Color;
use toml::de::{DeTable, DeValue};
use url::{Host, Url};

use super::Error;
use super::file::{File, Kind, Profile};
use crate::fal::extra_headers::ExtraHeaders;
use crate::graphics::protocol::Protocol;
use crate::graphics::shapes::Shapes;
use crate::graphics::terminals::Notice;
use crate::limits;
use crate::schema::Usd;
use crate::ui::keys::Keymap;
use crate::ui::theme::Role;
use crate::ui::theme::named::{self, Named};
use crate::ui::theme::palette::{ThemeChoice, colour_named};

/// All of them, in the order of the sections.
pub(super) fn problems(file: &File, text: &str, path: &Path) -> Vec<Error> {
    let mut found = budget(file);
    found.extend(confirm(file));
    found.extend(profiles(file));
    found.extend(theme(file));
    found.extend(notify(file));
    found.extend(log(file));
    found.extend(graphics(file));
    found.extend(keys(file));
    let told = |(place, message): (Vec<&str>, String)| {
        Error::broken(path, line_at(text, &place), &message)
    };
    found.into_iter().map(told).collect()
}

/// Names from the outside in, and what is wrong with what stands there.
type Found<'file> = Vec<(Vec<&'file str>, String)>;

fn budget(file: &File) -> Found<'_> {
    let amounts = [("day", file.budget.day), ("session", file.budget.session)];
    let is_wrong = |amount: &f64| !amount.is_finite() || *amount < 0.0;
    let wrong = amounts.into_iter().filter(|(_, amount)| amount.as_ref().is_some_and(is_wrong));
    let told = |(name, _)| (vec!["budget", name], "a budget is a number of USD, 0 or more".into());
    wrong.map(told).collect()
}

fn confirm(file: &File) -> Found<'_> {
    let amount = Usd::from_f64(file.confirm.amount).filter(|amount| *amount >= Usd(0));
    let message = "`amount` of [confirm] is a number of USD, 0 or more";
    let wrong = amount.is_none().then(|| (vec!["confirm", "amount"], message.to_owned()));
    wrong.into_iter().collect()
}

fn log(file: &File) -> Found<'_> {
    let wrong = file.log.days == 0;
    let message = "`days` of [log] is a number of days, at least 1";
    wrong.then(|| (vec!["log", "days"], message.to_owned())).into_iter().collect()
}

fn profiles(file: &File) -> Found<'_> {
    let mut found = Found::new();
    let is_known = |name: &str| ["fal", "sim"].contains(&name) || file.profiles.contains_key(name);
    if let Some(name) = file.default_profile.as_deref().filter(|name| !is_known(name)) {
        found.push((vec!["default_profile"], format!("there is no profile `{name}`")));
    }
    for (name, profile) in &file.profiles {
        for (header, value) in &profile.headers {
            if let Err(error) = ExtraHeaders::new([(header.as_str(), value.0.as_str())]) {
                let reason = format!("profile `{name}`: {}", error.message);
                found.push((vec!["profiles", name, "headers", header], reason));
            }
        }
        let mut tell = |what: &'static str, reason: String| {
            found.push((vec!["profiles", name, what], format!("profile `{name}`: {reason}")));
        };
        if name == "sim" && profile.kind != Kind::Sim {
            // `--sim` promises that nothing is sent.
            tell(
                "kind",
                "this is the embedded simulator: say `kind = \"sim\"`, or name it otherwise".into(),
            );
        }
        if profile.kind == Kind::Gateway && profile.run_url.is_none() {
            tell("kind", "a gateway needs `run_url`".into());
        }
        if let Err(error) = profile.options.for_submit() {
            tell("options", error.message);
        }
        if profile.limit == Some(0) {
            tell("limit", "`limit` must be at least 1".into());
        }
        let is_name = |name: &String| !name.is_empty() && !name.contains(['=', ' ', '$']);
        if profile.key_env.as_ref().is_some_and(|name| !is_name(name)) {
            tell("key_env", "`key_env` is the name of an environment variable".into());
        }
        for (what, text) in addresses(profile) {
            if let Err(reason) = address(text) {
                tell(what, format!("`{what}`: {reason}"));
            }
        }
    }
    found
}

fn addresses(profile: &Profile) -> impl Iterator<Item = (&'static str, &str)> {
    let single = [
        ("run_url", &profile.run_url),
        ("queue_url", &profile.queue_url),
        ("rest_url", &profile.rest_url),
        ("cdn_url", &profile.cdn_url),
        ("api_url", &profile.api_url),
    ];
    let single = single.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
    single.chain(profile.backup_urls.iter().map(|text| ("backup_urls", text.as_str())))
}

/// As the client will want it; nothing of a password is repeated.
fn address(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|_| format!("`{text}` is not a URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address holds a user name or password".into());
    }
    let is_near = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(format!("`{text}` names no host")),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_near => Ok(()),
        scheme => Err(format!("`{scheme}://` is not `https://`, which a key needs on its way")),
    }
}

fn theme(file: &File) -> Found<'_> {
    let mut found = Found::new();
    if let Some(Err(reason)) = file.theme.colours.as_deref().map(theme_named) {
        found.push((vec!["theme", "colours"], reason));
    }
    if let Some(Err(reason)) = file.theme.blocks.as_deref().map(shapes) {
        found.push((vec!["theme", "blocks"], reason));
    }
    for (name, colour) in &file.theme.roles {
        if let Err(reason) = role(name, colour) {
            found.push((vec!["theme", "roles", name], reason));
        }
    }
    found
}

/// None where no colours are wanted.
fn theme_named(name: &str) -> Result<Option<Named>, String> {
    if name == "mono" {
        return Ok(None);
    }
    Named::find(name).map(Some).ok_or_else(|| {
        let names = named::names().join("`, `");
        format!("there is no theme `{name}`; there are `mono`, `{names}`")
    })
}

/// None where the terminal's name decides.
fn shapes(name: &str) -> Result<Option<Shapes>, String> {
    if name == "auto" {
        return Ok(None);
    }
    let found = Shapes::ALL.into_iter().find(|shapes| shapes.name() == name);
    found.map(Some).ok_or_else(|| {
        let names = Shapes::ALL.map(Shapes::name).join("`, `");
        format!("no blocks `{name}`; there are `auto`, `{names}`")
    })
}

fn notify(file: &File) -> Found<'_> {
    let wrong = notice_named(&file.notify.how).err();
    wrong.map(|reason| (vec!["notify", "how"], reason)).into_iter().collect()
}

/// None where the terminal's name decides.
fn notice_named(name: &str) -> Result<Option<Notice>, String> {
    if name == "auto" {
        return Ok(None);
    }
    let found = Notice::ALL.into_iter().find(|notice| notice.name() == name);
    found.map(Some).ok_or_else(|| {
        let names = Notice::ALL.map(Notice::name).join("`, `");
        format!("no notice `{name}`; there are `auto`, `{names}`")
    })
}

fn graphics(file: &File) -> Found<'_> {
    let is_wrong = |word: &str| word != "auto" && Protocol::by_flag(word).is_none();
    let wrong = file.graphics.iter().filter(|(_, word)| is_wrong(word));
    let words: Vec<&str> = Protocol::flags().collect();
    let told = |(name, word): (&'_ String, &String)| {
        let words = words.join("`, `");
        format!("`{name}`: no `{word}`; there are `auto`, `{words}`")
    };
    wrong.map(|(name, word)| (vec!["graphics", name.as_str()], told((name, word)))).collect()
}

fn role(name: &str, colour: &str) -> Result<(Role, Color), String> {
    let role = Role::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| {
        let names = Role::ALL.map(Role::name).join("`, `");
        format!("no role `{name}`; there are `{names}`")
    })?;
    let colour = colour_named(colour).ok_or_else(|| {
        format!(
            "`{colour}` is not a colour: `#rrggbb`, `red`, `bright-red`, `default`, or 0 to 255"
        )
    })?;
    Ok((role, colour))
}

/// What is refused is left out, so that each line that is wrong is found.
fn keys(file: &File) -> Found<'_> {
    let mut found = Found::new();
    let mut good: Vec<_> = file.keys.clone().into_iter().collect();
    while let Err(problem) = Keymap::with(&good) {
        good.retain(|(chord, _)| *chord != problem.chord);
        let written = file.keys.keys().find(|chord| **chord == problem.chord);
        found.extend(written.map(|chord| (vec!["keys", chord.as_str()], problem.to_string())));
    }
    found
}

/// The line of the innermost of these names that is there.
fn line_at(text: &str, place: &[&str]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let (mut table, mut start) = (root.get_ref(), None);
    for name in place {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name) else {
            break;
        };
        start = Some(key.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    start.map(|start| line_of(text, start))
}

impl File {
    /// How a person who looks elsewhere is told, if that is fixed.
    pub fn notice(&self) -> Option<Notice> {
        notice_named(&self.notify.how).ok().flatten()
    }

    /// How terminals' names begin, in lower case and the longest first, and how pictures are wanted
    /// there.
    pub fn graphics(&self) -> Vec<(String, Protocol)> {
        let named = |(name, word): (&String, &String)| {
            Some((name.to_lowercase(), Protocol::by_flag(word)?))
        };
        let mut found: Vec<_> = self.graphics.iter().filter_map(named).collect();
        found.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        found
    }

    /// Into what a cell of blocks is cut, if that is fixed.
    pub fn shapes(&self) -> Option<Shapes> {
        self.theme.blocks.as_deref().map(shapes).and_then(Result::ok).flatten()
    }

    /// The colours by role; a file that was examined holds no others.
    pub fn theme(&self) -> ThemeChoice {
        let named = self.theme.colours.as_deref().map(theme_named);
        let named = named.and_then(Result::ok).flatten().unwrap_or_default();
        let roles = self.theme.roles.iter().filter_map(|(name, colour)| role(name, colour).ok());
        ThemeChoice { named, roles: roles.collect() }
    }

    /// Reads `path`; a file that does not exist is an empty one unless it was `asked_for`.
    pub fn read(path: &Path, asked_for: bool) -> Result<Self, Error> {
        match read_text(path, asked_for) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked_for => {
                Ok(Self::default())
            }
            Err(error) => Err(Error::unreadable(path, &error)),
        }
    }

    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let (file, problems) = Self::examined(text, path)?;
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(file),
        }
    }

    /// What can be read of it, and all that is wrong with it.
    pub fn examine(path: &Path, asked_for: bool) -> (Self, Vec<Error>) {
        let text = match read_text(path, asked_for) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked_for => {
                return Default::default();
            }
            Err(error) => return (Self::default(), vec![Error::unreadable(path, &error)]),
        };
        Self::examined(&text, path).unwrap_or_else(|error| (Self::default(), vec![error]))
    }

    pub(super) fn examined(text: &str, path: &Path) -> Result<(Self, Vec<Error>), Error> {
        let file: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            Error::broken(path, line, error.message())
        })?;
        let problems = problems(&file, text, path);
        Ok((file, problems))
    }
}

/// Only what the person has named may be a pipe.
fn read_text(path: &Path, asked_for: bool) -> std::io::Result<String> {
    let read = if asked_for { limits::read_named_text } else { limits::read_text };
    read(path, limits::CONFIG)
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}
