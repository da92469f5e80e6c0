//! The words of a row, and what is left of them where not all have room.
//!
//! Pure. Invariant: what is told ends with a whole word and differs from what siblings tell, as long as
//! any such form fits; only then letters are left out.

use unicode_width::UnicodeWidthStr as _;

use crate::ui::cells::cut;
use crate::ui::telling;

/// How much is told; the shorter one is the lesser, so that the least of some rows fits all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// Nothing whole fits.
    Cut,
    /// So many of the words that tell it from siblings of the same form.
    Telling(usize),
    /// So many from the first word on that says something.
    First(usize),
    /// Without the words at its beginning that tell nothing.
    Bare,
    #[default]
    Whole,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    whole: String,
    /// Where they begin to say something; 0 where a sibling differs before that.
    begin: usize,
    /// So many words from there on tell it from its siblings; 0: it is not shortened at a word.
    least: usize,
    /// The words that tell it from siblings of the same form, and how many of these are enough.
    telling: Vec<String>,
    enough: usize,
}

/// A word that does not end what is told: something is missing behind it.
const LEADS_ON: [&str; 42] = [
    "a", "an", "the", "it", "this", "that", "its", "his", "her", "their", "my", "your", "some",
    "more", "very", "in", "into", "on", "onto", "at", "of", "to", "with", "without", "from", "for",
    "by", "under", "over", "above", "below", "behind", "beside", "near", "around", "between",
    "and", "or", "but", "as", "like", "keep",
];
/// So many columns are worth letters of a word that does not fit.
const LETTERS: usize = 3;
const SIGNS: [char; 6] = [',', ';', ':', '.', '(', '–'];

impl Words {
    /// That are not shortened at a word: the end of a file's name tells as much as its beginning.
    pub fn new(whole: String) -> Self {
        Self { whole, ..Self::default() }
    }

    /// Behind a name of so many words, which is enough.
    pub fn named(whole: String, name: usize) -> Self {
        Self { least: name, ..Self::new(whole) }
    }

    /// Beside siblings with other words: told, and as they were asked for; with what all of its form
    /// have in common.
    pub fn among<'a>(
        whole: String,
        prompt: &str,
        others: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    ) -> (Self, String) {
        let opening = whole.len() - telling::bare(&whole).len();
        let rest = whole.get(opening..).unwrap_or_default();
        let is_needed = others.clone().any(|(told, _)| telling::bare(told) == rest);
        let begin = if is_needed { 0 } else { opening };
        let told = whole.get(begin..).unwrap_or_default();
        let shared = others.clone().map(|(other, _)| {
            let other = if is_needed { other } else { telling::bare(other) };
            let bare = |word: &str| word.trim_end_matches(SIGNS).to_owned();
            let pairs = told.split_whitespace().zip(other.split_whitespace());
            pairs.take_while(|(own, other)| bare(own) == bare(other)).count()
        });
        let least = shared.max().unwrap_or(0) + 1;
        let prompts = || others.clone().map(|(_, prompt)| prompt);
        let places = telling::places(prompt, prompts());
        let words = telling::words_at(prompt, &places);
        let is_there = telling::span(&whole, &words).is_some();
        let words = if is_there { words } else { Vec::new() };
        let enough = telling::enough(prompt, prompts(), &places);
        let telling = words.into_iter().map(str::to_owned).collect();
        let wording = telling::template(prompt, &places);
        (Self { begin, least, telling, enough, whole }, wording)
    }

    /// Only those that tell it from siblings of the same form.
    pub fn only_telling(&self) -> Self {
        let (telling, enough) = (self.telling.clone(), self.enough);
        Self { telling, enough, ..Self::new(self.telling.join(" ")) }
    }

    pub fn whole(&self) -> &str {
        &self.whole
    }

    /// Without what tells nothing.
    pub fn bare(&self) -> &str {
        self.whole.get(self.begin..).unwrap_or_default()
    }

    /// The words that it can be without.
    pub fn opening(&self) -> &str {
        self.whole.get(..self.begin).unwrap_or_default()
    }

    /// As much as is whole in so many columns.
    pub fn fit(&self, columns: usize) -> Label {
        if self.whole.width() <= columns {
            return Label::Whole;
        }
        if self.begin > 0 && self.bare().width() <= columns {
            return Label::Bare;
        }
        let fits = |label: &Label| self.text(*label, columns).width() <= columns;
        let telling = (self.enough.max(1)..=self.telling.len()).rev().map(Label::Telling);
        let first = self.first_in(columns).map(Label::First);
        first.into_iter().chain(telling).find(fits).unwrap_or(Label::Cut)
    }

    /// In so many columns, where it is cut.
    pub fn text(&self, label: Label, columns: usize) -> String {
        match label {
            Label::Whole => self.whole.clone(),
            Label::Bare => self.bare().to_owned(),
            Label::First(count) => {
                let end = ends(self.bare()).nth(count.saturating_sub(1));
                let first = self.bare().get(..end.unwrap_or(self.bare().len()));
                first.unwrap_or_default().trim_end_matches(SIGNS).to_owned()
            }
            Label::Telling(count) => self.telling.get(..count).unwrap_or_default().join(" "),
            Label::Cut if columns < 2 => String::new(),
            Label::Cut if !self.telling.is_empty() => telling::fitted(&self.telling, columns),
            Label::Cut => cut_after_words(&self.own(), columns),
        }
    }

    /// How many words fit, of those behind which nothing is missing.
    fn first_in(&self, columns: usize) -> Option<usize> {
        let text = self.bare();
        let whole = |(at, end): (usize, usize)| Some((at + 1, text.get(..end)?));
        let parts = ends(text).enumerate().filter_map(whole);
        let mut parts = parts.map(|(count, part)| (count, part.trim_end_matches(SIGNS)));
        let fitting = parts.by_ref().take_while(|(_, part)| part.width() <= columns);
        let is_end = |(count, part): &(usize, &str)| {
            let last = part.rsplit(char::is_whitespace).next().unwrap_or_default();
            let leads_on = LEADS_ON.iter().any(|word| word.eq_ignore_ascii_case(last));
            (1..=*count).contains(&self.least) && !leads_on
        };
        fitting.filter(is_end).last().map(|(count, _)| count)
    }

    /// From the word on by which it differs from a sibling of another form.
    fn own(&self) -> String {
        let before = self.least.checked_sub(2).and_then(|last| ends(self.bare()).nth(last));
        let rest = before.and_then(|end| self.bare().get(end..)).unwrap_or_default().trim_start();
        if rest.is_empty() { self.bare().to_owned() } else { format!("…{rest}") }
    }
}

