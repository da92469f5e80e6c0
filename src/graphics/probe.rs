//! What this terminal can do: asked in one write, learnt from the answers whenever they come.
//!
//! Until an answer comes there are blocks. Pure; who sends and who reads is
//! the terminal's business, and what follows from the answers that of `detect`.

use super::cell::{self, Sizes};
use super::detect::{Choice, Known, printable};
use super::hints::Hints;
use super::protocol::Protocol;
use super::shapes::Shapes;
use super::terminals::{self, Notice};
use super::{Colours, kitty, wrap};

/// What to do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub protocol: Protocol,
    pub colours: Colours,
    /// Into what a cell of blocks may be cut here.
    pub shapes: Shapes,
    /// Pixels of a cell, width and height.
    pub cell: (u16, u16),
    /// What text is written in where nothing else is said.
    pub foreground: Option<[u8; 3]>,
    /// What stands behind text, and behind a picture that is not opaque.
    pub background: Option<[u8; 3]>,
    /// No picture is sent sharper than half.
    pub is_halved: bool,
    /// Who stands between us and the terminal.
    pub between: Between,
    /// Picture escapes go through tmux to the terminal outside.
    pub wrap: bool,
    /// The terminal answers for kitty's keyboard protocol.
    pub keyboard: bool,
    /// The terminal answers for kitty's drag and drop protocol, and nobody stands between.
    pub drops: bool,
    pub manners: Manners,
    /// In a few words.
    pub why: String,
    /// Which answers and variables told.
    pub evidence: String,
    /// The terminal's name without its version, in lower case.
    pub name: String,
    /// What the person could do for better pictures.
    pub advice: Option<String>,
    /// The terminal has answered to the end, or need not.
    pub is_settled: bool,
}

/// What the terminal does besides showing: nothing is sent that it might print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    pub notice: Notice,
    pub shows_progress: bool,
    pub keeps_titles: bool,
    /// Letters from right to left are put in order, and a sign that ends them takes no column.
    pub orders_letters: bool,
}

/// Who stands between us and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    Nobody,
    /// `passes`: the terminal outside has answered through it.
    Tmux {
        passes: bool,
    },
    Screen,
}

impl Between {
    pub fn is_tmux(self) -> bool {
        matches!(self, Self::Tmux { .. })
    }
}

/// What was learnt so far.
#[derive(Clone, Debug)]
pub struct Probe {
    known: Known,
    sizes: Sizes,
    keyboard: bool,
    drops: bool,
    foreground: Option<[u8; 3]>,
    background: Option<[u8; 3]>,
    /// The terminal has said that its colours are others now.
    are_colours_old: bool,
    /// The terminal outside of tmux was asked too.
    has_asked_outside: bool,
    /// Whether kitty graphics are known was asked, here and outside of tmux.
    has_asked_kitty: bool,
    has_asked_kitty_outside: bool,
    /// The terminal outside has given its name since it was asked last.
    has_named_outside: bool,
    /// Another terminal may be here.
    is_name_old: bool,
    are_sizes_old: bool,
    /// What tmux hands on; of more it takes what is near in its own way.
    tmux_colours: Option<Colours>,
}

const NAME: &[u8] = b"\x1b[>q";
const ATTRIBUTES: &[u8] = b"\x1b[c";
const KEYBOARD: &[u8] = b"\x1b[?u";
const FOREGROUND: &[u8] = b"\x1b]10;?\x1b\\";
const BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";
const KIND: &[u8] = b"\x1b[>c";
const DROPS: &[u8] = b"\x1b]72;t=q\x1b\\";
const CELL: &[u8] = b"\x1b[16t";

impl Probe {
    pub fn new(hints: Hints, forced: Option<Protocol>) -> Self {
        let known = Known { hints, forced, ..Known::default() };
        Self {
            known,
            sizes: Sizes::default(),
            keyboard: false,
            drops: false,
            foreground: None,
            background: None,
            are_colours_old: false,
            has_asked_outside: false,
            has_asked_kitty: false,
            has_asked_kitty_outside: false,
            has_named_outside: false,
            is_name_old: false,
            are_sizes_old: false,
            tmux_colours: None,
        }
    }

