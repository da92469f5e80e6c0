//! `doctor`: what was found, why, and the command that fixes it.
//!
//! Invariant: the key itself is in nothing that is said.

use std::process::Command;

use serde_json::{Value, json};

use super::gc::size;
use super::hint;
use super::session::{auth, executor, hints, kind, open_quietly};
use super::{CommandError, print, print_json};
use crate::app::failure::Failure;
use crate::config::arguments::Common;
use crate::config::file::Kind;
use crate::config::{self, Config};
use crate::fal::probe::Probe as KeyProbe;
use crate::graphics::probe::Probe;
use crate::runtime::profiles;
use crate::store::check::Checked;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    found: String,
    /// What to do about it, where something is to be done.
    fix: Option<String>,
}

/// `editree doctor`.
pub(crate) fn doctor(common: &Common, as_json: bool) -> Result<u8, CommandError> {
    let (config, problems) = Config::examine(common);
    let told = |problem: config::Error| Finding {
        what: "setting",
        found: problem.message,
        fix: problem.hint,
    };
    let mut findings: Vec<Finding> = problems.into_iter().map(told).collect();
    if let Some(config) = &config {
        findings.extend(examine(config)?);
    }
    show(&findings, as_json)
}

/// What can be looked at once it is decided what is meant.
fn examine(config: &Config) -> Result<Vec<Finding>, CommandError> {
    let executor = executor()?;
    let checked = executor.block_on(async {
        let (store, opening) = open_quietly(config, false).await?;
        let mut notes = opening.notes;
        notes.extend(store.merge().await.map_err(Failure::from)?.filter(|_| notes.is_empty()));
        let checked = store.check().await.map_err(Failure::from)?;
        Ok::<_, CommandError>((checked, notes))
    });
    let mut findings = vec![settings(config), key(config)];
    findings.extend(store(config, checked));
    findings.extend(terminal(config));
    findings.extend(authorities(config));
    findings.push(executor.block_on(service_answers(config)));
    executor.shutdown_background();
    Ok(findings)
}

fn show(findings: &[Finding], as_json: bool) -> Result<u8, CommandError> {
    if as_json {
        let row = |finding: &Finding| json!({ "what": finding.what, "found": finding.found, "mend": finding.fix });
        let rows: Value = findings.iter().map(row).collect();
        return print_json(&json!({ "findings": rows }));
    }
    let mut text = String::new();
    for finding in findings {
        text.push_str(&format!("{:<10} {}\n", finding.what, finding.found));
        if let Some(fix) = &finding.fix {
            text.push_str(&format!("{:<10} → {fix}\n", ""));
        }
    }
    print(text.as_bytes())
}

fn settings(config: &Config) -> Finding {
    let file = config.config_file.display();
    let found = match config.config_file.exists() {
        true => format!("{file}; profile `{}`", config.profile.name),
        false => format!("no file ({file}); profile `{}`", config.profile.name),
    };
    Finding { what: "config", found, fix: None }
}

fn key(config: &Config) -> Finding {
    let (profile, variable) = (&config.profile.name, config.profile.variable());
    if config.profile.kind == Kind::Sim {
        let found = "none needed: the simulator costs nothing".to_owned();
        return Finding { what: "key", found, fix: None };
    }
    match config.environment.kept.place(profile) {
        Some(place) => Finding { what: "key", found: format!("from {place}"), fix: None },
        None => Finding { what: "key", found: format!("from `{variable}`"), fix: None },
    }
}

