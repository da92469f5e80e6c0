//! What a person is asked before money leaves: nothing is sent until the word is given.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use crate::app::job::JobId;
use crate::app::job::spec::RequestSpec;
use crate::schema::money;
use crate::schema::price::Quote;
use crate::schema::{Catalogue, Endpoint, Usd};
use crate::tree::{Input, NodeId, Recipe};

/// Requests that wait for consent.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmation {
    pub specs: Vec<RequestSpec>,
    pub reasons: Vec<ConfirmReason>,
    /// What each of them says, how it differs from the others, and what it costs.
    pub descriptions: Vec<(String, Quote)>,
    /// The words stand in the prompt until they are sent.
    pub from_draft: bool,
    /// What all of them begin with, in words, and by number alone.
    on: Option<[String; 2]>,
    /// The model of all of them.
    model: Option<String>,
    /// The store has refused them after their words had left the prompt.
    pub has_left_draft: bool,
    /// These are opened first, and then the requests made anew on them.
    pub files: Option<Files>,
}

/// Files for the steps that led to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub node: NodeId,
    pub paths: Vec<PathBuf>,
}

/// Why somebody has to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmReason {
    /// The first paid request of a profile.
    FirstPaid {
        host: String,
        pictures: usize,
    },
    /// Why the words are hardly meant as a prompt.
    Unlikely(String),
    /// The braces in the prompt are several requests.
    Several,
    /// As few as one is asked about, as the config says.
    Every,
    /// The same so many times, with new seeds.
    Again(usize),
    /// The same so many times, where no seed is taken.
    Tries(usize),
    /// The same with the same seed.
    Same,
    /// The same where no seed is taken: it cannot be made again.
    NoSeed,
    /// More than so much at once.
    Amount(Usd),
    /// So many requests, one after the other, each on the last result.
    Steps(usize),
    /// A step with other words, and the steps after it on the branch that was last followed.
    Rebase {
        sent: Vec<NodeId>,
        /// No request has made these.
        left_out: Vec<NodeId>,
    },
    /// So many came by the same pipe before, and left unasked.
    Piped(usize),
    /// So many cells of a grid.
    Sweep(usize),
    /// So many pictures, and so many steps on each.
    Replay {
        pictures: usize,
        steps: usize,
    },
    UnknownPrice,
    /// More than the account holds.
    Balance {
        left: Usd,
        price: Usd,
    },
    /// More than the day's budget: so much is spent or on its way already.
    Day {
        committed: Usd,
        budget: Usd,
    },
    Session {
        committed: Usd,
        budget: Usd,
    },
    /// The same was sent before and its answer was lost.
    MaybePaid(JobId),
}

impl Confirmation {
    /// `called` names a picture.
    pub fn new(
        specs: Vec<RequestSpec>,
        reasons: Vec<ConfirmReason>,
        from_draft: bool,
        catalogue: &Catalogue,
        called: impl Fn(&Input) -> String,
    ) -> Self {
        let first = specs.first().map(|spec| &spec.recipe.inputs);
        let is_shared = specs.iter().all(|spec| Some(&spec.recipe.inputs) == first);
        let on = first
            .filter(|_| is_shared)
            .and_then(|inputs| Some([begins(inputs, &called)?, begins(inputs, number)?]));
        let model = one_model(&specs, catalogue);
        let descriptions = words(&specs, catalogue, called);
        let has_left_draft = false;
        Self { specs, reasons, descriptions, from_draft, on, model, has_left_draft, files: None }
    }