    /// What tmux says of the terminal outside, as `client_termfeatures` lists it.
    pub fn take_tmux_features(&mut self, features: &str) {
        let has = |feature: &str| features.trim().split(',').any(|known| known == feature);
        self.tmux_colours = Some(match (has("RGB"), has("256")) {
            (true, _) => Colours::True,
            (false, true) => Colours::Palette256,
            (false, false) => Colours::Ansi16,
        });
    }

    /// What the config file wants on terminals whose names, in lower case, begin so.
    pub fn wanting(mut self, wanted: Vec<(String, Protocol)>) -> Self {
        self.known.wanted = wanted;
        self
    }

    /// The person chooses for this terminal; without a protocol it decides by itself.
    pub fn choose(&mut self, protocol: Option<Protocol>) {
        (self.known.chosen, self.known.refused) = (Some(protocol), None);
    }

    /// All questions in one write; the answer to the last one comes last.
    pub fn queries(&mut self) -> Vec<u8> {
        let mut out = [NAME, KIND, KEYBOARD].concat();
        out.extend(self.kitty_query());
        out.extend([cell::QUESTIONS, FOREGROUND, BACKGROUND, ATTRIBUTES].concat());
        out
    }

    /// tmux and GNU screen would take it for a title: it waits until it is known who is here. So do
    /// drops, which nobody hands on. kitty 0.48 has them in X11 too, but lets nothing fall.
    fn kitty_query(&mut self) -> Vec<u8> {
        let is_due = self.known.may_ask_kitty() && !self.has_asked_kitty;
        self.has_asked_kitty |= is_due;
        match is_due {
            true if self.known.hints.x11 => kitty::QUESTION.to_vec(),
            true => [kitty::QUESTION, DROPS].concat(),
            false => Vec::new(),
        }
    }

    /// What has to be asked since; nothing mostly. Ends as [`Probe::queries`] does.
    pub fn more_queries(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        // tmux answers for itself; the terminal outside answers through passthrough. tmux drops
        // passthrough while it still has to draw the screen that we have just taken: after its own
        // last answer it has.
        let has_answered = self.known.attributes.is_some();
        if self.known.is_tmux() && has_answered && !self.has_asked_outside {
            self.has_asked_outside = true;
            self.has_named_outside = false;
            out.extend(outside());
        }
        if self.known.may_ask_kitty_outside() && !self.has_asked_kitty_outside {
            self.has_asked_kitty_outside = true;
            out.extend(wrap(kitty::QUESTION));
        }
        out.extend(self.kitty_query());
        if has_answered && std::mem::take(&mut self.is_name_old) && !self.known.is_tmux() {
            out.extend(NAME);
        }
        // Whoever has answered nothing yet is not asked twice.
        if has_answered && std::mem::take(&mut self.are_sizes_old) {
            if self.known.is_tmux() {
                out.extend(wrap(CELL));
            }
            out.extend(cell::QUESTIONS);
        }
        if has_answered && std::mem::take(&mut self.are_colours_old) {
            out.extend([FOREGROUND, BACKGROUND].concat());
        }
        if !out.is_empty() {
            out.extend(ATTRIBUTES);
        }
        out
    }

    /// Columns, rows and pixels of the window as the system has them; 0 where it does not know.
    pub fn set_window(&mut self, columns: u16, rows: u16, width: u16, height: u16) {
        let is_news = self.sizes.set_window((columns, rows, width, height));
        self.are_sizes_old |= is_news;
        if is_news && self.known.outer_name.is_none() {
            self.ask_outside_again();
        }
    }

    /// tmux may hand on more than before: its settings have changed, or who looks at it.
    pub fn ask_outside_again(&mut self) {
        self.has_asked_outside = false;
    }

    /// Somebody has come back: perhaps with another terminal, through tmux or dtach.
    pub fn ask_again(&mut self) {
        self.ask_outside_again();
        self.is_name_old = true;
    }

    /// What was asked is not waited for any more; says whether the verdict has changed. Late answers
    /// count all the same.
    pub fn give_up(&mut self) -> bool {
        let before = self.verdict();
        self.known.is_silent = self.known.attributes.is_none();
        self.verdict() != before
    }