fn store(config: &Config, checked: Result<(Checked, Vec<String>), CommandError>) -> Vec<Finding> {
    let folder = config.data_dir.display();
    let (checked, notes) = match checked {
        Ok(checked) => checked,
        Err(command_error) => {
            let found = format!("{folder}: {}", command_error.message);
            return vec![Finding { what: "store", found, fix: command_error.hint }];
        }
    };
    let Checked { integrity, nodes, pictures, missing, unused } = checked;
    let found = format!("{folder}: {nodes} nodes, {pictures} pictures; integrity {integrity}");
    let fix = (integrity != "ok")
        .then(|| "move editree.db away; the next start rebuilds it from media/".to_owned());
    let mut findings = vec![Finding { what: "store", found, fix }];
    findings.extend(notes.into_iter().map(|found| Finding { what: "store", found, fix: None }));
    if let Some(first) = missing.first() {
        let found = format!("{} pictures have no file, {first} among them", missing.len());
        let fix = Some("restore media/ from a backup".to_owned());
        findings.push(Finding { what: "media", found, fix });
    }
    if !unused.is_empty() {
        let bytes = unused.iter().map(|(_, bytes)| bytes).sum();
        let found = format!("{} files that nothing refers to, {}", unused.len(), size(bytes));
        findings.push(Finding { what: "media", found, fix: Some("editree gc".to_owned()) });
    }
    findings
}

/// Set, and without use: told, so that nobody looks for a mistake there.
fn authorities(config: &Config) -> Option<Finding> {
    let is_set = config.environment.has_authorities && config.profile.kind != Kind::Sim;
    let found = "`SSL_CERT_FILE` and `SSL_CERT_DIR` are not read: the built-in authorities alone are \
                 trusted";
    let fix = "behind a proxy with an authority of its own, let it pass the service's hosts on";
    is_set.then(|| Finding { what: "line", found: found.into(), fix: Some(fix.into()) })
}

/// By what the environment tells; the workbench also asks the terminal itself (`:graphics`).
fn terminal(config: &Config) -> Vec<Finding> {
    let environment = &config.environment;
    let verdict = Probe::new(hints(config), None).verdict();
    let found = format!(
        "{}; known by {}; pictures as {} until the terminal is asked",
        verdict.why,
        verdict.evidence,
        verdict.protocol.name()
    );
    let mut findings = vec![Finding { what: "terminal", found, fix: verdict.advice }];
    if !environment.utf8 {
        findings.push(Finding {
            what: "locale",
            found: "not UTF-8; borders and blocks are drawn in ASCII".into(),
            fix: Some("export LANG=C.UTF-8".into()),
        });
    }
    if environment.tmux {
        findings.extend(tmux());
    }
    findings
}

/// Two settings of tmux that spoil editree: pictures do not pass, and Esc is late.
fn tmux() -> Vec<Finding> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("tmux").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let passthrough = ask(&["show", "-gwv", "allow-passthrough"]).unwrap_or_default();
    let fix = (passthrough != "on" && passthrough != "all")
        .then(|| "tmux set -g allow-passthrough on".to_owned());
    let found = format!("passthrough {}", if fix.is_some() { "off" } else { "on" });
    let mut findings = vec![Finding { what: "tmux", found, fix }];
    let escape = ask(&["show", "-sv", "escape-time"]).and_then(|text| text.parse::<u32>().ok());
    if let Some(milliseconds) = escape {
        let fix = (milliseconds > 50).then(|| "tmux set -s escape-time 10".to_owned());
        let found = format!("Esc waits {milliseconds} ms");
        findings.push(Finding { what: "tmux", found, fix });
    }
    findings
}

/// A free question that a good key gets an answer to.
async fn service_answers(config: &Config) -> Finding {
    let told = |found: String, fix: Option<&str>| Finding {
        what: "service",
        found,
        fix: fix.map(str::to_owned),
    };
    if config.profile.kind == Kind::Sim {
        return told("the embedded simulator".into(), None);
    }
    let client = match profiles::client(kind(config), auth(config), config.profile.key.clone()) {
        Ok(client) => client,
        Err(failure) => {
            return told(failure.message, failure.hint.as_ref().map(hint::text).as_deref());
        }
    };
    match client.probe_key().await {
        Ok(KeyProbe::Accepted) => told("answers and accepts the key".into(), None),
        Ok(KeyProbe::Unclear) => {
            told("answers; does not say whether it accepts the key".into(), None)
        }
        Err(error) => told(error.message, Some("check the key, the address and the network")),
    }
}
