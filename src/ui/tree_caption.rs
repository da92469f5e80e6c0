//! What a row of the tree says: what tells it from the rows beside it, and not what all of them say.
//!
//! Takes of one prompt are numbered, or called by the values that differ; a beginning that siblings
//! share is cut in its middle where the whole does not fit. Reads only nodes that are loaded.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::cells::{cut, wrapped};
use super::telling::{self, common, span};
use crate::app::model::Model;
use crate::schema::Catalogue;
use crate::tree::{Node, NodeId, Recipe};

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

/// A node and how it was made.
pub type Sibling<'a> = (NodeId, &'a Recipe);

/// Siblings further away are not compared, but counted as takes up to there.
const NEAR: usize = 100;
const FAR: usize = 1_000;
/// A shorter own part has a word before it.
const SHARED: usize = 8;
/// So many columns are worth letters of a word that does not fit.
const LETTERS: usize = 3;
/// Before what differs is told in signs, so many columns of the words are seen.
const READABLE: usize = 12;
/// … in so many at least for both.
const SIGNS: usize = 20;
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
                (format!("{} ", cut(&format!("…{}", self.own()), room)), differs.clone())
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
        let lines = wrapped(&self.words, first.max(1));
        let Some((begun, rest)) = lines.split_first() else { return Default::default() };
        let differs =
            if differs.width() > second { self.form(self.form_in(second)) } else { differs };
        let room = second.saturating_sub(differs.width() + gap);
        let rest = cut(&rest.join(" "), room);
        let gap = if rest.is_empty() { 0 } else { gap };
        [(begun.clone(), String::new()), (rest + &" ".repeat(gap), differs)]
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
        let own = (self.words.width() + 1).min(READABLE);
        let is_wide = self.model.is_none() && columns >= SIGNS;
        let readable = (0..3).find(|form| fits(*form, own)).filter(|_| is_wide);
        readable.unwrap_or_else(|| self.form_beside(LETTERS + 2, fits))
    }

    fn form_beside(&self, own: usize, fits: impl Fn(usize, usize) -> bool) -> usize {
        match &self.model {
            _ if fits(0, own) => 0,
            None => 1 + usize::from(!fits(1, 0)),
            Some(_) if fits(1, own) => 1,
            Some(_) => 3 + usize::from(!fits(3, own.min(LETTERS + 1))),
        }
    }

    /// `pro seed 2`, `pro s2`, `p s2`, `s2`; `#3` for `take 3`, and `g2.5` where room is short.
    fn form(&self, form: usize) -> String {
        let whole = self.differs.clone().unwrap_or_default();
        let signs = whole.replace("seed ", "s").replace("take ", "#");
        let short = || signs.replace("guidance ", "g");
        let without = || {
            let short = short();
            let (model, sign) = self.model.clone()?;
            let rest = short.strip_prefix(&model)?.trim_start().to_owned();
            Some((sign, rest)).filter(|(_, rest)| !rest.is_empty())
        };
        match form {
            0 => whole,
            1 => signs,
            2 => short(),
            3 => without().map_or_else(short, |(sign, rest)| format!("{sign} {rest}")),
            _ => without().map_or_else(short, |(_, rest)| rest),
        }
    }

    /// What differs alone, in the longest form that so many columns hold: shortened rather than cut.
    pub fn differs_in(&self, columns: usize) -> Option<String> {
        self.differs.as_ref()?;
        let form = (0..4).find(|form| self.form(*form).width() <= columns);
        Some(self.form(form.unwrap_or(3)))
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
            true => self.form(1),
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

    /// Cut in the middle of an equal beginning, else at the end.
    fn cut(&self, columns: usize) -> String {
        if !self.telling.is_empty() {
            return self.cut_around(columns);
        }
        let first = self.words.split(' ').next().unwrap_or_default();
        let is_worth_it = self.shared >= first.len() + WORTH;
        if self.words.width() <= columns || !is_worth_it {
            return cut(&self.words, columns);
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
            return cut(&self.words, columns);
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

/// The loaded ones that are near, and of the earlier ones, where takes are counted, those that are
/// equal.
fn family<'a>(model: &'a Model, node: &Node, is_counted: bool) -> Vec<Sibling<'a>> {
    let Some(parent) = node.parent else {
        return Vec::new();
    };
    let with_recipe = |id: NodeId| Some((id, model.nodes.get(&id)?.recipe.as_ref()?));
    let siblings = |within| model.tree.siblings_within(parent.node, within);
    let mut before = siblings((Bound::Unbounded, Bound::Included(node.id))).rev();
    let after = siblings((Bound::Excluded(node.id), Bound::Unbounded));
    let mut family: Vec<_> = before.by_ref().take(NEAR).filter_map(with_recipe).collect();
    let is_equal = |(_, other): &Sibling<'_>| {
        let is_take = |own: &Recipe| own.prompt == other.prompt && is_equal(own, other);
        node.recipe.as_ref().is_some_and(is_take)
    };
    let far = if is_counted { FAR } else { 0 };
    family.extend(before.take(far).filter_map(with_recipe).filter(is_equal));
    family.reverse();
    family.extend(after.take(NEAR).filter_map(with_recipe));
    family
}

