//! From what is known of a terminal to the best safe way of showing pictures there, and why.
//!
//! Pure, and the same whatever the order of the answers. In turn: what the person asked for, the
//! name that the terminal gives itself, what the environment calls it, what it confirms, blocks.

use super::hints::Hints;
use super::protocol::Protocol;
use super::terminals::{self, Terminal};

/// All that counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) hints: Hints,
    pub(super) forced: Option<Protocol>,
    /// What the person has chosen on the way: one, or that the terminal decides.
    pub(super) chosen: Option<Option<Protocol>>,
    /// How terminals' names begin, and what the config file wants there.
    pub(super) wanted: Vec<(String, Protocol)>,
    /// Answers to XTVERSION: the terminal's, and the one from outside of tmux.
    pub(super) name: Option<String>,
    pub(super) outer_name: Option<String>,
    /// Somebody says OK to a picture of kitty's protocol.
    pub(super) kitty: bool,
    /// Answers to DA1: the terminal's, and the one from outside of tmux.
    pub(super) attributes: Option<Vec<u16>>,
    pub(super) outer_attributes: Option<Vec<u16>>,
    /// What was asked is not waited for any more.
    pub(super) is_silent: bool,
    /// Pictures of kitty's protocol were refused, in the terminal's word.
    pub(super) refused: Option<String>,
    /// The answer to DA2: its first number tells tmux and GNU screen.
    pub(super) kind: Option<u16>,
    /// A cell has too few pixels for a picture.
    pub(super) is_coarse: bool,
}

/// What follows.
pub(super) struct Choice {
    pub(super) protocol: Protocol,
    pub(super) why: String,
    pub(super) advice: Option<String>,
}

/// How a terminal was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Environment,
    Attributes,
}

const SIXEL: u16 = 4;
/// The first number of DA2 of tmux (`T`) and of GNU screen (`S`).
const TMUX: u16 = 84;
const SCREEN: u16 = 83;

/// Blocks, and what would help.
fn blocks(why: impl Into<String>, advice: Option<&str>) -> Choice {
    let advice = advice.map(str::to_owned);
    Choice { protocol: Protocol::Blocks, why: why.into(), advice }
}

fn pixels(protocol: Protocol, why: impl Into<String>) -> Choice {
    Choice { protocol, why: why.into(), advice: None }
}

impl Known {
    pub(super) fn is_tmux(&self) -> bool {
        let begins = |name: &str| name.starts_with("tmux");
        let hints = &self.hints;
        if let Some(name) = &self.name {
            return begins(name) || (hints.tmux && !hints.screen && self.kind != Some(SCREEN));
        }
        match self.kind {
            Some(TMUX) => true,
            Some(SCREEN) => false,
            // With the variables of both, one of them is inside the other; tmux gives its name.
            Some(_) | None => {
                let is_said = hints.tmux || begins(&hints.term_program);
                begins(&hints.term) || (is_said && !hints.screen)
            }
        }
    }

    pub(super) fn is_screen(&self) -> bool {
        // tmux may call itself so too; its name comes before its attributes.
        let is_named = self.has_answered() && self.hints.term.starts_with("screen");
        !self.is_tmux() && (self.kind == Some(SCREEN) || self.hints.screen || is_named)
    }

    /// Nobody in between would take a question of kitty's protocol for a title.
    pub(super) fn may_ask_kitty(&self) -> bool {
        let is_own = ["xterm-kitty", "xterm-ghostty"].contains(&self.hints.term.as_str());
        let is_free = !self.is_tmux() && !self.is_screen();
        is_free && (self.has_answered() || (is_own && !self.hints.tmux && !self.hints.screen))
    }

    /// The terminal outside of tmux has given a name that is known to show pictures through it.
    pub(super) fn may_ask_kitty_outside(&self) -> bool {
        let outer = self.outer_name.as_deref().and_then(terminals::find);
        self.is_tmux() && outer.is_some_and(|terminal| terminal.placeholders.is_some())
    }

    fn has_answered(&self) -> bool {
        self.attributes.is_some()
    }

    fn has_sixel(&self) -> bool {
        self.attributes.as_ref().is_some_and(|all| all.contains(&SIXEL))
    }