/// Where each word ends.
fn ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut at = 0;
    text.split_inclusive(char::is_whitespace).filter_map(move |piece| {
        let word = piece.trim_end();
        let end = at + word.len();
        at += piece.len();
        (!word.is_empty()).then_some(end)
    })
}

/// Cut behind a word, where only a letter of the next one would be left.
fn cut_after_words(words: &str, columns: usize) -> String {
    let cut = cut(words, columns);
    let Some((before, last)) = cut.rsplit_once(' ').filter(|(_, last)| last.ends_with('…'))
    else {
        return cut;
    };
    if last.width() >= LETTERS { cut } else { format!("{}…", before.trim_end_matches(',')) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(prompts: &[&str]) -> Words {
        let own = prompts.first().copied().unwrap_or_default();
        let others = prompts.iter().skip(1).map(|other| (*other, *other));
        Words::among(own.into(), own, others).0
    }

    fn told<const COUNT: usize>(prompts: &[&str], columns: [usize; COUNT]) -> [String; COUNT] {
        let words = among(prompts);
        columns.map(|columns| words.text(words.fit(columns), columns))
    }

    #[test]
    fn words_end_with_a_whole_one_behind_which_nothing_is_missing() {
        let hats = ["Put a blue hat on the cat", "Put a red hat on the cat"];
        assert_eq!(
            told(&hats, [25, 24, 17, 15, 8, 7, 4, 3]),
            [
                "Put a blue hat on the cat",
                "blue hat on the cat",
                "blue hat",
                "blue hat",
                "blue hat",
                "blue",
                "blue",
                "bl…"
            ]
        );
        let biscuit = ["Put a biscuit beside it"];
        assert_eq!(told(&biscuit, [17, 16, 7]), ["biscuit beside it", "biscuit", "biscuit"]);
    }

    #[test]
    fn what_is_left_differs_from_that_of_the_siblings() {
        let spoons = ["Take away the spoon", "Take away the saucer"];
        assert_eq!(
            told(&spoons, [19, 18, 5, 4]),
            ["Take away the spoon", "spoon", "spoon", "spo…"]
        );
        let takes = ["a red cup, take 1", "a red cup, take 2", "a blue cup, take 1"];
        assert_eq!(told(&takes, [15, 14, 5, 4]), ["red cup, take 1", "red 1", "red 1", "red"]);
        let longer = ["Add a hat to the cup", "Add a hat"];
        assert_eq!(told(&longer, [20, 19, 8]), ["Add a hat to the cup", "…to the cup", "…to the…"]);
        let verbs = ["Turn it red", "Make it red"];
        assert_eq!(told(&verbs, [11, 10, 4]), ["Turn it red", "Turn", "Turn"]);
    }

    #[test]
    fn what_has_a_name_is_told_by_it_and_a_file_keeps_its_letters() {
        let named = Words::named("[keeper] Make it red".into(), 1);
        assert_eq!(named.text(named.fit(12), 12), "[keeper]");
        let file = Words::new("a photo of the cat.png".into());
        assert_eq!(file.text(file.fit(10), 10), "a photo…");
    }

    #[test]
    fn letters_of_two_columns_have_no_words_to_end_with() {
        assert_eq!(told(&["把猫变成红色"], [12, 11, 5]), ["把猫变成红色", "把猫变成红…", "把猫…"]);
    }
}
