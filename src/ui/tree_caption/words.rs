//! The words of a row, and what is left of them where not all have room.
//!
//! Pure. Invariant: what is told ends with a whole word and differs from what siblings tell, as long as
//! any such form fits; only then letters are left out.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

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
    /// The same behind so many of the words that lead to them.
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
    /// Those that lead to the first of the next ones: `Take away`.
    head: Vec<String>,
    /// The words that tell it from siblings of the same form, and how many of these are enough.
    telling: Vec<String>,
    enough: usize,
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

/// A word that does not end what is told: something is missing behind it.
const LEADS_ON: [&str; 52] = [
    "a", "an", "the", "it", "this", "that", "its", "his", "her", "their", "my", "your", "some",
    "more", "very", "in", "into", "on", "onto", "at", "of", "to", "with", "without", "from", "for",
    "by", "under", "over", "above", "below", "behind", "beside", "near", "around", "between",
    "and", "or", "but", "as", "like", "keep", "make", "turn", "change", "put", "take", "away",
    "add", "remove", "replace", "give",
];
/// What goes on with one of these is not what it says alone: black is not black and white.
const JOINS: [&str; 6] = ["and", "or", "but", "without", "not", "nor"];
/// In place of words that are left out.
const MISSING: &str = "…";
/// So many columns are worth letters of a word that does not fit.
const LETTERS: usize = 3;
/// Of several words each has so many columns.
const LEAST: usize = 4;
/// In so few columns letters leave no room for the sign that words before them are missing.
const SCANT: usize = 5;
/// What leads to a word is told without these.
const ARTICLES: [&str; 3] = ["a", "an", "the"];
const SIGNS: [char; 6] = [',', ';', ':', '.', '(', '–'];

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
        let places = telling::places(prompt, prompts());
        let words = telling::words_at(prompt, &places);
        let there = telling::span(&whole, &words);
        let head = there.and_then(|(at, _)| whole.get(begin..at)).map_or(Vec::new(), head);
        let words = if there.is_some() { words } else { Vec::new() };
        let enough = telling::enough(prompt, prompts(), &places);
        let telling = words.into_iter().map(str::to_owned).collect();
        let wording = telling::form(prompt, &places).join(" ");
        (Self { begin, least, differs, head, telling, enough, ..Self::new(whole) }, wording)
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
        let telling = || (need.enough.max(1)..=need.telling).rev();
        let heads = (need.head.min(1)..=need.head).rev();
        let headed =
            heads.flat_map(|head| telling().map(move |telling| Label::Headed { head, telling }));
        let fits = |label: &Label| {
            rows.clone().all(|(words, columns)| words.led(*label).width() <= columns)
        };
        let first = first.map(Label::First);
        let told = first.or_else(|| headed.chain(telling().map(Label::Telling)).find(fits));
        told.unwrap_or(Label::Cut)
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
                let goes_on = rest
                    .split_whitespace()
                    .next()
                    .is_some_and(|next| JOINS.iter().any(|word| word.eq_ignore_ascii_case(next)));
                let gap = if goes_on && first.width() < columns { MISSING } else { "" };
                format!("{first}{gap}")
            }
            Label::Telling(_) | Label::Headed { .. } => self.led(label),
            Label::Cut => return self.cut(columns),
        };
        let more = self.whole.get(self.end..).unwrap_or_default();
        if told.width() + more.width() <= columns { told + more } else { told }
    }

    /// How many words fit.
    fn first_in(&self, columns: usize) -> usize {
        let text = self.core();
        let parts = ends(text).filter_map(|end| text.get(..end)).take_while(|part| {
            let part = part.trim_end_matches(SIGNS);
            part.width() <= columns
        });
        let count = parts.count();
        if text.width() <= columns { usize::MAX } else { count }
    }

    /// Behind so many words nothing is missing.
    fn ends_at(&self, count: usize) -> bool {
        let mut rest = self.core().split_whitespace().skip(count.saturating_sub(1));
        let last = rest.next().unwrap_or_default().trim_end_matches(SIGNS);
        rest.next().is_none() || !LEADS_ON.iter().any(|word| word.eq_ignore_ascii_case(last))
    }

    /// The words that tell it apart behind those that lead to them: `Take away spoon`, `Take…spoon`,
    /// `…spoon`.
    fn led(&self, label: Label) -> String {
        let (head, telling) = match label {
            Label::Telling(telling) => (0, telling),
            Label::Headed { head, telling } => (head, telling),
            Label::Cut | Label::First(_) | Label::Bare | Label::Whole => return String::new(),
        };
        let first = |of: &[String], count: usize| {
            of.get(..count.min(of.len())).unwrap_or_default().join(" ")
        };
        let gap = match self.head.len() {
            0 => "",
            all if head >= all => " ",
            _ => MISSING,
        };
        format!("{}{gap}{}", first(&self.head, head), first(&self.telling, telling))
    }

    /// Letters, where nothing whole fits: of what tells it apart.
    fn cut(&self, columns: usize) -> String {
        if columns < 2 {
            return String::new();
        }
        if self.telling.is_empty() {
            return cut_after_words(&self.own(columns), columns);
        }
        let is_led = self.head.is_empty() || columns < SCANT;
        let gap = if is_led { "" } else { MISSING };
        let columns = columns - gap.width();
        // Where not so many words have room as are needed, the last of these does it alone.
        let each = ((columns + 1) / self.enough.max(1)).saturating_sub(1);
        let from = if each < LEAST { self.enough.saturating_sub(1) } else { 0 };
        let words = self.telling.get(from..).unwrap_or_default();
        let told = match words.first().filter(|_| from > 0) {
            Some(last) => cut(last, columns),
            None => telling::fitted(words, columns),
        };
        format!("{gap}{told}")
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
            enough: most(|words| words.enough),
            head: least(|words| words.head.len()),
            telling: least(|words| words.telling.len()),
            is_shortened: rows.clone().all(|words| words.least > 0),
        }
    }
}

fn head(before: &str) -> Vec<String> {
    let is_article = |word: &&str| ARTICLES.iter().any(|it| it.eq_ignore_ascii_case(word));
    before.split_whitespace().filter(|word| !is_article(word)).map(str::to_owned).collect()
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
        assert_eq!(told(&takes, [15, 14, 5, 4]), ["red cup, take 1", "red 1", "red 1", "1"]);
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