    /// Takes any reply at any time; says whether the verdict may have changed.
    pub fn reply(&mut self, reply: &[u8]) -> bool {
        let before = self.verdict();
        let text = String::from_utf8_lossy(reply);
        let text = text.trim_end_matches("\x1b\\").trim_end_matches(['\x07', '\x1b']);
        if let Some(name) = text.strip_prefix("\x1bP>|") {
            self.take_name(printable(name));
        } else if let Some(rest) = text.strip_prefix("\x1b_G") {
            let is_ok = kitty::answer(&format!("\x1b_G{rest}")) == Some((31, "OK"));
            self.known.kitty |= is_ok && self.known.refused.is_none();
        } else if text.starts_with("\x1b]72;t=q") {
            self.drops = true;
        } else if let Some(colour) = text.strip_prefix("\x1b]10;") {
            self.foreground = colour_of(colour).or(self.foreground);
        } else if let Some(colour) = text.strip_prefix("\x1b]11;") {
            self.background = colour_of(colour).or(self.background);
        } else if let Some(rest) = text.strip_prefix("\x1b[") {
            match rest.strip_prefix('?') {
                Some(rest) if rest.ends_with('c') => self.take_attributes(rest),
                None if rest.starts_with('>') && rest.ends_with('c') => self.take_kind(rest),
                Some(rest) if rest.ends_with('u') => self.keyboard = true,
                // Mode 2031: dark became light, or light dark.
                Some(rest) if rest.starts_with("997;") => self.are_colours_old = true,
                _ => {
                    self.sizes.take(rest);
                    self.known.is_coarse = self.sizes.is_coarse();
                }
            }
        }
        self.verdict() != before
    }

    fn take_name(&mut self, name: String) {
        let is_tmux = name.starts_with("tmux");
        match &self.known.name {
            // A second name comes from outside of tmux.
            Some(known) if known.starts_with("tmux") => self.take_outer_name(name),
            Some(known) if *known != name && !self.known.is_tmux() => self.begin_anew(name),
            Some(_) => {}
            None if self.known.is_tmux() && !is_tmux => self.take_outer_name(name),
            None => self.known.name = Some(name),
        }
    }

    /// Another terminal looks at the session now: what was known is of the one before.
    fn take_outer_name(&mut self, name: String) {
        self.has_named_outside = true;
        if self.known.outer_name.as_ref().is_some_and(|known| *known != name) {
            self.forget_outside();
        }
        self.known.outer_name = Some(name);
    }

    fn forget_outside(&mut self) {
        let known = &mut self.known;
        (known.outer_name, known.outer_attributes, known.refused) = (None, None, None);
        (known.kitty, known.chosen) = (false, None);
        self.has_asked_kitty_outside = false;
    }

    /// Another terminal is here: everything is asked as at the beginning, its attributes first.
    fn begin_anew(&mut self, name: String) {
        let Known { hints, forced, wanted, .. } = std::mem::take(&mut self.known);
        self.known = Known { hints, forced, wanted, name: Some(name), ..Known::default() };
        self.sizes.forget_answers();
        self.drops = false;
        (self.has_asked_kitty, self.are_sizes_old, self.are_colours_old) = (false, true, true);
    }

    /// The first answer is of whoever is nearest.
    fn take_kind(&mut self, answer: &str) {
        let first = answer.trim_start_matches('>').split([';', 'c']).next();
        self.known.kind = self.known.kind.or_else(|| first?.parse().ok());
    }

    /// The terminal refuses what it has said OK to, or loses it again and again: the next way of
    /// showing pictures is taken.
    pub fn refuse_kitty(&mut self, word: &str) {
        (self.known.kitty, self.known.refused) = (false, Some(printable(word)));
    }

    /// What it has said of drops does not hold.
    pub fn refuse_drops(&mut self) {
        self.drops = false;
    }

    fn take_attributes(&mut self, answer: &str) {
        let numbers = answer.trim_end_matches('c').split(';');
        let attributes: Vec<u16> = numbers.filter_map(|number| number.parse().ok()).collect();
        match &self.known.attributes {
            // tmux answers at once, the terminal outside after it.
            Some(own) if *own != attributes && self.known.is_tmux() => {
                // Whoever gives no name now is not the one who gave it.
                if self.has_asked_outside && !self.has_named_outside {
                    self.forget_outside();
                }
                self.known.outer_attributes = Some(attributes);
            }
            Some(_) => {}
            None => self.known.attributes = Some(attributes),
        }
    }

