//! `doctor`: what was found, why, and the command that fixes it.
//!
//! Invariant: the key itself is in nothing that is said.

use serde_json::{Value, json};

use super::gc::size;
use super::session::{executor, open_quietly};
use super::{CommandError, code, print, print_json};
use crate::app::failure::Failure;
use crate::config::arguments::Common;
use crate::config::file::Kind;
use crate::config::{self, Config};
use crate::store::check::Checked;

/// What is to be done where the database cannot be believed, and what goes with it.
const BELIEVE: &str = "to believe the pictures, move editree.db away and start editree";
const WITH_IT: &str =
    "stars, names, the draft and requests under way are in editree.db alone and stay in the file";

mod line;
mod machine;
mod terminal;

/// One thing that was looked at.
#[derive(Default)]
struct Finding {
    what: &'static str,
    found: String,
    /// What follows from it, where that is not plain.
    meaning: Option<String>,
    /// What to do about it, where something is to be done.
    fix: Option<String>,
}

/// `editree doctor`.
pub(crate) fn doctor(common: &Common, as_json: bool) -> Result<u8, CommandError> {
    let (config, problems) = Config::examine(common);
    let is_usable = problems.is_empty();
    let told = |problem: config::Error| Finding {
        what: "setting",
        found: problem.message,
        fix: problem.hint,
        ..Finding::default()
    };
    let mut findings: Vec<Finding> = problems.into_iter().map(told).collect();
    findings.extend(examine(&config, is_known(common, &config))?);
    // As every other command ends with settings that it cannot use.
    let code = if is_usable { 0 } else { code::USAGE };
    show(&findings, as_json).map(|shown| shown.max(code))
}

/// Whether the profile that was asked for is there; of another one nothing need be told.
fn is_known(common: &Common, config: &Config) -> bool {
    let asked = common.profile.as_ref().or(config.file.default_profile.as_ref());
    common.sim || asked.is_none_or(|asked| *asked == config.profile.name)
}

/// What can be looked at once it is decided what is meant.
fn examine(config: &Config, is_known: bool) -> Result<Vec<Finding>, CommandError> {
    let executor = executor()?;
    let checked = executor.block_on(async {
        let (store, opening) = open_quietly(config, false, false).await?;
        let mut notes = opening.notes;
        notes.extend(store.merge().await.map_err(Failure::from)?.filter(|_| notes.is_empty()));
        let checked = store.check().await.map_err(Failure::from)?;
        Ok::<_, CommandError>((checked, notes))
    });
    let mut findings = vec![settings(config, is_known)];
    if is_known {
        findings.push(key(config));
    }
    findings.extend(store(config, checked));
    findings.extend(terminal::terminal(config));
    findings.extend(headers(config));
    findings.extend(machine::machine(config));
    if is_known {
        findings.extend(executor.block_on(line::line(config)));
    }
    executor.shutdown_background();
    Ok(findings)
}

fn show(findings: &[Finding], as_json: bool) -> Result<u8, CommandError> {
    if as_json {
        let row = |finding: &Finding| {
            let Finding { what, found, meaning, fix } = finding;
            json!({ "what": what, "found": found, "meaning": meaning, "mend": fix })
        };
        let rows: Value = findings.iter().map(row).collect();
        return print_json(&json!({ "findings": rows }));
    }
    let mut text = String::new();
    for finding in findings {
        text.push_str(&format!("{:<10} {}\n", finding.what, finding.found));
        if let Some(meaning) = &finding.meaning {
            text.push_str(&format!("{:<10} {meaning}\n", ""));
        }
        if let Some(fix) = &finding.fix {
            text.push_str(&format!("{:<10} → {fix}\n", ""));
        }
    }
    print(text.as_bytes())
}

fn settings(config: &Config, is_known: bool) -> Finding {
    let file = config.config_file.display();
    let profile = match is_known {
        true => format!("; profile `{}`", config.profile.name),
        false => String::new(),
    };
    let found = match config.config_file.exists() {
        true => format!("{file}{profile}"),
        false => format!("no file ({file}){profile}"),
    };
    Finding { what: "config", found, ..Finding::default() }
}

fn key(config: &Config) -> Finding {
    let (profile, variable) = (&config.profile.name, config.profile.variable());
    if config.profile.kind == Kind::Sim {
        let found = "none needed: the simulator costs nothing".to_owned();
        return Finding { what: "key", found, ..Finding::default() };
    }
    match config.environment.kept.place(profile) {
        Some(place) => {
            Finding { what: "key", found: format!("from {place}"), ..Finding::default() }
        }
        None if config.profile.key.is_none() => {
            let found = format!("none that can be used, in `{variable}` or kept");
            let fix = Some("editree key set".to_owned());
            Finding { what: "key", found, fix, ..Finding::default() }
        }
        None => Finding { what: "key", found: format!("from `{variable}`"), ..Finding::default() },
    }
}

fn store(config: &Config, checked: Result<(Checked, Vec<String>), CommandError>) -> Vec<Finding> {
    let folder = config.data_dir.display();
    let (checked, notes) = match checked {
        Ok(checked) => checked,
        Err(command_error) => {
            let found = format!("{folder}: {}", command_error.message);
            return vec![Finding {
                what: "store",
                found,
                fix: command_error.hint,
                ..Finding::default()
            }];
        }
    };
    let Checked { integrity, senseless, nodes, pictures, differing, missing, unused } = checked;
    let found = format!("{folder}: {nodes} nodes, {pictures} pictures; integrity {integrity}");
    let fix = (integrity != "ok")
        .then(|| "start editree again: it makes the database again from the pictures".to_owned());
    let mut findings = vec![Finding { what: "store", found, fix, ..Finding::default() }];
    findings.extend(notes.into_iter().map(|found| Finding {
        what: "store",
        found,
        ..Finding::default()
    }));
    findings.extend(senseless.map(|found| Finding {
        what: "store",
        found,
        meaning: Some(WITH_IT.to_owned()),
        fix: Some(BELIEVE.to_owned()),
    }));
    if let Some(first) = differing.first() {
        let many = differing.len();
        let found = format!("{many} nodes are told otherwise beside their pictures, {first} first");
        let (meaning, fix) = (Some(WITH_IT.to_owned()), Some(BELIEVE.to_owned()));
        findings.push(Finding { what: "store", found, meaning, fix });
    }
    if let Some(first) = missing.first() {
        let found = format!("{} pictures have no file, {first} among them", missing.len());
        let fix = Some("restore media/ from a backup".to_owned());
        findings.push(Finding { what: "media", found, fix, ..Finding::default() });
    }
    if !unused.is_empty() {
        let bytes = unused.iter().map(|(_, bytes)| bytes).sum();
        let found = format!("{} files that nothing refers to, {}", unused.len(), size(bytes));
        findings.push(Finding {
            what: "media",
            found,
            fix: Some("editree gc".to_owned()),
            ..Finding::default()
        });
    }
    findings
}

/// Their names only: the values are secrets.
fn headers(config: &Config) -> Option<Finding> {
    let headers = config.profile.headers().ok()?;
    let names: Vec<&str> = headers.names().collect();
    let found = format!("{} go with every paid request; values are not shown", names.join(", "));
    (!names.is_empty()).then(|| Finding { what: "headers", found, ..Finding::default() })
}