/// Which of those that are equal in everything it is, from 1.
fn take_of(node: NodeId, own: &Recipe, peers: &[Sibling<'_>]) -> Option<usize> {
    let equal = || peers.iter().filter(|(_, other)| is_equal(own, other));
    equal().nth(1)?;
    equal().position(|(id, _)| *id == node).map(|place| place + 1)
}

/// But for the words.
pub fn is_equal(one: &Recipe, other: &Recipe) -> bool {
    one.endpoint == other.endpoint && one.values == other.values
}

/// What tells a node from others with the same words; the model before all else.
fn differs(
    catalogue: &Catalogue,
    node: NodeId,
    peers: &[Sibling<'_>],
    take: Option<usize>,
) -> Option<(Option<(String, String)>, String)> {
    let (_, own) = peers.iter().find(|(id, _)| *id == node).filter(|_| peers.len() > 1)?;
    // Most takes differ in nothing, so that they are gone through once.
    let unlike: Vec<_> = peers.iter().filter(|(_, other)| other.values != own.values).collect();
    let all_names = unlike.iter().map(|(_, it)| &it.values).chain([&own.values]);
    let names: BTreeSet<&String> = all_names.flat_map(|values| values.keys()).collect();
    let is_other = |name: &&String| {
        unlike.iter().any(|(_, other)| other.values.get(*name) != own.values.get(*name))
    };
    let mut parts = Vec::new();
    let called = |recipe: &Recipe| {
        let found = catalogue.find(&recipe.endpoint);
        found.map_or(recipe.endpoint.clone(), |endpoint| endpoint.short.clone())
    };
    let others = || peers.iter().filter(|(_, it)| it.endpoint != own.endpoint);
    let mut model = None;
    if others().next().is_some() {
        let name = called(own);
        let sign = name.chars().next().map_or(String::new(), String::from);
        let is_own = others().all(|(_, other)| !called(other).starts_with(&sign));
        model = is_own.then(|| (name.clone(), sign));
        parts.push(name);
    }
    let own_values = names.into_iter().filter(is_other);
    let default = |name: &str| {
        let endpoint = catalogue.find(&own.endpoint).ok()?;
        endpoint.param(name)?.default.as_ref()
    };
    let label = |name: &str| {
        let param = catalogue.find(&own.endpoint).ok().and_then(|endpoint| endpoint.param(name));
        param.map_or_else(|| name.replace('_', " "), |param| param.label.to_lowercase())
    };
    let told =
        |name: &String| Some(value(&label(name), own.values.get(name).or_else(|| default(name))?));
    parts.extend(own_values.filter_map(told));
    parts.extend(take.map(|take| format!("take {take}")));
    Some((model, parts.join(" "))).filter(|(_, text)| !text.is_empty())
}

/// `guidance 2.5`, `seed 3`, `16:9`; by the word that the form has for it.
fn value(label: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => label.to_owned(),
        Value::Bool(false) => format!("no {label}"),
        other => {
            let number = other.to_string();
            format!("{label} {}", number.strip_suffix(".0").unwrap_or(&number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption(words: &str, shared: usize, differs: Option<&str>, is_repeated: bool) -> Caption {
        let differs = differs.map(str::to_owned);
        Caption { words: words.into(), differs, is_repeated, shared, ..Caption::default() }
    }

    #[test]
    fn what_differs_stays_however_narrow_it_is() {
        let take = caption("Make the hat red, keep the face", 0, Some("take 3"), true);
        let told = |columns| {
            let (words, differs) = take.fitted(columns);
            words + &differs
        };
        assert_eq!(told(60), "Make the hat red, keep the face take 3");
        assert_eq!(told(30), "Make the hat red, keep… take 3");
        assert_eq!(told(14), "Make t… take 3");
        let first = caption("Make the hat red, keep the face", 0, Some("take 1"), false);
        assert_eq!(first.fitted(18).0, "Make the h… ");
    }

    #[test]
    fn equal_beginnings_are_cut_in_their_middle() {
        assert_eq!(common("Make the hat red", "Make the hat blue"), 13);
        let red = caption("Make the hat red, keep the face", 13, None, false);
        assert_eq!(red.fitted(31).0, "Make the hat red, keep the face");
        assert_eq!(red.fitted(22).0, "Make…red, keep the fa…");
        assert_eq!(red.fitted(16).0, "…red, keep the …");
        let take = caption("a red plate, take 1", 18, None, false);
        assert_eq!(
            [19, 18, 11, 8].map(|room| take.fitted(room).0),
            ["a red plate, take 1", "a red plate…take 1", "a re…take 1", "a…take 1"]
        );
        let short = caption("Make it red", 8, None, false);
        assert_eq!(short.fitted(8).0, "Make it…");
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
                "Make…winter morning",
                "…winter morning",
                "winter morning",
                "winter"
            ]
        );
    }

    #[test]
    fn values_are_called_by_the_words_of_the_form() {
        for (label, json, told) in [
            ("guidance", "2.5", "guidance 2.5"),
            ("seed", "3.0", "seed 3"),
            ("aspect ratio", "\"16:9\"", "16:9"),
            ("rewrite prompt", "false", "no rewrite prompt"),
        ] {
            let json: Value = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(value(label, &json), told);
        }
    }
}