    /// What must be typed: a letter where it is only news, the whole word where money may be lost.
    pub fn required_answer(&self) -> &'static str {
        if self.reasons.iter().any(ConfirmReason::is_grave) { "yes" } else { "y" }
    }

    /// Of all together, later steps included.
    pub fn quote(&self) -> Quote {
        self.specs.iter().flat_map(RequestSpec::quotes).sum()
    }

    /// Later steps included.
    pub fn count(&self) -> usize {
        self.specs.iter().map(|spec| 1 + spec.follow_ups.steps.len()).sum()
    }

    /// How many they are, what they cost.
    pub fn total(&self) -> String {
        let price = self.told(self.quote());
        match self.count() {
            1 => format!("1 request for {price}"),
            count => format!("{count} requests for {price}"),
        }
    }

    /// Why it is asked, and whether that is more than what the list says too; a line each.
    pub fn why(&self) -> Vec<(String, bool)> {
        let line = |reason: &ConfirmReason| (reason.line(|sum| self.told(sum)), reason.is_news());
        self.reasons.iter().map(line).collect()
    }

    /// The words of each, and its price, where that is not the price of all.
    pub fn rows(&self) -> Vec<(String, String)> {
        let price = |quote: &Quote| match (self.count(), quote.amount) {
            (1, _) => String::new(),
            (_, None) => "unknown".to_owned(),
            (_, Some(_)) => self.told(quote),
        };
        self.descriptions.iter().map(|(words, quote)| (words.clone(), price(quote))).collect()
    }

    /// What they come to, in words from longer to shorter: how many, of which model, on what.
    pub fn sum(&self) -> (Vec<String>, String) {
        let count = counted(self.count(), "request");
        let is_counted = self.descriptions.len() < self.count();
        let mut quotes = self.specs.iter().flat_map(RequestSpec::quotes);
        let first = quotes.next().unwrap_or_default();
        let each = is_counted && quotes.all(|quote| quote.amount == first.amount);
        let each = each.then(|| format!("{} each", self.told(first)));
        let forms = match &self.on {
            Some(forms) => forms.each_ref().map(Some).to_vec(),
            None => vec![None],
        };
        let form = |on: Option<&String>| {
            let parts = [Some(&count), self.model.as_ref(), on, each.as_ref()];
            parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
        };
        (forms.into_iter().map(form).collect(), self.told(self.quote()))
    }

    fn told(&self, sum: impl fmt::Display) -> String {
        money::told(sum, self.specs.iter().any(|spec| spec.simulated))
    }

    /// Why it is asked, what all of them begin with, how many they are and what they cost.
    pub fn heads(&self) -> Vec<String> {
        let on = self.on.iter().map(|[words, _]| words.clone());
        self.why().into_iter().map(|(words, _)| words).chain(on).chain([self.total()]).collect()
    }

    /// The same, and the words of each request.
    pub fn lines(&self) -> Vec<String> {
        let words = self.descriptions.iter().map(|(words, _)| words.clone());
        self.heads().into_iter().chain(words).collect()
    }
}

/// A picture by its number, or short by its address.
pub fn number(input: &Input) -> String {
    match input {
        Input::Picture(picture) => picture.node.to_string(),
        Input::Url(url) => by_address(url),
    }
}

/// `host/…/name.png`: an address may have as many letters as a page.
fn by_address(url: &str) -> String {
    /// As many letters of the host, and of the name, are told.
    const MOST: usize = 24;
    let end = |words: &str| match words.chars().count().saturating_sub(MOST) {
        0 => words.to_owned(),
        more => format!("…{}", words.chars().skip(more).collect::<String>()),
    };
    match url.split_once("://") {
        _ if url.starts_with("data:") => "a picture by URL".to_owned(),
        // A file that will be opened.
        None => end(url),
        Some((_, rest)) => match rest.split_once('/') {
            None => end(rest),
            Some((host, way)) => match way.rsplit_once('/') {
                None => format!("{}/{}", end(host), end(way)),
                Some((_, name)) => format!("{}/…/{}", end(host), end(name)),
            },
        },
    }
}

/// The short name of the model that all steps of all of them go to.
pub fn one_model<'a>(
    specs: impl IntoIterator<Item = &'a RequestSpec>,
    catalogue: &Catalogue,
) -> Option<String> {
    let mut endpoints = specs.into_iter().flat_map(|spec| {
        let later = spec.follow_ups.steps.iter().map(|step| &step.recipe.endpoint);
        [&spec.recipe.endpoint].into_iter().chain(later)
    });
    let first = endpoints.next().filter(|first| endpoints.all(|other| other == *first))?;
    Some(catalogue.find(first).map_or(first, |endpoint| &endpoint.short).clone())
}

/// `on n3 (red hat) with n7 (coffee.png)`.
pub fn begins(inputs: &[Input], called: impl Fn(&Input) -> String) -> Option<String> {
    let (first, more) = inputs.split_first()?;
    let more: Vec<String> = more.iter().map(&called).collect();
    let with = if more.is_empty() { String::new() } else { format!(" with {}", more.join(", ")) };
    Some(format!("on {}{with}", called(first)))
}

