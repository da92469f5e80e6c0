//! Letters made of several: does this terminal give them the columns that we count?
//!
//! Pure. It is measured once: a sample of each kind is written, and the terminal tells where its
//! cursor stands. What it counts otherwise goes out in a plainer form of the same width, so that no
//! row shifts. Invariant: a form has as many columns as the letter that it stands for.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Why a terminal may count a letter in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Joined by U+200D: a woman and a microscope are a scientist.
    Joined,
    /// Two letters make a flag.
    Flag,
    /// Of skin.
    Tone,
    /// A sign that U+FE0F makes an emoji, which is wider.
    Presented,
    /// Younger than many terminals.
    Young,
}

/// Their kinds, and each with what is written to try it. Their order is that of the columns.
const SAMPLES: [(Kind, &str); 5] = [
    (Kind::Joined, "👩\u{200d}🔬"),
    (Kind::Flag, "🇩🇪"),
    (Kind::Tone, "👍🏽"),
    (Kind::Presented, "❤\u{fe0f}"),
    (Kind::Young, "\u{1fae8}"),
];
/// From one sample to the next; no terminal takes more for one.
const APART: u16 = 10;
/// So many are needed.
pub(super) const COLUMNS: u16 = 60;
/// The first one that is not in the fonts and tables of 2020.
const YOUNG: char = '\u{1fa78}';

/// Which kinds this terminal counts as we do; all, until it has told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    miscounted: [bool; SAMPLES.len()],
}

/// Writes the samples unseen and takes them away. In the second row: reports of the first one may
/// be keys (F3).
pub(super) fn question() -> Vec<u8> {
    let mut out = b"\x1b7\x1b[8m".to_vec();
    for (place, (_, sample)) in (0..).zip(SAMPLES) {
        let column = place * APART + 1;
        out.extend(format!("\x1b[2;{column}H{sample}\x1b[6n").into_bytes());
    }
    out.extend(b"\x1b[0m\x1b[2;1H\x1b[2K\x1b8");
    out
}

impl Clusters {
    /// Takes the report of the cursor behind a sample; whether that is news.
    pub fn hear(&mut self, reply: &[u8]) -> bool {
        let Some((place, width)) = behind_a_sample(reply) else { return false };
        let Some((_, sample)) = SAMPLES.get(place) else { return false };
        let Some(miscounted) = self.miscounted.get_mut(place) else { return false };
        let is_wrong = usize::from(width) != sample.width();
        std::mem::replace(miscounted, is_wrong) != is_wrong
    }

    /// The letter, or what stands for it where the terminal would count it otherwise.
    pub fn sure(&self, letter: &str) -> Option<String> {
        let kind = self.miscounted.contains(&true).then(|| kind(letter)).flatten()?;
        let place = SAMPLES.iter().position(|(other, _)| *other == kind)?;
        let is_wrong = self.miscounted.get(place).copied().unwrap_or_default();
        is_wrong.then(|| plainer(kind, letter))
    }
}

/// Which sample it is, and how many columns it took.
fn behind_a_sample(reply: &[u8]) -> Option<(usize, u16)> {
    let text = std::str::from_utf8(reply).ok()?;
    let column: u16 = text.strip_prefix("\x1b[2;")?.strip_suffix('R')?.parse().ok()?;
    // Column 1 is the answer to a sign of life.
    let from = column.checked_sub(1).filter(|from| *from > 0)?;
    Some((usize::from(from / APART), from % APART))
}

/// A terminal may count it in its own way, so that nobody knows where the cursor is behind it.
pub(super) fn is_unsure(letter: &str) -> bool {
    let mut all = letter.chars();
    match (all.next(), all.next()) {
        // Sextants and octants are no emoji.
        (Some(alone), None) => ('\u{1f000}'..'\u{1fb00}').contains(&alone),
        (_, more) => more.is_some(),
    }
}

fn kind(letter: &str) -> Option<Kind> {
    if letter.is_ascii() {
        return None;
    }
    let has = |test: fn(char) -> bool| letter.chars().any(test);
    if has(|c| c == '\u{200d}') {
        Some(Kind::Joined)
    } else if has(is_flag) {
        Some(Kind::Flag)
    } else if has(|c| ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)) {
        Some(Kind::Tone)
    } else if has(|c| c == '\u{fe0f}') {
        Some(Kind::Presented)
    } else {
        has(|c| (YOUNG..'\u{1fb00}').contains(&c)).then_some(Kind::Young)
    }
}

fn is_flag(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

fn plainer(kind: Kind, letter: &str) -> String {
    let first = letter.chars().next().unwrap_or('?');
    let mut plain = match kind {
        Kind::Joined | Kind::Tone | Kind::Presented => first.to_string(),
        Kind::Flag => letter.chars().filter_map(latin).collect(),
        Kind::Young => "?".to_owned(),
    };
    if kind == Kind::Joined && first.width().unwrap_or(0) > letter.width() {
        plain = "?".to_owned();
    }
    let lacking = letter.width().saturating_sub(plain.width());
    plain + &" ".repeat(lacking)
}

/// Of a letter of a flag.
fn latin(c: char) -> Option<char> {
    let place = u32::from(c).checked_sub(u32::from('\u{1f1e6}'))?;
    char::from_u32(u32::from('A') + place).filter(char::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(reports: &[&str]) -> Clusters {
        let mut clusters = Clusters::default();
        for report in reports {
            clusters.hear(format!("\x1b[2;{report}R").as_bytes());
        }
        clusters
    }

    #[test]
    fn what_the_terminal_counts_as_we_do_goes_out_as_it_is() {
        let clusters = told(&["3", "13", "23", "33", "43"]);
        assert_eq!(clusters, Clusters::default());
        for letter in ["a", "漢", "é", "👩\u{200d}🔬", "🇩🇪", "👍🏽", "❤\u{fe0f}", "▀", "🬂"]
        {
            assert_eq!(clusters.sure(letter), None, "{letter}");
        }
    }

    /// xterm adds the parts up and gives a heart one column.
    #[test]
    fn what_it_counts_otherwise_gets_a_form_of_the_same_width() {
        let clusters = told(&["5", "15", "25", "32", "42"]);
        for (letter, form) in [
            ("👩\u{200d}🔬", "👩"),
            ("👨\u{200d}👩\u{200d}👧", "👨"),
            ("🇫🇷", "FR"),
            ("👍🏽", "👍"),
            ("❤\u{fe0f}", "❤ "),
            ("1\u{fe0f}\u{20e3}", "1 "),
            ("\u{1fae8}", "? "),
        ] {
            assert_eq!(clusters.sure(letter).as_deref(), Some(form), "{letter}");
            assert_eq!(form.width(), letter.width(), "{letter}");
        }
        assert_eq!(clusters.sure("漢").or(clusters.sure("😀")).or(clusters.sure("é")), None);
    }

    #[test]
    fn signs_of_life_and_places_elsewhere_measure_nothing() {
        let mut clusters = Clusters::default();
        for report in ["\x1b[2;1R", "\x1b[1;5R", "\x1b[2;99R", "\x1b[2;R", "\x1b[0n"] {
            assert!(!clusters.hear(report.as_bytes()), "{report:?}");
        }
        assert!(clusters.hear(b"\x1b[2;5R") && !clusters.hear(b"\x1b[2;5R"));
        assert!(clusters.hear(b"\x1b[2;3R"), "another terminal may be there");
    }
}
