//! The words of a row, and what is left of them where not all have room.
//!
//! Pure. Invariant: what is told ends with a whole word and differs from what siblings tell, as long as
//! any such form fits; only then letters are left out.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::apart::Apart;
use super::lead::{MISSING, SIGNS, goes_on, is_undone, leads_on};
use crate::ui::cells::cut;
use crate::ui::telling;

/// How much is told; the shorter one is the lesser, so that the least of some rows fits all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// Nothing whole fits.
    Cut,
    /// So many of the words that tell it from siblings of the same form, and a sign that what leads
    /// to them is left out: a spoon that is taken away is not asked for.
    Telling(usize),
    /// The same behind so many of the words that lead to them, where these may be told so.
    Headed { head: usize, telling: usize },
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
    /// Where they end: behind that it is told how many pictures there are.
    end: usize,
    /// So many words from there on tell it from its siblings; 0: it is not shortened at a word.
    least: usize,
    /// Where it differs from the sibling that is most like it.
    differs: usize,
    /// What tells it from siblings of the same form.
    apart: Apart,
}

/// What rows that are shortened alike need to be told from all their siblings, and have.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    least: usize,
    enough: usize,
    head: usize,
    telling: usize,
    is_shortened: bool,
}

/// So many columns are worth letters of a word that does not fit.
const LETTERS: usize = 3;

impl Words {
    /// That are not shortened at a word: the end of a file's name tells as much as its beginning.
    pub fn new(whole: String) -> Self {
        let end = whole.len();
        Self { whole, end, ..Self::default() }
    }

    /// Behind a name of so many words, which is enough.
    pub fn named(whole: String, name: usize) -> Self {
        Self { least: name, ..Self::new(whole) }
    }

    /// With this behind them, where there is room.
    pub fn followed_by(mut self, more: &str) -> Self {
        self.whole.push_str(more);
        self
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
        let own = whole.get(begin..).unwrap_or_default();
        let told = others.clone().map(|(other, _)| match is_needed {
            true => other,
            false => telling::bare(other),
        });
        let least = told.clone().map(|other| equal_words(own, other)).max().unwrap_or(0) + 1;
        let differs = told.map(|other| equal_letters(own, other)).max().unwrap_or(0);
        let prompts = || others.clone().map(|(_, prompt)| prompt);
        let (apart, wording) = Apart::among(&whole, begin, prompt, prompts);
        (Self { begin, least, differs, apart, ..Self::new(whole) }, wording)
    }

    /// Only those that tell it from siblings of the same form.
    pub fn only_telling(&self) -> Self {
        let apart = self.apart.alone();
        Self { apart, ..Self::new(self.apart.words().join(" ")) }
    }

    pub fn whole(&self) -> &str {
        &self.whole
    }

    /// Without what tells nothing.
    pub fn bare(&self) -> &str {
        self.whole.get(self.begin..).unwrap_or_default()
    }

    /// The same without how many pictures there are.
    fn core(&self) -> &str {
        self.whole.get(self.begin..self.end).unwrap_or_default()
    }

    /// The words that it can be without.
    pub fn opening(&self) -> &str {
        self.whole.get(..self.begin).unwrap_or_default()
    }

    /// As much as is whole in so many columns.
    pub fn fit(&self, columns: usize) -> Label {
        Self::fit_all(std::iter::once((self, columns)))
    }

