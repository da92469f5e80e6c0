//! What this terminal can do: asked in one write, learnt from the answers whenever they come.
//!
//! No time-out anywhere: until an answer comes there are blocks. Pure; who sends and who reads is
//! the terminal's business.

use super::terminals::{self, Terminal};
use super::{Colours, Protocol, wrap};

/// What the environment says, read elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    pub term: String,
    pub colorterm: String,
    pub term_program: String,
    pub lc_terminal: String,
    pub tmux: bool,
    pub screen: bool,
    pub ssh: bool,
    pub utf8: bool,
    pub no_color: bool,
}

/// What to do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub protocol: Protocol,
    pub colours: Colours,
    /// Pixels of a cell, width and height.
    pub cell: (u16, u16),
    /// Picture escapes go through tmux to the terminal outside.
    pub wrap: bool,
    /// The terminal answers for kitty's keyboard protocol.
    pub keyboard: bool,
    /// In a few words, with the evidence.
    pub why: String,
    /// What the person could do for better pictures.
    pub advice: Option<String>,
    /// The terminal has answered to the end, or need not.
    pub is_settled: bool,
}

/// What was learnt so far.
#[derive(Clone, Debug)]
pub struct Probe {
    hints: Hints,
    forced: Option<Protocol>,
    name: Option<String>,
    outer_name: Option<String>,
    kitty: bool,
    sixel: bool,
    keyboard: bool,
    answered: bool,
    cell_reported: Option<(u16, u16)>,
    text_area: Option<(u16, u16)>,
    window: Option<(u16, u16, u16, u16)>,
}

/// Sane sizes of a cell; some terminals answer nonsense.
const WIDTHS: std::ops::RangeInclusive<u16> = 4..=64;
const HEIGHTS: std::ops::RangeInclusive<u16> = 6..=128;
const USUAL_CELL: (u16, u16) = (10, 20);

impl Probe {
    pub fn new(hints: Hints, forced: Option<Protocol>) -> Self {
        Self {
            hints,
            forced,
            name: None,
            outer_name: None,
            kitty: false,
            sixel: false,
            keyboard: false,
            answered: false,
            cell_reported: None,
            text_area: None,
            window: None,
        }
    }

    /// All questions in one write; the answer to the last one comes last.
    pub fn queries(&self) -> Vec<u8> {
        const KITTY: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
        let mut out = b"\x1b[>q\x1b[?u".to_vec();
        if self.is_tmux() {
            // tmux answers for itself; what stands outside answers through passthrough.
            out.extend(wrap(b"\x1b[>q"));
            out.extend(wrap(KITTY));
            out.extend(wrap(b"\x1b[16t"));
        } else {
            out.extend(KITTY);
        }
        out.extend(b"\x1b[16t\x1b[14t\x1b[c");
        out
    }

    /// Columns, rows and pixels of the window as the system has them; 0 where it does not know.
    pub fn set_window(&mut self, columns: u16, rows: u16, width: u16, height: u16) {
        self.window = Some((columns, rows, width, height));
    }

    /// Takes any reply at any time; says whether the verdict may have changed.
    pub fn reply(&mut self, reply: &[u8]) -> bool {
        let before = self.verdict();
        let text = String::from_utf8_lossy(reply);
        if let Some(rest) = text.strip_prefix("\x1bP>|") {
            let name = rest.trim_end_matches("\x1b\\").to_owned();
            match &self.name {
                // The second name comes from outside of tmux.
                Some(known) if known.starts_with("tmux") && !name.starts_with("tmux") => {
                    self.outer_name = Some(name);
                }
                Some(_) => {}
                None if self.is_tmux() && !name.starts_with("tmux") => self.outer_name = Some(name),
                None => self.name = Some(name),
            }
        } else if let Some(rest) = text.strip_prefix("\x1b_G") {
            self.kitty |= rest.contains("i=31") && rest.contains(";OK");
        } else if let Some(rest) = text.strip_prefix("\x1b[?") {
            if let Some(attributes) = rest.strip_suffix('c') {
                self.answered = true;
                self.sixel |= attributes.split(';').skip(1).any(|attribute| attribute == "4");
            } else if rest.ends_with('u') {
                self.keyboard = true;
            }
        } else if let Some(rest) =
            text.strip_prefix("\x1b[").and_then(|rest| rest.strip_suffix('t'))
        {
            self.take_size(rest);
        }
        self.verdict() != before
    }

    fn take_size(&mut self, parameters: &str) {
        let numbers: Vec<u16> =
            parameters.split(';').filter_map(|number| number.parse().ok()).collect();
        match numbers.as_slice() {
            [6, height, width] => self.cell_reported = Some((*width, *height)),
            [4, height, width] => self.text_area = Some((*width, *height)),
            _ => {}
        }
    }

    fn is_tmux(&self) -> bool {
        let named = self.name.as_ref().is_some_and(|name| name.starts_with("tmux"));
        self.hints.tmux || named || self.hints.term.starts_with("tmux")
    }

