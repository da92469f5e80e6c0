//! The words that tell a row from siblings of the same form, behind those that lead to them.
//!
//! Pure. What they take is known without making them: of long prompts much is tried in every frame.

use unicode_width::UnicodeWidthStr as _;

use super::lead::{Lead, MISSING, between, goes_on};
use crate::ui::cells::cut;
use crate::ui::telling;

/// Of several words each has so many columns.
const LEAST: usize = 4;
/// In so few columns letters leave no room for the sign that words before them are missing.
const SCANT: usize = 5;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// The words that lead to the first of the others: `Take away`.
    pub lead: Lead,
    told: Vec<Told>,
    /// So many of them tell it from each of its siblings.
    pub enough: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    word: String,
    /// What stands between it and the one before it.
    before: String,
    /// What those up to it take.
    columns: usize,
    /// The word behind it makes something else of it.
    goes_on: bool,
}

impl Apart {
    /// Of what is told from this byte on of a prompt; with what all of its form have in common.
    pub fn among<'a, Prompts: Iterator<Item = &'a str>>(
        whole: &str,
        begin: usize,
        prompt: &str,
        others: impl Fn() -> Prompts,
    ) -> (Self, String) {
        let places = telling::places(prompt, others());
        let enough = telling::enough(prompt, others(), &places);
        let wording = telling::form(prompt, &places).join(" ");
        let text: Vec<&str> = whole.split_whitespace().collect();
        let there = found(&text, &telling::words_at(prompt, &places), &places).unwrap_or_default();
        let opened = whole.get(..begin).unwrap_or_default().split_whitespace().count();
        let lead = there.first().and_then(|first| text.get(opened..*first)).unwrap_or_default();
        (Self { lead: Lead::of(lead), told: Told::at(&text, &there), enough }, wording)
    }

    /// The same beside a text that says what leads to them, and what stands between them.
    pub fn alone(&self) -> Self {
        let words = self.words();
        let places: Vec<usize> = (0..words.len()).collect();
        Self { lead: Lead::default(), told: Told::at(&words, &places), enough: self.enough }
    }

    pub fn words(&self) -> Vec<&str> {
        self.told.iter().map(|told| told.word.as_str()).collect()
    }

    pub fn len(&self) -> usize {
        self.told.len()
    }

    /// So many of them behind so many that lead to them: `Take away spoon`, `Take…spoon`, `…spoon`.
    pub fn text(&self, lead: usize, count: usize) -> String {
        let mut text = self.lead.text(lead);
        let words = self.told.get(..count).unwrap_or(&self.told);
        for (at, told) in words.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { &told.before });
            text.push_str(&told.word);
        }
        text + if words.last().is_some_and(|last| last.goes_on) { MISSING } else { "" }
    }

    /// What that takes; `None`: so many may not lead to them.
    pub fn columns(&self, lead: usize, count: usize) -> Option<usize> {
        let last = self.told.get(count.saturating_sub(1)).or(self.told.last());
        let words = last.map_or(0, |last| last.columns + usize::from(last.goes_on));
        Some(self.lead.columns(lead)? + words)
    }

    /// Letters of them; `None`: there are none.
    pub fn cut(&self, columns: usize) -> Option<String> {
        // Where not so many words have room as are needed, the last of these does it alone.
        let from_of = |columns: usize| {
            let each = ((columns + 1) / self.enough.max(1)).saturating_sub(1);
            if each < LEAST { self.enough.saturating_sub(1) } else { 0 }
        };
        let is_led = |from: usize| {
            !self.lead.is_empty() || from > 0 && self.told.get(from).is_some_and(Told::is_turned)
        };
        let gap = if is_led(from_of(columns)) && columns >= SCANT { MISSING } else { "" };
        let columns = columns.saturating_sub(gap.width());
        let from = from_of(columns);
        let (first, rest) = self.told.get(from..)?.split_first()?;
        // Letters leave no room for a word that turns the next one.
        let plain = rest.iter().take_while(|told| !told.is_turned());
        let words = std::iter::once(first).chain(plain).map(|told| told.word.clone());
        let words: Vec<String> = words.take(if from > 0 { 1 } else { usize::MAX }).collect();
        let told = telling::fitted(&words, columns);
        // A whole word would say what is not so.
        let is_other = gap.is_empty() && (is_led(from) || first.goes_on);
        if is_other && told == first.word {
            return Some(cut(&told, told.width().saturating_sub(1).max(1)));
        }
        Some(format!("{gap}{told}"))
    }
}

impl Told {
    /// A word before it that is left out may turn it.
    fn is_turned(&self) -> bool {
        self.before.width() > 1
    }

    /// Those that stand at these places of a text.
    fn at(text: &[&str], places: &[usize]) -> Vec<Self> {
        let mut all = Vec::<Self>::new();
        for (at, place) in places.iter().enumerate() {
            let word = text.get(*place).copied().unwrap_or_default().to_owned();
            let last = at.checked_sub(1).and_then(|at| places.get(at));
            let left_out = last.and_then(|last| text.get(last + 1..*place)).unwrap_or_default();
            let before = if last.is_some() { between(left_out) } else { String::new() };
            let begun = all.last().map_or(0, |told| told.columns);
            let columns = begun + before.width() + word.width();
            let goes_on = text.get(place + 1).is_some_and(|next| goes_on(next));
            all.push(Self { word, before, columns, goes_on });
        }
        all
    }
}

/// Where these words of a prompt stand in a text: in the same places, or in this order.
fn found(text: &[&str], words: &[&str], places: &[usize]) -> Option<Vec<usize>> {
    let mut both = places.iter().zip(words);
    if both.all(|(place, word)| text.get(*place) == Some(word)) {
        return Some(places.to_vec());
    }
    let mut from = 0;
    let place = |word: &&str| {
        let place = from + text.get(from..)?.iter().position(|own| own == word)?;
        from = place + 1;
        Some(place)
    };
    words.iter().map(place).collect()
}