    /// As much as is whole in each of these rows, and tells each from all its siblings.
    pub fn fit_all<'a>(rows: impl Iterator<Item = (&'a Self, usize)> + Clone) -> Label {
        if rows.clone().all(|(words, columns)| words.whole.width() <= columns) {
            return Label::Whole;
        }
        if rows.clone().all(|(words, columns)| words.bare().width() <= columns) {
            return Label::Bare;
        }
        let need = Need::of(rows.clone().map(|(words, _)| words));
        let most = rows.clone().map(|(words, columns)| words.first_in(columns)).min();
        let is_end = |count: &usize| rows.clone().all(|(words, _)| words.ends_at(*count));
        let counts = need.least.max(1)..=most.unwrap_or(0);
        let first = counts.rev().find(is_end).filter(|_| need.is_shortened);
        let fits =
            |label: &Label| rows.clone().all(|(words, columns)| words.has_room(*label, columns));
        let told = first.map(Label::First).or_else(|| Self::led_in(rows.clone(), need).find(fits));
        told.unwrap_or(Label::Cut)
    }

    /// What is tried of the words that tell them apart, the most first: never more words than so many
    /// columns could have, however many there are.
    fn led_in<'a>(
        rows: impl Iterator<Item = (&'a Self, usize)> + Clone,
        need: Need,
    ) -> impl Iterator<Item = Label> {
        let columns = rows.clone().map(|(_, columns)| columns).min().unwrap_or(0);
        let most = columns.div_ceil(2);
        let telling =
            move |room: usize| (need.enough.max(1)..=need.telling.min(room.div_ceil(2))).rev();
        let lead = move |count: usize| {
            let room = |(words, columns): (&Self, usize)| {
                columns.checked_sub(words.apart.lead.columns(count)?)
            };
            let least = rows.clone().map(room).reduce(|one, other| Some(one?.min(other?)));
            least.flatten().map(|room| (count, room))
        };
        let heads = (need.head.min(1)..=need.head.min(most)).rev().filter_map(lead);
        let headed = heads.flat_map(move |(head, room)| {
            telling(room).map(move |telling| Label::Headed { head, telling })
        });
        headed.chain(telling(columns).map(Label::Telling))
    }

    /// In so many columns.
    pub fn text(&self, label: Label, columns: usize) -> String {
        let told = match label {
            Label::Whole => return self.whole.clone(),
            Label::Bare => return self.bare().to_owned(),
            Label::First(count) => {
                let end = ends(self.core()).nth(count.saturating_sub(1));
                let parts = end.and_then(|end| self.core().split_at_checked(end));
                let (first, rest) = parts.unwrap_or((self.core(), ""));
                let first = first.trim_end_matches(SIGNS);
                let goes_on = rest.split_whitespace().next().is_some_and(goes_on);
                let gap = if goes_on && first.width() < columns { MISSING } else { "" };
                format!("{first}{gap}")
            }
            Label::Telling(telling) => self.apart.text(0, telling),
            Label::Headed { head, telling } => self.apart.text(head, telling),
            Label::Cut => return self.cut(columns),
        };
        let more = self.whole.get(self.end..).unwrap_or_default();
        if told.width() + more.width() <= columns { told + more } else { told }
    }

    /// How many words fit.
    fn first_in(&self, columns: usize) -> usize {
        let text = self.core();
        let parts = ends(text).filter_map(|end| text.split_at_checked(end));
        let fits = |(part, rest): &(&str, &str)| {
            let sign = rest.split_whitespace().next().is_some_and(is_undone);
            part.trim_end_matches(SIGNS).width() + usize::from(sign) <= columns
        };
        let count = parts.take_while(fits).count();
        if text.width() <= columns { usize::MAX } else { count }
    }

    /// Behind so many words nothing is missing.
    fn ends_at(&self, count: usize) -> bool {
        let mut rest = self.core().split_whitespace().skip(count.saturating_sub(1));
        let last = rest.next().unwrap_or_default().trim_end_matches(SIGNS);
        rest.next().is_none() || !leads_on(last)
    }

    fn has_room(&self, label: Label, columns: usize) -> bool {
        let wide = match label {
            Label::Telling(telling) => self.apart.columns(0, telling),
            Label::Headed { head, telling } => self.apart.columns(head, telling),
            Label::Cut | Label::First(_) | Label::Bare | Label::Whole => None,
        };
        wide.is_some_and(|wide| wide <= columns)
    }

    /// Letters, where nothing whole fits: of what tells it apart.
    fn cut(&self, columns: usize) -> String {
        if columns < 2 {
            return String::new();
        }
        match self.apart.cut(columns) {
            Some(told) => told,
            None => cut_after_words(&self.own(columns), columns),
        }
    }

    /// From the word on by which it differs from a sibling of another form; where that word itself
    /// would be cut before it differs, from there on.
    fn own(&self, columns: usize) -> String {
        let text = self.core();
        let before = self.least.checked_sub(2).and_then(|last| ends(text).nth(last));
        let begin = before.map_or(0, |end| {
            let rest = text.get(end..).unwrap_or_default();
            text.len() - rest.trim_start().len()
        });
        let shared = text.get(begin..self.differs).unwrap_or_default().width();
        let begin = match shared > 0 && shared + 2 > columns.saturating_sub(1) {
            true => self.differs,
            false => begin,
        };
        match text.get(begin..).filter(|rest| begin > 0 && !rest.is_empty()) {
            Some(rest) => format!("{MISSING}{rest}"),
            None => self.bare().to_owned(),
        }
    }
}

