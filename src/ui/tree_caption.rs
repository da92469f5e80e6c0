//! What a row of the tree says: what tells it from the rows beside it, and not what all of them say.
//!
//! Takes of one prompt are numbered, or called by the values that differ; words that do not fit are
//! shortened in `words`, in the rows of one wording alike. Reads only nodes that are loaded.

use unicode_width::UnicodeWidthStr as _;

use super::cells::{cut, wrapped};
use crate::app::model::Model;
use crate::schema::{Catalogue, regions};
use crate::tree::Node;

mod apart;
mod lead;
pub mod siblings;
pub mod words;

use siblings::{Sibling, differs, family, take_of};
use words::{Label, Words};

/// What a row says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    words: Words,
    /// What it has in common with siblings of the same form, with a sign where it differs.
    wording: String,
    /// `take 3`, `guidance 2.5`: what differs from siblings with the same words.
    pub differs: Option<String>,
    /// Which of the takes that are equal in everything it is, from 1; `None`: there is no other.
    pub take: Option<usize>,
    /// The model that it begins with, and the letter that tells this one from the others.
    model: Option<(String, String)>,
}

/// How much of the words is told, and what differs in which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    pub label: Label,
    pub form: usize,
}

/// A value is told in a letter before words are shortened for it, and a seed in a word while they can
/// be shortened at a word; only where letters go in any case the model is told in one.
const VALUES: usize = 1;
/// The first form in which seeds and takes are told in signs.
pub const SIGNED: usize = 2;
const LETTER: usize = 3;
const FORMS: usize = 5;
/// The most that is told without what is done to it.
const HEADLESS: Label = Label::Telling(usize::MAX);
/// Before the model is left out, so many columns of the words are seen.
const OWN: usize = 6;

impl Caption {
    /// Of a node that is not loaded.
    pub fn unknown() -> Self {
        Self { words: Words::new("…".into()), ..Self::default() }
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
        let words = format!("{name}{}", node.caption());
        let Some(recipe) = &node.recipe else {
            return Self { words: Words::new(words).followed_by(&many), ..Self::default() };
        };
        let (peers, others): (Vec<Sibling<'_>>, Vec<Sibling<'_>>) =
            family.iter().partition(|(_, other)| other.prompt == recipe.prompt);
        let mut prompts: Vec<&str> =
            others.iter().map(|(_, other)| other.prompt.as_str()).collect();
        prompts.dedup();
        let others: Vec<_> = prompts.into_iter().map(|it| (regions::caption(it), it)).collect();
        let others = others.iter().map(|(told, prompt)| (&**told, *prompt));
        let (words, wording) = match name.split_whitespace().count() {
            0 => Words::among(words, &recipe.prompt, others),
            named => (Words::named(words, named), name),
        };
        let words = words.followed_by(&many);
        let take = take_of(node.id, recipe, &peers).map(|counted| take.unwrap_or(counted));
        let (model, differs) = differs(catalogue, node.id, &peers, take).unzip();
        Self { words, wording, differs, take, model: model.flatten() }
    }

    /// The words alone, whole.
    pub fn words(&self) -> &str {
        self.words.whole()
    }

    /// The same in rows of one family.
    pub fn wording(&self) -> &str {
        &self.wording
    }

    /// Words and what differs, whole.
    pub fn told(&self) -> String {
        let differs = self.differs.as_deref().unwrap_or_default();
        format!("{} {differs}", self.words.whole()).trim_end().to_owned()
    }

    /// Words and what differs, in so many columns.
    pub fn fitted(&self, columns: usize) -> (String, String) {
        self.told_so(Self::how(std::iter::once((self, columns)), false), columns)
    }

