//! What `doctor` finds out about the terminal: it is asked, if there is one.
//!
//! Decides nothing about pictures; `graphics` does, as it does for the workbench.

use std::time::Duration;

use super::Finding;
use crate::cli::asked_terminal::{ask, tmux_says};
use crate::config::Config;
use crate::graphics::Colours;
use crate::graphics::probe::{Between, Verdict};
use crate::graphics::terminals::Notice;
use crate::terminal::interview::Interview;

const TMUX_COLOURS: &str = "if the terminal has more: tmux set -as terminal-features ',*:RGB'";
/// A person feels it.
const SLOW: Duration = Duration::from_millis(300);

pub(super) fn terminal(config: &Config) -> Vec<Finding> {
    let environment = &config.environment;
    let (verdict, outcome) = ask(config);
    let mut findings = vec![pictures(&verdict, outcome)];
    if let Interview::Answered(took) = outcome {
        findings.push(link(took, environment.ssh));
        findings.extend([colours(&verdict), keys(&verdict), notices(&verdict, config)]);
        findings.push(clipboard(&verdict));
    }
    if !environment.utf8 {
        findings.push(Finding {
            what: "locale",
            found: "not UTF-8".into(),
            meaning: Some("borders and blocks are drawn in ASCII".into()),
            fix: Some("export LANG=C.UTF-8".into()),
        });
    }
    if environment.tmux {
        findings.extend(tmux());
    }
    findings
}

fn pictures(verdict: &Verdict, outcome: Interview) -> Finding {
    let evidence = &verdict.evidence;
    let found = match outcome {
        Interview::NotAsked => format!("not asked: no terminal here; known by {evidence}"),
        Interview::Silent => format!("has not answered; known by {evidence}"),
        Interview::Answered(took) => format!("{evidence}; answers in {} ms", took.as_millis()),
    };
    let (width, height) = verdict.cell;
    let cell = match outcome {
        Interview::Answered(_) => format!("; a cell has {width}×{height} pixels"),
        Interview::NotAsked | Interview::Silent => String::new(),
    };
    let why = match outcome {
        Interview::NotAsked => "by what was found; a terminal that is asked may say more",
        Interview::Silent | Interview::Answered(_) => &verdict.why,
    };
    let meaning = format!("pictures as {}: {why}{cell}", verdict.protocol.name());
    Finding { what: "terminal", found, meaning: Some(meaning), fix: verdict.advice.clone() }
}

/// How fast it is shows only while pictures go out; how far it is shows here.
fn link(took: Duration, is_remote: bool) -> Finding {
    let way = if is_remote { "over ssh" } else { "on this machine" };
    let found = format!("{way}; there and back in {} ms", took.as_millis());
    let meaning = (took > SLOW).then(|| "keys and pictures are seen late".to_owned());
    Finding { what: "link", found, meaning, ..Finding::default() }
}

/// By OSC 52, which no terminal answers: what lies between is all that is known.
fn clipboard(verdict: &Verdict) -> Finding {
    let mut finding = Finding { what: "clipboard", ..Finding::default() };
    finding.found = "the terminal's own, if it allows OSC 52".into();
    match verdict.between {
        Between::Nobody => (),
        Between::Screen => {
            finding.found = "through screen, if the terminal around allows it".into()
        }
        Between::Tmux { passes: true } => finding.found = "through tmux to the terminal".into(),
        Between::Tmux { passes: false } => {
            let setting = tmux_says(&["show", "-sv", "set-clipboard"]).unwrap_or_default();
            finding.found = format!("tmux has `set-clipboard {setting}`");
            if setting != "on" {
                finding.meaning = Some("what is copied does not reach the terminal".into());
                finding.fix = Some("tmux set -s set-clipboard on".into());
            }
        }
    }
    finding
}

fn colours(verdict: &Verdict) -> Finding {
    let (found, fix) = match verdict.colours {
        Colours::True => ("24 bits", None),
        Colours::Palette256 if verdict.between.is_tmux() => ("256", Some(TMUX_COLOURS)),
        Colours::Palette256 => ("256", Some("if it has more: export COLORTERM=truecolor")),
        Colours::Ansi16 => ("16", None),
        Colours::Mono => ("none", None),
    };
    let ground = verdict.background.map(|[r, g, b]| format!(", on #{r:02x}{g:02x}{b:02x}"));
    let found = format!("{found}{}", ground.unwrap_or_default());
    Finding { what: "colours", found, fix: fix.map(str::to_owned), ..Finding::default() }
}

/// Where a Mac keeps Alt for itself, the setting that hands it on.
fn keys(verdict: &Verdict) -> Finding {
    let (found, meaning) = match verdict.keyboard {
        true => ("kitty's keyboard protocol", "every chord comes as it is pressed"),
        false => ("the old encoding", "some chords come as others do"),
    };
    let fix = match verdict.name.as_str() {
        "apple_terminal" => Some("Settings, Profiles, Keyboard: Use Option as Meta key"),
        "iterm2" if !verdict.keyboard => {
            Some("Settings, Profiles, Keys: let the left Option key send an escape")
        }
        _ => None,
    };
    Finding {
        what: "keys",
        found: found.into(),
        meaning: Some(meaning.into()),
        fix: fix.map(str::to_owned),
    }
}

fn notices(verdict: &Verdict, config: &Config) -> Finding {
    let manners = verdict.manners;
    let how = config.file.notice().unwrap_or(manners.notice);
    let mut parts = vec![match how {
        Notice::None => "no notices".to_owned(),
        Notice::Bell => "a bell".to_owned(),
        Notice::Osc9 | Notice::Osc777 | Notice::Osc99 => format!("notices ({})", how.name()),
    }];
    parts
        .extend((manners.shows_progress && config.file.notify.progress).then(|| "progress".into()));
    parts.extend((manners.keeps_titles && config.file.notify.title).then(|| "the title".into()));
    let meaning = "for requests that end while the window has not the focus".to_owned();
    let found = parts.join(", ");
    Finding { what: "notices", found, meaning: Some(meaning), ..Finding::default() }
}

/// Settings of tmux that spoil editree: pictures do not pass, Esc is late, the focus is not told.
fn tmux() -> Vec<Finding> {
    let passthrough = tmux_says(&["show", "-gwv", "allow-passthrough"]).unwrap_or_default();
    let fix = (passthrough != "on" && passthrough != "all")
        .then(|| "tmux set -g allow-passthrough on".to_owned());
    let found = format!("passthrough {}", if fix.is_some() { "off" } else { "on" });
    let mut findings = vec![Finding { what: "tmux", found, fix, ..Finding::default() }];
    let escape =
        tmux_says(&["show", "-sv", "escape-time"]).and_then(|text| text.parse::<u32>().ok());
    if let Some(milliseconds) = escape {
        let fix = (milliseconds > 50).then(|| "tmux set -s escape-time 10".to_owned());
        let found = format!("Esc waits {milliseconds} ms");
        findings.push(Finding { what: "tmux", found, fix, ..Finding::default() });
    }
    if tmux_says(&["show", "-gv", "focus-events"]).is_some_and(|focus| focus != "on") {
        findings.push(Finding {
            what: "tmux",
            found: "focus-events off".into(),
            meaning: Some("no notice when a request ends while one looks elsewhere".into()),
            fix: Some("tmux set -g focus-events on".into()),
        });
    }
    findings
}