    /// What follows from everything that is known now.
    pub fn verdict(&self) -> Verdict {
        let Choice { protocol, why, advice } = self.known.choose();
        let (is_tmux, is_forced) = (self.known.is_tmux(), self.known.wish().is_some());
        let terminal = self.known.terminal();
        let own = terminal.filter(|_| protocol == Protocol::Sixel && !is_tmux);
        Verdict {
            protocol,
            colours: self.colours(),
            shapes: match terminal.is_some_and(|terminal| terminal.has_sextants) {
                true => Shapes::Sextant,
                false => Shapes::Half,
            },
            cell: own.and_then(|own| own.sixel_cell).unwrap_or_else(|| self.sizes.cell()),
            foreground: self.foreground,
            background: self.background,
            is_halved: !is_forced && terminal.is_some_and(|terminal| terminal.is_halved),
            between: self.between(),
            wrap: protocol == Protocol::KittyPlaceholder && is_tmux,
            keyboard: self.keyboard,
            drops: self.drops && self.between() == Between::Nobody,
            manners: self.manners(),
            why,
            evidence: self.known.evidence(),
            name: terminals::short(self.known.called()),
            advice,
            is_settled: self.known.attributes.is_some() || is_forced || self.known.is_silent,
        }
    }

    fn between(&self) -> Between {
        let known = &self.known;
        if known.is_tmux() {
            let passes = known.outer_name.is_some() || known.outer_attributes.is_some();
            return Between::Tmux { passes };
        }
        if known.is_screen() { Between::Screen } else { Between::Nobody }
    }

    /// In tmux and screen what these do: they swallow the rest.
    fn manners(&self) -> Manners {
        let known = &self.known;
        let plain = Manners {
            notice: Notice::Bell,
            shows_progress: false,
            keeps_titles: false,
            orders_letters: false,
        };
        if known.is_tmux() {
            return Manners { keeps_titles: true, ..plain };
        }
        let Some(terminal) = known.sure_terminal() else {
            return plain;
        };
        let version = known.name.as_deref().and_then(terminals::version).unwrap_or_default();
        Manners {
            notice: terminal.notice,
            shows_progress: terminal.progress.is_some_and(|since| version >= since),
            keeps_titles: terminal.keeps_titles,
            orders_letters: terminal.orders_letters,
        }
    }

    fn colours(&self) -> Colours {
        let hints = &self.known.hints;
        if hints.no_color || has_no_colours(&hints.term) {
            return Colours::Mono;
        }
        if self.known.is_screen() {
            // Its variables are those of the terminal around it.
            return Colours::Palette256;
        }
        let few = self.tmux_colours.filter(|most| *most < Colours::True);
        if let Some(few) = few.filter(|_| self.known.is_tmux()) {
            return few;
        }
        if hints.term == "linux" || hints.term.ends_with("-16color") {
            return Colours::Ansi16;
        }
        let is_promised = matches!(hints.colorterm.as_str(), "truecolor" | "24bit");
        let is_known = match self.known.terminal() {
            Some(terminal) => terminal.true_colour,
            // A terminal that knows these queries is recent.
            None => (self.known.name.is_some() || self.known.kitty) && !self.known.is_tmux(),
        };
        if is_promised || is_known { Colours::True } else { Colours::Palette256 }
    }
}

/// Terminals that are known for it by their names.
fn has_no_colours(term: &str) -> bool {
    let is_old = ["vt52", "vt100", "vt102", "vt220", "vt320", "vt420", "dumb"].contains(&term);
    is_old || term.ends_with("-mono") || term.ends_with("-m")
}

/// Questions for the terminal outside of tmux. tmux drops them unless passthrough is on.
fn outside() -> Vec<u8> {
    [NAME, CELL, ATTRIBUTES].map(wrap).concat()
}

/// Of `rgb:1414/1616/1a1a`, with one to four digits each.
fn colour_of(text: &str) -> Option<[u8; 3]> {
    let (_, channels) = text.split_once(':')?;
    let mut channels = channels.split('/').map(|digits| {
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4)?;
        let most = (1_u32 << (4 * digits.len())) - 1;
        u8::try_from(value * 255 / most.max(1)).ok()
    });
    Some([channels.next()??, channels.next()??, channels.next()??])
}