/// Numbered where they are several; equal ones that follow each other are counted instead, unless
/// some are steps on others. What is the same in all of them is not said again.
fn words(
    specs: &[RequestSpec],
    catalogue: &Catalogue,
    called: impl Fn(&Input) -> String,
) -> Vec<(String, Quote)> {
    let requests: Vec<(&Recipe, bool)> = specs
        .iter()
        .flat_map(|spec| {
            let later = spec.follow_ups.steps.iter().map(|step| (&step.recipe, true));
            [(&spec.recipe, false)].into_iter().chain(later)
        })
        .collect();
    let differ = Differences::among(&requests);
    let told = |(recipe, is_later): &(&Recipe, bool)| {
        let mut parts = vec![recipe.caption().into_owned()];
        let endpoint = catalogue.find(&recipe.endpoint).ok();
        let short = || endpoint.map_or(&recipe.endpoint, |endpoint| &endpoint.short).clone();
        parts.extend(differ.endpoint.then(short));
        parts.extend(differ.told(recipe, *is_later, endpoint, &called));
        let words = parts.join(" · ");
        if *is_later { format!("then {words}") } else { words }
    };
    let has_steps = requests.iter().any(|(_, is_later)| *is_later);
    let quotes = specs.iter().flat_map(RequestSpec::quotes);
    let all: Vec<(String, Quote)> = requests.iter().map(told).zip(quotes).collect();
    let is_like = |(one, _): &(String, Quote), (next, _): &(String, Quote)| one == next;
    let equal: Vec<&[(String, Quote)]> =
        all.chunk_by(|one, next| is_like(one, next) && !has_steps).collect();
    if all.len() == 1 {
        return all;
    }
    let digits = all.len().to_string().len();
    let is_counted = equal.len() < all.len();
    let line = |(number, equal): (usize, &&[(String, Quote)])| {
        let words = equal.first().map_or("", |(words, _)| words.as_str());
        let words = match is_counted {
            true => format!("{:>digits$} × {words}", equal.len()),
            false => format!("{number:>digits$}. {words}"),
        };
        (words, equal.iter().map(|(_, quote)| *quote).sum())
    };
    (1..).zip(&equal).map(line).collect()
}

/// In what several requests are not alike, their words aside.
struct Differences {
    endpoint: bool,
    /// The pictures that they begin with.
    pictures: bool,
    values: BTreeSet<String>,
    /// Nothing tells two of them apart but the seed that the service will draw.
    seed: bool,
}

impl Differences {
    fn among(requests: &[(&Recipe, bool)]) -> Self {
        let recipes = || requests.iter().map(|(recipe, _)| *recipe);
        let first = recipes().next();
        let differs = |is: fn(&Recipe, &Recipe) -> bool| {
            first.is_some_and(|first| recipes().any(|other| is(first, other)))
        };
        let names = recipes().flat_map(|recipe| recipe.values.keys()).cloned();
        let varies = |name: &String| {
            let of = |recipe: &Recipe| recipe.values.get(name).cloned();
            first.is_some_and(|first| recipes().any(|other| of(other) != of(first)))
        };
        let begins = || requests.iter().filter(|(_, is_later)| !is_later);
        let pictures =
            begins().any(|(recipe, _)| Some(&recipe.inputs) != first.map(|first| &first.inputs));
        let equal = |(place, recipe): (usize, &Recipe)| {
            recipes().skip(place + 1).any(|other| other == recipe)
        };
        Self {
            endpoint: differs(|a, b| a.endpoint != b.endpoint),
            pictures,
            values: names.filter(varies).collect(),
            seed: recipes().enumerate().any(equal),
        }
    }

    fn told(
        &self,
        recipe: &Recipe,
        is_later: bool,
        endpoint: Option<&Endpoint>,
        called: impl Fn(&Input) -> String,
    ) -> Vec<String> {
        let has_seed = endpoint.is_none_or(Endpoint::has_seed);
        // What is varied is told of each, also where it is what the endpoint takes by itself.
        let value = |name: &String| {
            let own = recipe.values.get(name);
            let value = own.or_else(|| endpoint?.value(name, &recipe.values))?;
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some(format!("{name} {text}"))
        };
        let is_told = self.pictures && !is_later;
        let on = is_told.then(|| begins(&recipe.inputs, called)).flatten();
        let seed = (self.seed && !recipe.values.contains_key("seed"))
            .then(|| if has_seed { "a new seed" } else { "another try" }.to_owned());
        self.values.iter().filter_map(value).chain(on).chain(seed).collect()
    }
}