    /// How each of these is told in so many columns, all alike; with seeds in signs at least.
    pub fn how<'a>(rows: impl Iterator<Item = (&'a Self, usize)> + Clone, in_signs: bool) -> How {
        let mut known = [None; FORMS];
        let mut label = |form: usize| {
            let made = || {
                let room =
                    |(row, columns): (&'a Self, usize)| (&row.words, row.room(columns, form));
                Words::fit_all(rows.clone().map(room))
            };
            known.get_mut(form).map_or(Label::Cut, |known| *known.get_or_insert_with(made))
        };
        let least = if in_signs { SIGNED } else { 0 };
        let mut whole = least..=VALUES.max(least);
        if let Some(form) = whole.find(|form| label(*form) >= Label::Bare) {
            return How { label: label(form), form };
        }
        // What is done to it is worth a seed's word: a spoon is not what is taken away.
        let first = VALUES.max(least);
        let headed = (first..=SIGNED).find(|form| label(*form) > HEADLESS);
        if let Some(last) = headed.or((first..FORMS).find(|form| label(*form) > Label::Cut)) {
            // Where a value gains nothing by its letter it has its word.
            let form = (least..last).find(|form| label(*form) >= label(last));
            return How { label: label(last), form: form.unwrap_or(last) };
        }
        let is_readable = rows.clone().all(|(row, columns)| row.room(columns, LETTER) >= OWN);
        How { label: Label::Cut, form: LETTER + usize::from(!is_readable) }
    }

    /// What the words have beside what differs.
    fn room(&self, columns: usize, form: usize) -> usize {
        let differs = match (form, &self.differs) {
            (_, None) => return columns,
            (0, Some(differs)) => differs.width(),
            (_, Some(_)) => self.form(form).width(),
        };
        columns.saturating_sub(differs + usize::from(differs > 0))
    }

    pub fn told_so(&self, how: How, columns: usize) -> (String, String) {
        let mut words = self.words.text(how.label, self.room(columns, how.form));
        let differs = self.form(how.form);
        if !words.is_empty() && !differs.is_empty() {
            words.push(' ');
        }
        (words, differs)
    }

    /// Words and what differs in two rows of so many columns: the words go on in the second one, and
    /// what differs ends it.
    pub fn in_two(&self, first: usize, second: usize) -> [(String, String); 2] {
        let differs = self.form(0);
        let gap = usize::from(!differs.is_empty());
        let words = self.words.whole();
        if words.width() + gap + differs.width() <= first {
            return [(format!("{words}{}", " ".repeat(gap)), differs), Default::default()];
        }
        let differs = self.form(self.form_alone(second));
        let room = second.saturating_sub(differs.width() + gap);
        let in_lines = |words: &str| {
            let mut lines = wrapped(words, first.max(1)).into_iter();
            (lines.next().unwrap_or_default(), lines.collect::<Vec<_>>().join(" "))
        };
        let mut whole = [words, self.words.bare()].map(in_lines).into_iter();
        let whole = whole.find(|(_, rest)| rest.width() <= room);
        // No word is broken for what differs: it then has the second row alone.
        let (begun, rest) = whole.unwrap_or_else(|| match gap {
            0 => {
                let (begun, rest) = in_lines(self.words.bare());
                (begun, cut(&rest, room))
            }
            _ => (self.words.text(self.words.fit(first), first), String::new()),
        });
        let gap = if rest.is_empty() { 0 } else { gap };
        [(begun, String::new()), (rest + &" ".repeat(gap), differs)]
    }

    /// `flux2-dev guidance 2.5 seed 2`, `flux2-dev g2.5 seed 2`, `flux2-dev g2.5 s2`, `f g2.5 s2`,
    /// `g2.5 s2`.
    fn form(&self, form: usize) -> String {
        let whole = self.differs.clone().unwrap_or_default();
        let signs = |told: String| told.replace("seed ", "s").replace("take ", "#");
        let short = match form {
            0 => return whole,
            VALUES => return whole.replace("guidance ", "g"),
            _ => signs(whole.replace("guidance ", "g")),
        };
        let model = self.model.as_ref().filter(|_| form >= LETTER);
        let rest = model.and_then(|(name, _)| short.strip_prefix(name.as_str())?.strip_prefix(' '));
        match (rest, model) {
            (Some(rest), Some((_, letter))) if form == LETTER => format!("{letter} {rest}"),
            (Some(rest), _) => rest.to_owned(),
            (None, _) => short,
        }
    }

    /// The longest form in which what differs goes into so many columns alone: it is shortened rather
    /// than cut.
    pub fn form_alone(&self, columns: usize) -> usize {
        (0..LETTER).find(|form| self.form(*form).width() <= columns).unwrap_or(LETTER)
    }

    /// What differs, told in this form.
    pub fn differs_in(&self, form: usize) -> Option<String> {
        self.differs.is_some().then(|| self.form(form))
    }

    /// Among what differs is a seed.
    pub fn has_seed(&self) -> bool {
        self.differs.as_ref().is_some_and(|differs| differs.contains("seed "))
    }

    /// The words at its beginning that tell nothing: siblings that begin so are of one form.
    pub fn opening(&self) -> &str {
        self.words.opening()
    }

    /// Words and what differs are not whole in so many columns, even without those that tell nothing.
    pub fn is_cut_in(&self, columns: usize) -> bool {
        self.words.bare().width() > self.room(columns, 0)
    }

    /// Only the words that tell it apart and what else differs.
    pub fn in_short(&self) -> Self {
        Self { words: self.words.only_telling(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption(prompts: &[&str], differs: Option<&str>) -> Caption {
        let own = prompts.first().copied().unwrap_or_default();
        let others = prompts.iter().skip(1).map(|other| (*other, *other));
        let (words, wording) = Words::among(own.into(), own, others);
        Caption { words, wording, differs: differs.map(str::to_owned), ..Caption::default() }
    }

    fn told(caption: &Caption, columns: usize) -> String {
        let (words, differs) = caption.fitted(columns);
        words + &differs
    }

    const MORNINGS: [&str; 2] = ["Make it a summer morning", "Make it a winter morning"];

    #[test]
    fn what_differs_becomes_shorter_step_by_step() {
        let of = |model: &str, differs| Caption {
            model: Some((model.into(), model[..1].into())),
            ..caption(&MORNINGS, Some(differs))
        };
        let forms = |caption: Caption| [0, 1, 2, 3, 4].map(|form| caption.form(form));
        // The caption without the model where a column tells it.
        assert_eq!(of("pro", "prompt strength 2").form(4), "prompt strength 2");
        let long = forms(of("flux2-dev", "flux2-dev guidance 2.5 seed 1"));
        assert_eq!(
            long,
            [
                "flux2-dev guidance 2.5 seed 1",
                "flux2-dev g2.5 seed 1",
                "flux2-dev g2.5 s1",
                "f g2.5 s1",
                "g2.5 s1"
            ]
        );
        let pro = forms(of("pro", "pro seed 1 take 2"));
        assert_eq!(pro[2..], ["pro s1 #2", "p s1 #2", "s1 #2"]);
        assert_eq!(forms(of("pro", "pro"))[2..], ["pro", "pro", "pro"]);
    }

    #[test]
    fn no_word_is_broken_in_two_rows() {
        let water = caption(&["Make it a watercolour"], Some("guidance 2.5 seed 3"));
        let rows =
            |first, second| water.in_two(first, second).map(|(words, differs)| words + &differs);
        assert_eq!(rows(60, 60), ["Make it a watercolour guidance 2.5 seed 3", ""]);
        assert_eq!(rows(15, 36), ["Make it a", "watercolour guidance 2.5 seed 3"]);
        assert_eq!(rows(15, 19), ["watercolour", "guidance 2.5 seed 3"]);
    }

    #[test]
    fn words_are_shortened_at_a_word_before_a_seed_becomes_a_sign() {
        let seed = caption(&["Put a blue hat on the cat"], Some("seed 3"));
        assert_eq!(
            [40, 26, 25, 14, 11, 6].map(|columns| told(&seed, columns)),
            [
                "Put a blue hat on the cat seed 3",
                "blue hat on the cat seed 3",
                "blue hat seed 3",
                "blue seed 3",
                "blue seed 3",
                "bl… s3"
            ]
        );
        let guidance = caption(&["Make it a watercolour painting"], Some("guidance 2.5 seed 3"));
        assert_eq!(
            [40, 32, 31, 23, 22, 18].map(|columns| told(&guidance, columns)),
            [
                "watercolour painting guidance 2.5 seed 3",
                "watercolour painting g2.5 seed 3",
                "watercolour guidance 2.5 seed 3",
                "watercolour g2.5 seed 3",
                "watercolour g2.5 s3",
                "watercolo… g2.5 s3"
            ]
        );
    }

    #[test]
    fn the_model_goes_where_nothing_else_is_left_to_shorten() {
        let pro = Caption {
            model: Some(("pro".into(), "p".into())),
            ..caption(&MORNINGS, Some("pro seed 2"))
        };
        assert_eq!(
            [40, 25, 24, 16, 13, 12, 9].map(|columns| told(&pro, columns)),
            [
                "Make it a summer morning pro seed 2",
                "summer morning pro seed 2",
                "summer pro seed 2",
                "summer pro s2",
                "summer pro s2",
                "summer p s2",
                "summer s2"
            ]
        );
    }

    fn told_in<const COUNT: usize>(prompts: &[&str], columns: [usize; COUNT]) -> [String; COUNT] {
        columns.map(|columns| told(&caption(prompts, None), columns))
    }

    #[test]
    fn a_row_never_says_the_opposite_of_what_was_asked_for() {
        for (own, other, turning, turned) in [
            ("Add a hat without a feather", "Add a hat without a ribbon", "without", "feather"),
            (
                "Add a red hat without a feather",
                "Add a blue hat without a bow",
                "without",
                "feather",
            ),
            ("Do not add a hat", "Do not add a beard", "not", "hat"),
            ("Please don't add a hat", "Please don't add a beard", "don't", "hat"),
            ("Never ever add a hat", "Never ever add a beard", "Never", "hat"),
            ("Do not remove the hat", "Do not remove the beard", "not", "hat"),
            ("Keep the cup but no spoon", "Keep the cup but no saucer", "no", "spoon"),
            ("Keep all except the hat", "Keep all except the beard", "except", "hat"),
            ("Keep away the cat", "Keep away the dog", "away", "cat"),
            ("Remove the man with a hat", "Remove the man with a beard", "with", "hat"),
            ("Take the spoon away", "Take the saucer away", "away", "spoon"),
            ("Put the hat away", "Put the scarf away", "away", "hat"),
            ("Nimm den Löffel weg", "Nimm den Teller weg", "weg", "Löffel"),
            ("Füge keinen Hut hinzu", "Füge keinen Bart hinzu", "keinen", "Hut"),
            ("red hat without feather", "red hat without ribbon", "without", "feather"),
            ("N'ajoute pas de chapeau", "N'ajoute pas de barbe", "pas", "chapeau"),
        ] {
            for columns in 1..=own.len() {
                let told = told(&caption(&[own, other], None), columns);
                let is_alone = told.starts_with(&format!("…{turned}"));
                let is_undone = own.ends_with(turning) && told.contains(&format!("{turned}…"));
                let is_true = is_alone || is_undone || told.contains(turning);
                assert!(is_true || !told.contains(turned), "{columns} {told}");
            }
        }
    }

    #[test]
    fn with_little_room_the_words_that_turn_the_others_stay_longest() {
        let feather = ["Add a hat without a feather", "Add a hat without a ribbon"];
        assert_eq!(
            told_in(&feather, [26, 23, 22, 16, 15, 8]),
            [
                "Add hat without feather",
                "Add hat without feather",
                "…without feather",
                "…without feather",
                "…feather",
                "…feather"
            ]
        );
        let spoon = ["Keep the cup but no spoon", "Keep the cup but no saucer"];
        assert_eq!(
            told_in(&spoon, [21, 20, 13, 12, 9, 8]),
            [
                "Keep cup but no spoon",
                "…but no spoon",
                "…but no spoon",
                "…no spoon",
                "…no spoon",
                "…spoon"
            ]
        );
        let hat = ["Do not add a hat", "Do not add a beard"];
        assert_eq!(
            told_in(&hat, [14, 13, 10, 9]),
            ["Do not add hat", "Do not…hat", "Do not…hat", "…hat"]
        );
        let away = ["Take the spoon away", "Take the saucer away"];
        assert_eq!(
            told_in(&away, [18, 15, 14]),
            ["Take the spoon…", "Take the spoon…", "Take spoon…"]
        );
    }

    #[test]
    fn rows_of_one_wording_are_told_in_the_form_that_fits_all_of_them() {
        let [red, blue] = [
            ["Put a red hat on the cat", "Put a blue hat on the cat"],
            ["Put a blue hat on the cat", "Put a red hat on the cat"],
        ]
        .map(|prompts| caption(&prompts, Some("seed 1")));
        assert_eq!(red.wording(), blue.wording());
        let rows = [(&red, 25), (&blue, 25)];
        let how = Caption::how(rows.into_iter(), false);
        let told = rows.map(|(row, columns)| row.told_so(how, columns).0);
        assert_eq!(told, ["red hat ", "blue hat "]);
        assert_eq!(red.fitted(25).0, "red hat on the cat ", "alone it has room");
    }
}
