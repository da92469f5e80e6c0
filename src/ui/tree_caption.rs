//! What a row of the tree says: what tells it from the rows beside it, and not what all of them say.
//!
//! Takes of one prompt are numbered, or called by the values that differ; a beginning that siblings
//! share is cut in its middle where the whole does not fit. Reads only nodes that are loaded.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::cells::{cut, wrapped};
use super::telling::{self, common, span};
use crate::app::model::Model;
use crate::schema::Catalogue;
use crate::tree::Node;

pub mod siblings;

use siblings::{Sibling, differs, family, take_of};

/// The words of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    pub words: String,
    /// `take 3`, `guidance 2.5`: what differs from siblings with the same words.
    pub differs: Option<String>,
    /// Which of the takes that are equal in everything it is, from 1; `None`: there is no other.
    pub take: Option<usize>,
    /// The model that it begins with, and the letter that tells this one from the others.
    model: Option<(String, String)>,
    /// An earlier sibling has the same words.
    pub is_repeated: bool,
    /// So many letters at the beginning are those of a sibling too.
    shared: usize,
    /// The words that tell it from siblings of the same form.
    telling: Vec<String>,
    /// Where the first of them begins, in letters, and where the last one ends, in columns.
    span: (usize, usize),
}

/// A shorter own part has a word before it.
const SHARED: usize = 8;
/// So many columns are worth letters of a word that does not fit.
const LETTERS: usize = 3;
/// Before what differs is told in signs, so many columns of the words are seen.
const READABLE: usize = 12;
/// … in so many at least for both.
const SIGNS: usize = 20;
/// The form in which seeds and takes are told in signs.
const SIGNED: usize = 2;
/// The name of a model of so many letters stands in a row where another one would be a letter.
const NAMED: usize = 4;
/// Before the model is left out, so many columns of the words are seen.
const OWN: usize = 7;
/// A beginning that has so few letters more than its first word is not worth a cut.
const WORTH: usize = 5;

impl Caption {
    /// Of a node that is not loaded.
    pub fn unknown() -> Self {
        Self { words: "…".into(), ..Self::default() }
    }

    pub fn of(model: &Model, node: &Node) -> Self {
        Self::after(model, node, None)
    }

    /// Of one whose elder sibling, which is equal, is that take: the others need not be counted.
    pub fn after(model: &Model, node: &Node, elder: Option<usize>) -> Self {
        let family = family(model, node, elder.is_none());
        Self::counted(&family, node, &model.catalogue, elder.map(|elder| elder + 1))
    }