    /// The outermost terminal that is known, inside of tmux and screen by its own word only: their
    /// variables tell of the terminal in which they were started, maybe long ago.
    pub(super) fn terminal(&self) -> Option<&'static Terminal> {
        self.identify().map(|(terminal, _)| terminal)
    }

    /// The same, unless only variables tell, which a program in between may have inherited.
    pub(super) fn sure_terminal(&self) -> Option<&'static Terminal> {
        let (terminal, by) = self.identify()?;
        let is_sure = match by {
            By::Name | By::Attributes => true,
            By::Environment => self.variable().is_some_and(|(name, _)| name == "TERM"),
        };
        (is_sure && !self.is_screen() && !self.is_mosh()).then_some(terminal)
    }

    fn identify(&self) -> Option<(&'static Terminal, By)> {
        if self.is_tmux() {
            let name = self.outer_name.as_deref()?;
            return Some((terminals::find(name)?, By::Name));
        }
        // Whoever says its name is not what the variables say if they say something else.
        if let Some(name) = &self.name {
            return Some((terminals::find(name)?, By::Name));
        }
        if self.is_screen() {
            return None;
        }
        if let Some((_, value)) = self.variable() {
            return Some((terminals::find(value)?, By::Environment));
        }
        let attributes = self.attributes.as_deref()?;
        Some((terminals::find_by_attributes(attributes)?, By::Attributes))
    }

    /// The variable that names a terminal. A bare xterm says nothing: everything calls itself that.
    fn variable(&self) -> Option<(&'static str, &str)> {
        let hints = &self.hints;
        let term = hints.term.strip_prefix("xterm-").unwrap_or(&hints.term);
        let variables = [
            ("TERM", term),
            ("TERM_PROGRAM", &hints.term_program),
            ("LC_TERMINAL", &hints.lc_terminal),
        ];
        let is_name = |value: &str| value != "xterm" && terminals::find(value).is_some();
        variables.into_iter().find(|(_, value)| is_name(value))
    }

    /// mosh answers for itself, in the shortest way that there is, and hands on nothing.
    fn is_mosh(&self) -> bool {
        let is_short = self.attributes.as_deref() == Some(&[62]);
        self.hints.ssh && is_short && self.name.is_none() && !self.kitty
    }

    /// What a person wants whatever the terminal says, and how that was told.
    pub(super) fn wish(&self) -> Option<(Protocol, String)> {
        if let Some(chosen) = self.chosen {
            return Some((chosen?, "chosen with `:graphics`".into()));
        }
        if let Some(forced) = self.forced {
            return Some((forced, "asked for with --graphics".into()));
        }
        let name = self.called().to_lowercase();
        let (begin, wanted) = self.wanted.iter().find(|(begin, _)| name.starts_with(begin))?;
        Some((*wanted, format!("`{begin}` of [graphics] in the config file")))
    }

    /// The name by which a config file knows the outermost terminal.
    pub(super) fn called(&self) -> &str {
        let own = if self.is_tmux() { &self.outer_name } else { &self.name };
        let found = || self.terminal().map(|terminal| terminal.names).and_then(<[_]>::first);
        own.as_deref().or_else(|| found().copied()).unwrap_or(&self.hints.term)
    }

    pub(super) fn choose(&self) -> Choice {
        let mut choice = self.choose_among_all();
        if let Some(word) = &self.refused {
            choice.why.push_str(&format!("; it refuses kitty graphics ({word})"));
        }
        choice
    }

    fn choose_among_all(&self) -> Choice {
        let is_refused = |wish: Protocol| {
            let is_kitty = matches!(wish, Protocol::KittyDirect | Protocol::KittyPlaceholder);
            is_kitty && self.refused.is_some()
        };
        if let Some((wish, why)) = self.wish().filter(|(wish, _)| !is_refused(*wish)) {
            // Nothing else of kitty's goes through tmux.
            let protocol = match wish {
                Protocol::KittyDirect if self.is_tmux() => Protocol::KittyPlaceholder,
                wish => wish,
            };
            return pixels(protocol, why);
        }
        let choice = self.choose_unasked();
        // Pixels travel as ASCII in any locale; letters that make a picture do not.
        let is_letters = matches!(choice.protocol, Protocol::KittyPlaceholder | Protocol::Blocks);
        match is_letters && !self.hints.utf8 {
            true => blocks("the locale is not UTF-8", Some("export LANG=C.UTF-8")),
            false => choice,
        }
    }

    /// Where nobody wishes anything.
    fn choose_unasked(&self) -> Choice {
        if self.is_tmux() {
            return self.choose_in_tmux();
        }
        if self.is_screen() {
            return blocks("GNU screen blocks pictures", Some(terminals::IN_BETWEEN));
        }
        if self.is_mosh() {
            return blocks("mosh blocks pictures", Some(terminals::IN_BETWEEN));
        }
        if self.is_coarse && !self.kitty {
            return blocks("a cell has too few pixels for a picture", None);
        }
        match self.identify() {
            Some((terminal, by)) => self.choose_by_name(terminal, by),
            None => self.choose_by_answers(),
        }
    }

    fn choose_by_name(&self, terminal: &Terminal, by: By) -> Choice {
        let name = terminal.name;
        let is_confirmed = |protocol: &Protocol| match protocol {
            Protocol::KittyDirect | Protocol::KittyPlaceholder => self.kitty,
            Protocol::Sixel => self.has_sixel(),
            // No answer announces them. A variable alone may tell of another terminal.
            Protocol::Iterm2 => self.has_sixel() || (terminal.has_files && by == By::Name),
            Protocol::Blocks | Protocol::None => true,
        };
        let best = terminal.best.iter().copied().find(is_confirmed);
        match best {
            Some(Protocol::Blocks) => {
                blocks(format!("{name} {}", terminal.because), Some(terminal.fix))
            }
            Some(best) if terminal.best.first() == Some(&best) => {
                pixels(best, format!("{name} {}", terminal.because))
            }
            Some(best) => pixels(best, format!("{name} confirms this and nothing better")),
            None if self.has_answered() => {
                blocks(format!("{name} announces no pictures here"), Some(terminal.fix))
            }
            None if self.is_silent => {
                blocks(format!("{name} answers no questions about pictures"), Some(terminal.fix))
            }
            None => blocks(format!("{name} has not answered yet"), None),
        }
    }

    fn choose_by_answers(&self) -> Choice {
        match (self.kitty, self.has_sixel(), self.has_answered()) {
            // Never placeholders: some say OK and print boxes.
            (true, _, _) => pixels(Protocol::KittyDirect, "the terminal confirms kitty graphics"),
            (false, true, _) if self.hints.inline_files => {
                pixels(Protocol::Iterm2, "the environment promises inline files")
            }
            (false, true, _) => pixels(Protocol::Sixel, "the terminal announces sixel"),
            (false, false, true) => {
                blocks("the terminal announces no pictures", Some(terminals::OTHERS))
            }
            (false, false, false) if self.is_silent => {
                blocks("the terminal answers no questions about pictures", Some(terminals::OTHERS))
            }
            (false, false, false) => blocks("the terminal has not answered yet", None),
        }
    }

    /// Only placeholders stay right when panes are split and scrolled.
    fn choose_in_tmux(&self) -> Choice {
        let Some(outer) = &self.outer_name else {
            if !self.has_answered() {
                return blocks("tmux has not answered yet", None);
            }
            if self.kitty || self.outer_attributes.is_some() {
                let advice = self.sixel_in_tmux();
                return blocks("tmux in a terminal that does not give its name", advice);
            }
            let advice = format!("in kitty or Ghostty: {}", terminals::TMUX_LINE);
            return blocks("tmux blocks pictures", Some(&advice));
        };
        if outer.starts_with("tmux") {
            return blocks("tmux in tmux blocks pictures", None);
        }
        let Some(terminal) = terminals::find(outer) else {
            return blocks("tmux in an unknown terminal", self.sixel_in_tmux());
        };
        let name = terminal.name;
        let is_older = |since| terminals::version(outer).is_some_and(|version| version < since);
        match terminal.placeholders {
            Some(since) if is_older(since) => {
                let (major, minor) = since;
                let advice = format!("{name} {major}.{minor} and newer show pictures in tmux");
                blocks(format!("{name} is too old for pictures in tmux"), Some(&advice))
            }
            Some(_) if self.kitty => {
                pixels(Protocol::KittyPlaceholder, format!("tmux passes pictures to {name}"))
            }
            Some(_) => blocks(format!("{name} has not confirmed pictures in tmux"), None),
            None => {
                let outside = format!("outside of tmux {name} shows pictures");
                let shows = terminal.best.first() != Some(&Protocol::Blocks);
                let advice = self.sixel_in_tmux().or_else(|| shows.then_some(outside.as_str()));
                blocks(format!("{name} shows no pictures in tmux"), advice)
            }
        }
    }

    /// tmux announces sixel whatever is outside.
    fn sixel_in_tmux(&self) -> Option<&'static str> {
        let outside = self.outer_attributes.as_ref().is_some_and(|all| all.contains(&SIXEL));
        (self.has_sixel() && outside)
            .then_some("--graphics sixel shows pictures that tmux may leave behind")
    }

    /// What all this was learnt from.
    pub(super) fn evidence(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.name.as_ref().map(|name| format!("XTVERSION {name}")));
        parts.extend(self.outer_name.as_ref().map(|name| format!("outside XTVERSION {name}")));
        if self.hints.tmux {
            parts.push("TMUX".into());
        } else if self.hints.screen {
            parts.push("STY".into());
        }
        match (&self.name, self.variable()) {
            (None, Some(("TERM", _))) | (None, None) => {
                parts.push(format!("TERM={}", printable(&self.hints.term)));
            }
            (None, Some((variable, value))) => {
                parts.push(format!("{variable}={}", printable(value)));
            }
            (Some(_), _) => {}
        }
        parts.extend(self.kitty.then(|| "OK to kitty graphics".into()));
        parts.extend(self.attributes.as_deref().map(|all| format!("DA1 {}", joined(all))));
        let outer = self.outer_attributes.as_deref();
        parts.extend(outer.map(|all| format!("outside DA1 {}", joined(all))));
        parts.join(", ")
    }
}

fn joined(attributes: &[u16]) -> String {
    let numbers: Vec<String> = attributes.iter().map(u16::to_string).collect();
    numbers.join(";")
}

/// A terminal may call itself anything; the first forty letters of it may be shown.
pub(super) fn printable(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect()
}