    /// What follows from everything that is known now.
    pub fn verdict(&self) -> Verdict {
        let (protocol, why, advice) = self.choose();
        let known = self.terminal().is_some_and(|terminal| terminal.true_colour);
        let colours = if self.hints.no_color {
            Colours::Mono
        } else if known || matches!(self.hints.colorterm.as_str(), "truecolor" | "24bit") {
            Colours::True
        } else {
            Colours::Palette256
        };
        Verdict {
            protocol,
            colours,
            cell: self.cell(),
            wrap: protocol == Protocol::KittyPlaceholder && self.is_tmux(),
            keyboard: self.keyboard,
            why,
            advice,
            is_settled: self.answered || self.forced.is_some(),
        }
    }

    fn terminal(&self) -> Option<&'static Terminal> {
        let own = self.outer_name.as_deref().or(self.name.as_deref());
        let by_environment = || {
            let hints = [&self.hints.term_program, &self.hints.lc_terminal];
            let term = self.hints.term.strip_prefix("xterm-").unwrap_or(&self.hints.term);
            let from_hints = hints.into_iter().find_map(|hint| match hint.as_str() {
                "iTerm.app" => terminals::find("iterm2"),
                "vscode" => terminals::find("xterm.js"),
                name => terminals::find(name),
            });
            // A bare xterm says nothing: everything calls itself that.
            from_hints.or_else(|| {
                (term != self.hints.term || term == "foot").then(|| terminals::find(term))?
            })
        };
        // Inside tmux the variables tell of the terminal in which it was started, long ago.
        own.and_then(terminals::find).or_else(|| (!self.is_tmux()).then(by_environment)?)
    }

    fn choose(&self) -> (Protocol, String, Option<String>) {
        if let Some(forced) = self.forced {
            return (forced, "asked for with --graphics".into(), None);
        }
        if !self.hints.utf8 {
            return (Protocol::Blocks, "the locale is not UTF-8".into(), None);
        }
        let terminal = self.terminal();
        if self.is_tmux() {
            return self.choose_in_tmux(terminal);
        }
        if self.hints.screen {
            return (Protocol::Blocks, "GNU screen hands on no pictures".into(), None);
        }
        let Some(terminal) = terminal else {
            return match (self.kitty, self.sixel, self.answered) {
                (true, _, _) => {
                    (Protocol::KittyDirect, "the terminal says OK to kitty graphics".into(), None)
                }
                (false, true, _) => (Protocol::Sixel, "the terminal announces sixel".into(), None),
                (false, false, true) => {
                    (Protocol::Blocks, "the terminal announces no pictures".into(), None)
                }
                (false, false, false) => {
                    (Protocol::Blocks, "the terminal has not answered yet".into(), None)
                }
            };
        };
        let confirmed = terminal.best.iter().copied().find(|protocol| match protocol {
            Protocol::KittyDirect | Protocol::KittyPlaceholder => self.kitty,
            Protocol::Sixel => self.sixel,
            // Not announced by any answer: known by the name.
            Protocol::Iterm2 => self.name.is_some() || viuer::is_iterm_supported(),
            Protocol::Blocks | Protocol::None => true,
        });
        match confirmed {
            Some(protocol) => (protocol, format!("{} is known for it", terminal.name), None),
            None => {
                (Protocol::Blocks, format!("{} confirms no pictures here", terminal.name), None)
            }
        }
    }

    fn choose_in_tmux(&self, terminal: Option<&Terminal>) -> (Protocol, String, Option<String>) {
        match terminal {
            Some(terminal) if self.outer_name.is_some() && terminal.placeholders && self.kitty => {
                (Protocol::KittyPlaceholder, format!("tmux hands on to {}", terminal.name), None)
            }
            Some(terminal) if self.outer_name.is_some() => (
                Protocol::Blocks,
                format!("tmux around {}: nothing else is safe", terminal.name),
                None,
            ),
            Some(_) | None => {
                let advice = "in kitty or Ghostty: tmux set -p allow-passthrough on";
                (Protocol::Blocks, "tmux hands on nothing".into(), Some(advice.into()))
            }
        }
    }

    /// The first sane value: the terminal's own, the text area's, the system's, the usual.
    fn cell(&self) -> (u16, u16) {
        let sane = |(width, height): (u16, u16)| {
            (WIDTHS.contains(&width) && HEIGHTS.contains(&height)).then_some((width, height))
        };
        let part = |(width, height): (u16, u16)| {
            let (columns, rows, ..) = self.window?;
            Some((width.checked_div(columns)?, height.checked_div(rows)?))
        };
        let system = self.window.map(|(_, _, width, height)| (width, height));
        self.cell_reported
            .and_then(sane)
            .or_else(|| self.text_area.and_then(part).and_then(sane))
            .or_else(|| system.and_then(part).and_then(sane))
            .unwrap_or(USUAL_CELL)
    }
}