impl ConfirmReason {
    /// Money may be lost, rather than only be spent.
    fn is_grave(&self) -> bool {
        match self {
            Self::FirstPaid { .. }
            | Self::Unlikely(_)
            | Self::Several
            | Self::Every
            | Self::Again(_)
            | Self::Tries(_)
            | Self::Same
            | Self::NoSeed
            | Self::Amount(_)
            | Self::Steps(_)
            | Self::Rebase { .. }
            | Self::Piped(_)
            | Self::Sweep(_)
            | Self::UnknownPrice => false,
            // Files are looked for before it is asked: a letter that was typed meanwhile is no word.
            Self::Replay { .. }
            | Self::Balance { .. }
            | Self::Day { .. }
            | Self::Session { .. }
            | Self::MaybePaid(_) => true,
        }
    }

    /// It says what nobody sees who looks at the requests and their sum.
    fn is_news(&self) -> bool {
        match self {
            Self::Several | Self::Every | Self::Again(_) | Self::Amount(_) => false,
            Self::FirstPaid { .. }
            | Self::Unlikely(_)
            | Self::Tries(_)
            | Self::Same
            | Self::NoSeed
            | Self::Steps(_)
            | Self::Rebase { .. }
            | Self::Piped(_)
            | Self::Sweep(_)
            | Self::Replay { .. }
            | Self::UnknownPrice
            | Self::Balance { .. }
            | Self::Day { .. }
            | Self::Session { .. }
            | Self::MaybePaid(_) => true,
        }
    }

    fn line(&self, told: impl Fn(Usd) -> String) -> String {
        let over = |what, committed, budget| {
            let (budget, committed) = (told(budget), told(committed));
            format!("over the {what}'s budget of {budget}: {committed} is spent or under way")
        };
        match self {
            Self::FirstPaid { host, pictures } => {
                let pictures = match pictures {
                    0 => "the prompt goes",
                    1 => "prompt and picture go",
                    _ => "prompt and pictures go",
                };
                format!("first request: {pictures} to {host} and cost money")
            }
            Self::Steps(steps) => {
                let steps = counted(*steps, "step");
                format!("{steps}, each on the last result; {ENDS_EARLY}")
            }
            Self::Rebase { sent, left_out } => rebased(sent, left_out),
            Self::Replay { pictures, steps } => {
                let (steps, pictures) = (counted(*steps, "step"), counted(*pictures, "picture"));
                format!("{steps} on each of {pictures}, each on the last result")
            }
            Self::Sweep(cells) => {
                format!("a sweep of {cells} requests; your own edits go first")
            }
            Self::Piped(count) => {
                let sent = counted(*count, "request");
                format!(
                    "this input has sent {sent} unasked; a yes lets its later lines go unasked, too"
                )
            }
            Self::Unlikely(why) => why.clone(),
            Self::Several => "the braces in the prompt make several requests".into(),
            Self::Every => "every request is asked about: `[confirm] requests = 0`".into(),
            Self::Again(times) => format!("{times} repeats, each with a new seed"),
            Self::Tries(times) => {
                format!("{times} more tries; this endpoint takes no seed, so none can be repeated")
            }
            Self::Same => "the same seed: pays for the same picture again".into(),
            Self::NoSeed => "this endpoint takes no seed: the same picture cannot be made again; \
                             this makes another"
                .into(),
            Self::Amount(amount) => format!("more than {} at once", told(*amount)),
            Self::UnknownPrice => "the price of this endpoint is not known".into(),
            Self::Balance { left, price } => format!(
                "the account holds {} and cannot pay {}; the rest would be refused",
                told(*left),
                told(*price)
            ),
            Self::Day { committed, budget } => over("day", *committed, *budget),
            Self::Session { committed, budget } => over("session", *committed, *budget),
            Self::MaybePaid(job) => {
                format!("{job} may already be billed; sending it again costs again")
            }
        }
    }
}

const ENDS_EARLY: &str = "it stops if a result is filtered";

/// `n2, then n13, n14: the branch you last followed; …`: other children of these are left alone.
fn rebased(sent: &[NodeId], left_out: &[NodeId]) -> String {
    /// More names than these tell nothing more.
    const NAMED: usize = 4;
    let names = |nodes: &[NodeId]| {
        let names: Vec<String> = nodes.iter().take(NAMED).map(NodeId::to_string).collect();
        let more = nodes.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        names.join(", ") + &more
    };
    let first = sent.first().map_or(String::new(), NodeId::to_string);
    let then = names(sent.get(1..).unwrap_or_default());
    let left_out = match left_out.len() {
        0 => String::new(),
        1 => format!("{} was made here and is left out; ", names(left_out)),
        _ => format!("{} were made here and are left out; ", names(left_out)),
    };
    format!("{first}, then {then}: the branch you last followed; {left_out}{ENDS_EARLY}")
}

/// `1 step`, `2 steps`.
pub fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