    /// Beside its siblings with recipes, oldest first, itself among them.
    pub fn within(family: &[Sibling<'_>], node: &Node, catalogue: &Catalogue) -> Self {
        Self::counted(family, node, catalogue, None)
    }

    fn counted(
        family: &[Sibling<'_>],
        node: &Node,
        catalogue: &Catalogue,
        take: Option<usize>,
    ) -> Self {
        let many = match node.pictures.len() {
            0 | 1 => String::new(),
            count => format!(" ×{count}"),
        };
        let name = node.name.as_ref().map_or(String::new(), |name| format!("[{name}] "));
        let words = format!("{name}{}{many}", node.caption());
        let Some(recipe) = &node.recipe else {
            return Self { words, ..Self::default() };
        };
        let (peers, others): (Vec<Sibling<'_>>, Vec<Sibling<'_>>) =
            family.iter().partition(|(_, other)| other.prompt == recipe.prompt);
        let own = recipe.caption();
        let prompts = others.iter().map(|(_, other)| common(&own, &other.caption()));
        let shared = prompts.max().filter(|_| name.is_empty()).unwrap_or(0);
        let is_repeated = peers.first().is_some_and(|(first, _)| *first != node.id);
        let mut prompts: Vec<&str> =
            others.iter().map(|(_, other)| other.prompt.as_str()).collect();
        prompts.dedup();
        let places = telling::places(&recipe.prompt, prompts.into_iter());
        let told = telling::words_at(&recipe.prompt, &places);
        let span = span(&words, &told);
        let telling =
            if span.is_some() { told.into_iter().map(str::to_owned).collect() } else { Vec::new() };
        let take = take_of(node.id, recipe, &peers).map(|counted| take.unwrap_or(counted));
        let (model, differs) = differs(catalogue, node.id, &peers, take).unzip();
        let (model, span) = (model.flatten(), span.unwrap_or_default());
        Self { words, differs, take, model, is_repeated, shared, telling, span }
    }

    /// Words and what differs, whole.
    pub fn told(&self) -> String {
        let differs = self.differs.as_deref().unwrap_or_default();
        format!("{} {differs}", self.words).trim_end().to_owned()
    }

    /// Words and what differs, in so many columns.
    pub fn fitted(&self, columns: usize) -> (String, String) {
        if self.differs.is_none() {
            return (self.cut(columns), String::new());
        }
        let differs = &self.form(self.form_in(columns));
        let room = columns.saturating_sub(differs.width() + 1);
        if self.is_short_in(columns) {
            return self.in_short(columns);
        }
        match (self.is_repeated, self.words.width() <= room) {
            (_, true) => (format!("{} ", self.words), differs.clone()),
            (true, false) if room <= LETTERS => ("… ".into(), differs.clone()),
            // Its first words stand above; those that are its own tell it from the other group.
            (true, false) if room < 2 * SHARED && self.shared > 0 => {
                let (own, bare) = (self.own(), telling::bare(&self.words));
                let whole = bare.width() <= room || own.len() >= bare.len();
                let words = if whole { bare.to_owned() } else { format!("…{own}") };
                (format!("{} ", cut_after_words(&words, room)), differs.clone())
            }
            (_, false) if room < 2 => (String::new(), differs.clone()),
            (_, false) => (format!("{} ", self.cut(room)), differs.clone()),
        }
    }

    /// Words and what differs in two rows of so many columns: the words go on in the second one, and
    /// what differs ends it.
    pub fn in_two(&self, first: usize, second: usize) -> [(String, String); 2] {
        let differs = self.differs.clone().unwrap_or_default();
        let gap = usize::from(!differs.is_empty());
        if self.words.width() + gap + differs.width() <= first {
            return [(format!("{}{}", self.words, " ".repeat(gap)), differs), Default::default()];
        }
        let differs =
            if differs.width() > second { self.form(self.form_in(second)) } else { differs };
        let room = second.saturating_sub(differs.width() + gap);
        let bare = telling::bare(&self.words);
        let in_lines = |words: &str| {
            let mut lines = wrapped(words, first.max(1)).into_iter();
            (lines.next().unwrap_or_default(), lines.collect::<Vec<_>>().join(" "))
        };
        let mut whole = [&*self.words, bare].map(in_lines).into_iter();
        let whole = whole.find(|(_, rest)| rest.width() <= room);
        // No word is broken for what differs: it then has the second row alone.
        let (begun, rest) = whole.unwrap_or_else(|| match (gap, in_lines(bare)) {
            (0, (begun, rest)) => (begun, cut(&rest, room)),
            (_, _) if self.telling.is_empty() => (self.cut(first), String::new()),
            (_, _) => (telling::fitted(&self.telling, first), String::new()),
        });
        let gap = if rest.is_empty() { 0 } else { gap };
        [(begun, String::new()), (rest + &" ".repeat(gap), differs)]
    }

    /// How what differs is told in so many columns: beside its words, then beside what is left of
    /// them; only then without the model.
    pub fn form_in(&self, columns: usize) -> usize {
        let fits = |form: usize, own: usize| own + self.form(form).width() <= columns;
        if self.is_short_in(columns) {
            let own = self.telling.iter().map(|word| word.width() + 1).sum();
            return self.form_beside(own, fits);
        }
        // In signs where that lets the words be read; in fewer columns they are cut in any case.
        // For a seed that is told in a word they give a letter.
        let words = telling::bare(&self.words).width() + 1;
        let own = |form: usize| words.min(READABLE - usize::from(form == 1));
        let is_wide = self.model.is_none() && columns >= SIGNS;
        // A value is told in a letter before words are cut for it, and a seed after that.
        let whole = (0..SIGNED).find(|form| fits(*form, words));
        let readable = whole.or_else(|| (0..3).find(|form| fits(*form, own(*form))));
        let readable = readable.filter(|_| is_wide);
        readable.unwrap_or_else(|| self.form_beside(LETTERS + 2, fits))
    }

    fn form_beside(&self, own: usize, fits: impl Fn(usize, usize) -> bool) -> usize {
        let last = if self.model.is_some() { 4 } else { SIGNED };
        // Beside less of its words than any before: of a short name and its seed, which have no shorter
        // form, the same is tried again so.
        let own = |form| if form == 3 { own.min(OWN) } else { own };
        (0..last).find(|form| fits(*form, own(*form))).unwrap_or(last)
    }

    /// A short name and its seed, which beside it needs no sign: `pro 2`.
    fn seed_of_model(&self) -> Option<(&str, &str)> {
        let (model, _) = self.model.as_ref().filter(|(model, _)| model.len() <= NAMED)?;
        let seed = self.differs.as_ref()?.strip_prefix(model.as_str())?;
        let seed = seed.strip_prefix(" seed ")?;
        // With more behind it the number would read as part of that.
        seed.bytes().all(|digit| digit.is_ascii_digit()).then_some((model, seed))
    }

    /// `flux2-dev guidance 2.5 seed 2`, `flux2-dev g2.5 seed 2`, `flux2-dev g2.5 s2`, `f g2.5 s2`,
    /// `g2.5 s2`; a short name with a seed alone has three: `pro seed 2` (0 and 1), `pro 2` (2 and 3),
    /// `s2` (4).
    fn form(&self, form: usize) -> String {
        let whole = self.differs.clone().unwrap_or_default();
        let short = whole.replace("guidance ", "g");
        let signs = || short.replace("seed ", "s").replace("take ", "#");
        let without = || {
            let (signs, (model, sign)) = (signs(), self.model.clone()?);
            let rest = signs.strip_prefix(&model)?.trim_start().to_owned();
            Some((format!("{sign} {rest}"), rest)).filter(|(_, rest)| !rest.is_empty())
        };
        match (form, self.seed_of_model()) {
            (0, _) => whole,
            (1, _) => short,
            (SIGNED | 3, Some((model, seed))) => format!("{model} {seed}"),
            (SIGNED, None) => signs(),
            (3, None) => without().map_or_else(signs, |(with, _)| with),
            (_, _) => without().map_or_else(signs, |(_, rest)| rest),
        }
    }

    /// The longest form in which what differs goes into so many columns alone: it is shortened rather
    /// than cut.
    pub fn form_alone(&self, columns: usize) -> usize {
        (0..4).find(|form| self.form(*form).width() <= columns).unwrap_or(3)
    }

    /// The words at its beginning that tell nothing: siblings that begin so are of one form.
    pub fn opening(&self) -> &str {
        let opening = self.words.len() - telling::bare(&self.words).len();
        let is_kept = !self.telling.is_empty() && opening > self.span.0;
        self.words.get(..opening).filter(|_| !is_kept).unwrap_or_default()
    }

    /// Without them.
    pub fn without_opening(&self) -> Self {
        let (opening, (from, to)) = (self.opening().len(), self.span);
        Self {
            words: self.words.get(opening..).unwrap_or_default().to_owned(),
            shared: self.shared.saturating_sub(opening),
            span: (from.saturating_sub(opening), to.saturating_sub(opening)),
            ..self.clone()
        }
    }

    /// Words and what differs are not whole in so many columns.
    pub fn is_cut_in(&self, columns: usize) -> bool {
        self.told().width() > columns
    }

    /// With what differs told in this form.
    pub fn told_in(&self, form: usize) -> Self {
        let differs = self.differs.is_some().then(|| self.form(form));
        Self { differs, model: None, ..self.clone() }
    }

    /// There are words of its own, and takes that have the same.
    pub fn has_short_form(&self) -> bool {
        self.differs.is_some() && !self.telling.is_empty()
    }

    /// In so many columns only what tells it apart is told.
    pub fn is_short_in(&self, columns: usize) -> bool {
        let Some(differs) = self.differs.as_ref().filter(|_| self.has_short_form()) else {
            return false;
        };
        let differs = match differs.width() + 2 > columns {
            true => self.form(2),
            false => differs.clone(),
        };
        let room = columns.saturating_sub(differs.width() + 1);
        self.words.width() > room && self.span.1 >= room
    }

    /// Only the words that tell it apart and what else differs, in so many columns.
    pub fn in_short(&self, columns: usize) -> (String, String) {
        let differs = self.form(self.form_in(columns));
        let gap = usize::from(!differs.is_empty());
        let room = columns.saturating_sub(differs.width() + gap);
        let words = telling::fitted(&self.telling, room);
        let gap = if words.is_empty() { 0 } else { gap };
        (words + &" ".repeat(gap), differs)
    }

    /// Without what tells nothing; else cut in the middle of an equal beginning, or at the end.
    fn cut(&self, columns: usize) -> String {
        let bare = self.words.get(self.opening().len()..).unwrap_or_default();
        if self.words.width() > columns && bare.width() <= columns {
            return bare.to_owned();
        }
        if !self.telling.is_empty() {
            return self.cut_around(columns);
        }
        let first = self.words.split(' ').next().unwrap_or_default();
        let is_worth_it = self.shared >= first.len() + WORTH;
        if self.words.width() <= columns || !is_worth_it {
            let is_whole = self.words.width() <= columns;
            return cut_after_words(if is_whole { &self.words } else { bare }, columns);
        }
        let own = self.own();
        if columns < SHARED.max(own.width() + 1) {
            // The word before makes it read well, and is the first to go.
            let (_, bare) = self.words.split_at_checked(self.shared).unwrap_or_default();
            let is_whole = own.width() < columns;
            return cut(&format!("…{}", if is_whole { own } else { bare }), columns);
        }
        let begun = match begin(&self.words, columns.saturating_sub(own.width() + 1)) {
            "" if columns >= 2 * SHARED + first.width() => first,
            begun => begun,
        };
        cut(&format!("{begun}…{own}"), columns)
    }

    /// What tells it apart is kept.
    fn cut_around(&self, columns: usize) -> String {
        let (from, to) = self.span;
        if self.words.width() <= columns || to < columns {
            return cut_after_words(&self.words, columns);
        }
        let own = self.telling.join(" ");
        let room = columns.saturating_sub(own.width() + 1);
        let before = self.words.get(..from).unwrap_or_default();
        let begun = if before.width() <= room { before.trim_end() } else { begin(before, room) };
        match own.width() < columns {
            true => format!("{begun}…{own}"),
            false => telling::fitted(&self.telling, columns),
        }
    }

    /// What it does not share with a sibling. A short one has a word before it: `take 3`, not `3`.
    fn own(&self) -> &str {
        let (shared, rest) = self.words.split_at_checked(self.shared).unwrap_or_default();
        if rest.width() >= SHARED {
            return rest;
        }
        let before = shared.trim_end().rfind(' ').map_or(0, |at| at + 1);
        self.words.get(before..).unwrap_or(rest)
    }
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

/// The first words that go into so many columns, and letters of the next where they leave room.
fn begin(words: &str, columns: usize) -> &str {
    let fits = |at: &usize| words.get(..*at).is_some_and(|part| part.width() <= columns);
    let mut ends = words.rmatch_indices(' ').map(|(at, _)| at);
    let whole = ends.find(fits).and_then(|at| words.get(..at)).unwrap_or_default();
    if whole.is_empty() || whole.width() + LETTERS > columns {
        return whole;
    }
    let mut ends = words.grapheme_indices(true).map(|(at, _)| at).rev();
    ends.find(fits).and_then(|at| words.get(..at)).map_or(whole, str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption(words: &str, shared: usize, differs: Option<&str>, is_repeated: bool) -> Caption {
        let differs = differs.map(str::to_owned);
        Caption { words: words.into(), differs, is_repeated, shared, ..Caption::default() }
    }

    #[test]
    fn what_differs_becomes_shorter_step_by_step() {
        let pro = Caption {
            model: Some(("pro".into(), "p".into())),
            ..caption("Make it a summer morning", 0, Some("pro seed 1"), false)
        };
        let forms = [0, 1, 2, 3, 4].map(|form| pro.form(form));
        assert_eq!(forms, ["pro seed 1", "pro seed 1", "pro 1", "pro 1", "s1"]);
        let long = Caption {
            model: Some(("flux2-dev".into(), "f".into())),
            ..caption("Make it a summer morning", 0, Some("flux2-dev guidance 2.5 seed 1"), false)
        };
        let forms = [1, 2, 3, 4].map(|form| long.form(form));
        assert_eq!(forms, ["flux2-dev g2.5 seed 1", "flux2-dev g2.5 s1", "f g2.5 s1", "g2.5 s1"]);
    }

    #[test]
    fn a_seed_without_its_word_ends_what_is_told() {
        let of = |differs| Caption {
            model: Some(("pro".into(), "p".into())),
            ..caption("red", 0, Some(differs), false)
        };
        assert_eq!(of("pro seed 1").form(SIGNED), "pro 1");
        assert_eq!(of("pro seed 1 take 2").form(SIGNED), "pro s1 #2");
    }

    #[test]
    fn no_word_is_broken_in_two_rows() {
        let water = caption("Make it a watercolour", 0, Some("guidance 2.5 seed 3"), true);
        let rows =
            |first, second| water.in_two(first, second).map(|(words, differs)| words + &differs);
        assert_eq!(rows(60, 60), ["Make it a watercolour guidance 2.5 seed 3", ""]);
        assert_eq!(rows(15, 36), ["Make it a", "watercolour guidance 2.5 seed 3"]);
        assert_eq!(rows(15, 19), ["watercolour", "guidance 2.5 seed 3"]);
    }

    #[test]
    fn what_differs_stays_however_narrow_it_is() {
        let take = caption("Make the hat red, keep the face", 0, Some("take 3"), true);
        let told = |columns| {
            let (words, differs) = take.fitted(columns);
            words + &differs
        };
        assert_eq!(told(60), "Make the hat red, keep the face take 3");
        assert_eq!(told(30), "hat red, keep the face take 3");
        assert_eq!(told(14), "hat re… take 3");
        let first = caption("Make the hat red, keep the face", 0, Some("take 1"), false);
        assert_eq!(first.fitted(18).0, "hat red… ");
    }

    #[test]
    fn equal_beginnings_are_cut_in_their_middle() {
        assert_eq!(common("Make the hat red", "Make the hat blue"), 13);
        let red = caption("Make the hat red, keep the face", 13, None, false);
        assert_eq!(red.fitted(31).0, "Make the hat red, keep the face");
        assert_eq!(red.fitted(22).0, "hat red, keep the face");
        assert_eq!(red.fitted(16).0, "…red, keep the …");
        let take = caption("a red plate, take 1", 18, None, false);
        assert_eq!(
            [19, 18, 11, 8].map(|room| take.fitted(room).0),
            ["a red plate, take 1", "red plate, take 1", "a re…take 1", "a…take 1"]
        );
        let short = caption("Make it red", 8, None, false);
        assert_eq!(short.fitted(8).0, "red");
    }

    #[test]
    fn no_room_is_left_for_a_word_that_does_not_fit() {
        let begun = [17, 13, 12, 10, 5, 3].map(|columns| begin("Turn the lamp on 1", columns));
        assert_eq!(
            begun,
            ["Turn the lamp on", "Turn the lamp", "Turn the lam", "Turn the", "Turn", ""]
        );
    }

    #[test]
    fn what_tells_it_from_its_siblings_goes_last() {
        let told = |differs: Option<&str>, columns| {
            let words = "Make it a winter morning";
            let telling = vec!["winter".to_owned(), "morning".to_owned()];
            let span = span(words, &["winter", "morning"]).unwrap_or_default();
            let caption = Caption { telling, span, ..caption(words, 10, differs, true) };
            let (words, differs) = caption.fitted(columns);
            words + &differs
        };
        let both = [40, 30, 24, 18, 12].map(|columns| told(Some("pro seed 2"), columns));
        assert_eq!(
            both,
            [
                "Make it a winter morning pro seed 2",
                "winter morning pro seed 2",
                "winter morning pro s2",
                "wint… morn… pro s2",
                "wint… pro s2"
            ]
        );
        let alone = [24, 20, 16, 14, 8].map(|columns| told(None, columns));
        assert_eq!(
            alone,
            [
                "Make it a winter morning",
                "winter morning",
                "winter morning",
                "winter morning",
                "winter"
            ]
        );
    }
}