impl Need {
    fn of<'a>(rows: impl Iterator<Item = &'a Words> + Clone) -> Self {
        let most = |of: fn(&Words) -> usize| rows.clone().map(of).max().unwrap_or(0);
        let least = |of: fn(&Words) -> usize| rows.clone().map(of).min().unwrap_or(0);
        Self {
            least: most(|words| words.least),
            enough: most(|words| words.apart.enough),
            head: least(|words| words.apart.lead.len()),
            telling: least(|words| words.apart.len()),
            is_shortened: rows.clone().all(|words| words.least > 0),
        }
    }
}

/// How many words two texts begin with.
fn equal_words(one: &str, other: &str) -> usize {
    let bare = |word: &str| word.trim_end_matches(SIGNS).to_owned();
    let pairs = one.split_whitespace().zip(other.split_whitespace());
    pairs.take_while(|(one, other)| bare(one) == bare(other)).count()
}

/// How far two texts are equal, in bytes up to a letter.
fn equal_letters(one: &str, other: &str) -> usize {
    let pairs = one.grapheme_indices(true).zip(other.graphemes(true));
    let equal = pairs.take_while(|((_, one), other)| one == other);
    equal.last().map_or(0, |((at, letter), _)| at + letter.len())
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
            told(&spoons, [19, 18, 14, 9, 5, 4]),
            ["Take away the spoon", "Take away spoon", "Take…spoon", "…spoon", "…spo…", "spo…"]
        );
        let takes = ["a red cup, take 1", "a red cup, take 2", "a blue cup, take 1"];
        assert_eq!(told(&takes, [15, 14, 5, 4]), ["red cup, take 1", "red…1", "red…1", "1"]);
        let longer = ["Add a hat to the cup", "Add a hat"];
        assert_eq!(told(&longer, [20, 19, 8]), ["Add a hat to the cup", "…to the cup", "…to the…"]);
        let verbs = ["Turn it red", "Make it red"];
        assert_eq!(told(&verbs, [11, 10, 4]), ["Turn it red", "Turn", "Turn"]);
    }

    #[test]
    fn what_goes_on_with_a_word_that_changes_it_has_a_sign_for_that() {
        let black = ["Make it black and white"];
        assert_eq!(told(&black, [15, 14, 6, 5]), ["black and white", "black…", "black…", "black"]);
        assert_eq!(told(&["Add a hat without a feather"], [12]), ["Add a hat…"]);
        assert_eq!(told(&["Put a blue hat on the cat"], [12]), ["blue hat"]);
    }

    #[test]
    fn of_long_prompts_no_more_is_tried_than_could_have_room() {
        let tried = |shared: &str, count: usize, columns: usize| {
            let prompt = |word: &str| {
                let head = vec![shared; count / 4 * 3].join(" ");
                format!("{head} {}", vec![word; count / 4].join(" "))
            };
            let prompts = ["one", "two"].map(prompt);
            let words = among(&[&prompts[0], &prompts[1]]);
            assert_eq!(words.apart.len(), count / 4);
            let rows = std::iter::repeat_n((&words, columns), 2);
            Words::led_in(rows.clone(), Need::of(rows.map(|(words, _)| words))).count()
        };
        for columns in [20, 40, 80] {
            let counts = [120, 240, 960].map(|count| tried("word", count, columns));
            // A word and a blank are two columns.
            assert_eq!(counts, [120, 240, 960].map(|count| (count / 4).min(columns / 2)));
            let counts = [120, 240, 960].map(|count| tried("without", count, columns));
            assert!(counts.iter().all(|count| *count <= columns * 3), "{counts:?}");
        }
    }

    #[test]
    fn what_has_a_name_is_told_by_it_and_a_file_keeps_its_letters() {
        let named = Words::named("[keeper] Make it red".into(), 1);
        assert_eq!(named.text(named.fit(12), 12), "[keeper]");
        let file = Words::new("a photo of the cat.png".into());
        assert_eq!(file.text(file.fit(10), 10), "a photo…");
    }

    #[test]
    fn letters_of_two_columns_begin_where_they_differ() {
        assert_eq!(told(&["把猫变成红色"], [12, 11, 5]), ["把猫变成红色", "把猫变成红…", "把猫…"]);
        assert_eq!(
            told(&["把猫变成红色", "把猫变成蓝色"], [11, 10, 5]),
            ["把猫变成红…", "…红色", "…红色"]
        );
    }

    #[test]
    fn how_many_pictures_there_are_hides_no_sibling_and_is_told_where_it_fits() {
        let of = |prompts: &[&str]| among(prompts).followed_by(" ×4");
        let told = |words: &Words, columns| words.text(words.fit(columns), columns);
        let verbs = of(&["Turn it red", "Make it red"]);
        assert_eq!(
            [14, 12, 8].map(|columns| told(&verbs, columns)),
            ["Turn it red ×4", "Turn it red", "Turn ×4"]
        );
        let hat = of(&["Put a red hat on the cat"]);
        let told = [21, 20, 10, 9].map(|columns| told(&hat, columns));
        assert_eq!(told, ["red hat on the cat ×4", "red hat on the cat", "red hat ×4", "red hat"]);
    }

    #[test]
    fn letters_are_those_of_a_word_that_tells_it_apart() {
        let bright = ["bright summer morning", "bright winter morning", "dark winter evening"];
        assert_eq!(
            told(&bright, [20, 14, 8, 5]),
            ["bright summer", "bright summer", "…summer", "…sum…"]
        );
    }

    #[test]
    fn rows_of_one_wording_differ_wherever_something_whole_of_each_fits() {
        let families: [&[&str]; 3] = [
            &[
                "Put a red sombrero on the cat",
                "Put a blue hat on the cat",
                "Put a blue cap on the cat",
            ],
            &[
                "Put a hat on the very old cat",
                "Put a hat on the very new cat",
                "Put a hat on the nice old cat",
                "Put a hat on the red cat",
                "Put a hat on the blue cat",
            ],
            &["bright summer morning", "bright winter morning", "dark winter evening"],
        ];
        for prompts in families {
            let of = |at: usize| {
                let mut all = prompts.to_vec();
                all.rotate_left(at);
                let others = all.iter().skip(1).map(|other| (*other, *other));
                let own = all.first().copied().unwrap_or_default();
                Words::among(own.into(), own, others)
            };
            let mut wordings = std::collections::BTreeMap::<String, Vec<Words>>::new();
            for (words, wording) in (0..prompts.len()).map(of) {
                wordings.entry(wording).or_default().push(words);
            }
            for rows in wordings.values() {
                for (columns, first) in
                    (2..40).flat_map(|columns| [(columns, 2), (columns, columns)])
                {
                    let room = |at: usize| if at == 0 { first } else { columns };
                    let rows = rows.iter().enumerate().map(|(at, words)| (words, room(at)));
                    let label = Words::fit_all(rows.clone());
                    if label == Label::Cut {
                        continue;
                    }
                    let told: Vec<String> =
                        rows.clone().map(|(words, columns)| words.text(label, columns)).collect();
                    let unlike: std::collections::BTreeSet<&String> = told.iter().collect();
                    assert_eq!(unlike.len(), told.len(), "{columns} {label:?}: {told:?}");
                    let fits = |(one, (_, columns)): (&String, (_, usize))| {
                        !one.is_empty() && one.width() <= columns
                    };
                    assert!(told.iter().zip(rows).all(fits), "{columns} {label:?}: {told:?}");
                }
            }
        }
    }
}
