//! `replay`: the steps that led to a picture, done again to other pictures.
//!
//! Step by step for all pictures together, each on the last result; a picture whose result was
//! filtered or did not come goes no further.

mod recipe_file;

use std::path::Path;

use serde_json::{Value, json};

use super::batch::{self, carry_out};
use super::confirm::{Request, confirm};
use super::inputs::{check_files, check_nodes, inputs, is_address};
use super::quote::{quote, sizes};
use super::session::{Session, executor, open_store};
use super::values::NodeName;
use super::{CommandError, code, print, print_json, say};
use crate::app::failure::Failure;
use crate::app::job::Job;
use crate::app::money::confirmation::counted;
use crate::config::Config;
use crate::config::arguments::Replay;
use crate::schema::price::{Quote, Size};
use crate::schema::{Catalogue, Endpoint, Usd, money};
use crate::store::Store;
use crate::text::plain;
use crate::tree::{Input, Node, NodeState, PictureRef, Recipe};

/// `editree replay NODE|RECIPE PICTURE...`.
pub(crate) fn replay(config: &Config, arguments: &Replay) -> Result<u8, CommandError> {
    check_files(&arguments.pictures)?;
    let executor = executor()?;
    let done = executor.block_on(async {
        let path = Path::new(&arguments.steps);
        let steps = if NodeName::parse(&arguments.steps).is_none() && path.is_file() {
            recipe_file::read(path)?
        } else {
            let (store, _) = open_store(config, false).await?;
            steps(&store, &arguments.steps, &super::catalogue::catalogue(&config.data_dir)).await?
        };
        let references: Vec<String> = recipe_file::references(&steps).cloned().collect();
        check_files(&references)?;
        let sent = recipe_file::beside(&steps);
        sent.for_each(|name| say(&format!("sent beside the picture: {name}")));
        check(config, &steps)?;
        let sizes = sizes(config, &arguments.pictures).await;
        let total = total(config, &steps, &sizes);
        let price = money::told(total, config.profile.is_simulated());
        let count = arguments.pictures.len();
        let steps_in_words = counted(steps.len(), "step");
        let pictures = counted(count, "picture");
        say(&format!("{steps_in_words} for each of {pictures}: {price} at most"));
        if arguments.batch.dry_run {
            check_nodes(config, &arguments.pictures).await?;
            let words: Vec<&str> = steps.iter().map(|step| step.prompt.as_str()).collect();
            if !arguments.batch.json {
                let row = |(number, words): (usize, &&str)| {
                    format!("{number}. {}\n", plain(&words.replace('\n', " ")))
                };
                return print((1..).zip(&words).map(row).collect::<String>().as_bytes());
            }
            return print_json(&json!({ "steps": words, "pictures": count,
                "cost": total.amount.map(Usd::to_f64), "is_estimate": total.is_estimate }));
        }
        go(config, arguments, &steps).await
    });
    executor.shutdown_background();
    done
}

/// Recipes from the opened picture to the named one, with the seeds that were drawn.
async fn steps(
    store: &Store,
    name: &str,
    catalogue: &Catalogue,
) -> Result<Vec<Recipe>, CommandError> {
    let none = || {
        CommandError::usage(format!("there is no node and no file `{name}`"))
            .hint("`editree tree` lists the nodes")
    };
    let mut next = NodeName::parse(name).ok_or_else(none)?.node;
    let mut steps = Vec::new();
    loop {
        let node = store.find_node(next).await.map_err(Failure::from)?.ok_or_else(none)?;
        // What was made from words alone is where the branch begins: the given picture takes its
        // place.
        if let Some(mut recipe) = node.recipe.filter(|recipe| !recipe.inputs.is_empty()) {
            let has_seed = catalogue.find(&recipe.endpoint).map_or(true, Endpoint::has_seed);
            if let Some(seed) = node.seed.filter(|_| has_seed) {
                recipe.values.insert("seed".into(), seed.into());
            }
            steps.push(recipe);
        }
        match node.parent {
            Some(parent) => next = Some(parent.node.0),
            None => break,
        }
    }
    if steps.is_empty() {
        let message = format!("`{name}` was made from no picture: there are no steps to replay");
        return Err(CommandError::usage(message));
    }
    steps.reverse();
    Ok(steps)
}

/// Endpoints change: a step that would be refused is told before anything is sent.
fn check(config: &Config, steps: &[Recipe]) -> Result<(), CommandError> {
    let catalogue = super::catalogue::catalogue(&config.data_dir);
    for step in steps {
        let endpoint = super::listing::find(&catalogue, &step.endpoint)?;
        let count = step.inputs.len();
        let problems = catalogue.problems(endpoint, &step.prompt, &step.values, count);
        if let Some((field, problem)) = problems.into_iter().next() {
            let message = format!("step `{}`: {field}: {}", step.prompt, problem.message);
            return Err(CommandError::usage(message));
        }
    }
    Ok(())
}

/// All steps on pictures of these sizes, each on what the one before it will probably make.
fn total(config: &Config, steps: &[Recipe], sizes: &[Size]) -> Quote {
    let catalogue = super::catalogue::catalogue(&config.data_dir);
    let of = |size: &Size| {
        let mut on = *size;
        let step = |step: &Recipe| {
            let endpoint = catalogue.find(&step.endpoint).ok()?;
            let mut sizes = vec![None; step.inputs.len().max(1)];
            sizes.splice(..1, [on]);
            on = endpoint.forecast(&step.values, on);
            Some(endpoint.quote(&step.values, &sizes))
        };
        steps.iter().map(step).map(Option::unwrap_or_default).sum::<Quote>()
    };
    sizes.iter().map(of).sum()
}

/// One picture on its way through the steps.
struct Course {
    name: String,
    at: Option<PictureRef>,
    nodes: Vec<Node>,
    /// Why it goes no further, from which step on.
    stopped: Option<(usize, String)>,
}

async fn go(config: &Config, arguments: &Replay, steps: &[Recipe]) -> Result<u8, CommandError> {
    let mut session = Session::open(config, true).await?;
    if session.model.profile.simulated {
        say("simulated: nothing is sent, nothing costs");
    }
    session.begin();
    let steps = with_references(&mut session, steps).await?;
    let opened = inputs(&mut session, &arguments.pictures).await?;
    let course = |(name, input): (&String, Input)| match input {
        Input::Picture(at) => {
            Ok(Course { name: name.clone(), at: Some(at), nodes: Vec::new(), stopped: None })
        }
        Input::Url(url) => Err(CommandError::usage(format!("`{url}`: download it first"))),
    };
    let mut courses: Vec<Course> =
        arguments.pictures.iter().zip(opened).map(course).collect::<Result<_, _>>()?;
    let known = batch::nodes(&session, &steps).await?;
    let left = courses.iter().flat_map(|course| left(&session, &known, course, &steps));
    let (requests, all): (Vec<Request>, _) = (left.collect(), steps.len() * courses.len());
    if !confirm(&session, &requests, arguments.batch.yes)? && requests.len() < all {
        let price: Quote = requests.iter().map(|(_, quote)| *quote).sum();
        say(&match requests.len() {
            0 => "nothing is left to send".to_owned(),
            left => format!(
                "left to send: {} for {}",
                counted(left, "request"),
                session.model.told(price)
            ),
        });
    }
    for step in &steps {
        let going: Vec<usize> = (0..courses.len())
            .filter(|place| courses.get(*place).is_some_and(|course| course.stopped.is_none()))
            .collect();
        let of = |place: &usize| Some(step.clone().on(courses.get(*place)?.at?));
        let recipes: Vec<Recipe> = going.iter().filter_map(of).collect();
        let over_budget = arguments.batch.over_budget;
        let Some(found) = carry_out(&mut session, &recipes, over_budget, true).await? else {
            return Ok(code::INTERRUPTED);
        };
        for (place, node) in going.into_iter().zip(found) {
            if let Some(course) = courses.get_mut(place) {
                course.advance(node);
            }
        }
    }
    report(&session, arguments, &courses, steps.len())
}

/// The pictures that a file names beside the first of a step, opened.
async fn with_references(
    session: &mut Session,
    steps: &[Recipe],
) -> Result<Vec<Recipe>, CommandError> {
    let names: Vec<String> = recipe_file::references(steps).cloned().collect();
    let mut opened = inputs(session, &names).await?.into_iter();
    let mut steps = steps.to_vec();
    for input in steps.iter_mut().flat_map(|step| step.inputs.iter_mut().skip(1)) {
        if matches!(input, Input::Url(name) if !is_address(name))
            && let Some(picture) = opened.next()
        {
            *input = picture;
        }
    }
    Ok(steps)
}

/// The steps of one picture that are not in the tree yet, in words.
fn left(session: &Session, known: &[Node], course: &Course, steps: &[Recipe]) -> Vec<Request> {
    let mut at = course.at;
    let mut on = at.and_then(|at| session.model.size_of(&Input::Picture(at)));
    let mut left = Vec::new();
    for step in steps {
        // Behind one that is missing, all are.
        let recipe = at.map(|at| step.clone().on(at));
        let is_sent = recipe.as_ref().is_none_or(|recipe| {
            !batch::to_send(session, known, std::slice::from_ref(recipe)).is_empty()
        });
        let done = known.iter().rev().find(|node| {
            node.state == NodeState::Done && node.recipe.is_some() && node.recipe == recipe
        });
        let picture = done.and_then(|node| {
            let hash = node.pictures.first().filter(|picture| !picture.nsfw)?.hash;
            Some(PictureRef { node: node.id, picture: hash })
        });
        if is_sent {
            let mut sizes: Vec<Size> =
                step.inputs.iter().map(|input| session.model.size_of(input)).collect();
            sizes.splice(..1, [on]);
            let quote = quote(&session.model.catalogue, &step.endpoint, &step.values, &sizes);
            left.push((format!("{} · on {}", step.prompt, course.name), quote));
        } else if done.is_some() && picture.is_none() {
            // Filtered: nothing follows it.
            break;
        }
        at = picture.filter(|_| !is_sent);
        let forecast =
            || session.model.catalogue.find(&step.endpoint).ok()?.forecast(&step.values, on);
        on = at.map_or_else(forecast, |at| session.model.size_of(&Input::Picture(at)));
    }
    left
}

impl Course {
    fn advance(&mut self, node: Option<Node>) {
        let step = self.nodes.len() + 1;
        let Some(node) = node else {
            self.stopped = Some((step, "was not sent".into()));
            self.at = None;
            return;
        };
        let picture = node.pictures.first().cloned();
        let why = match (&node.state, &picture) {
            (NodeState::Done, Some(picture)) if picture.nsfw => Some("was filtered"),
            (NodeState::Done, Some(_)) => None,
            (NodeState::Unknown, _) => Some("may be billed; the answer was lost"),
            _ => Some("has no result"),
        };
        self.stopped = why.map(|why| (step, why.to_owned()));
        self.at = picture.map(|picture| PictureRef { node: node.id, picture: picture.hash });
        self.nodes.push(node);
    }
}

fn report(
    session: &Session,
    arguments: &Replay,
    courses: &[Course],
    steps: usize,
) -> Result<u8, CommandError> {
    let media = session.runtime.store.media();
    let file = |course: &Course| media.path(course.at?.picture);
    for course in courses {
        if let Some((step, why)) = &course.stopped {
            say(&format!("{}: step {step} of {steps} {why}", course.name));
        }
    }
    let last: Vec<Option<Node>> = courses
        .iter()
        .map(|course| course.nodes.last().filter(|_| course.stopped.is_none()).cloned())
        .collect();
    let unknown = courses.iter().flat_map(|course| &course.nodes);
    let unknown = unknown.filter(|node| node.state == NodeState::Unknown).count();
    let is_ours =
        |job: &Job| courses.iter().flat_map(|course| &course.nodes).any(|node| node.id == job.node);
    let code = match unknown {
        0 => batch::code_of(session, &last, is_ours),
        _ => code::UNKNOWN,
    };
    if arguments.batch.json {
        let one = |course: &Course| -> Value {
            let nodes: Vec<String> = course.nodes.iter().map(|node| node.id.to_string()).collect();
            let cost: Usd = course.nodes.iter().filter_map(|node| node.cost).sum();
            json!({ "picture": course.name, "nodes": nodes, "stopped": course.stopped.as_ref().map(|(_, why)| why),
                "file": file(course).map(|file| file.display().to_string()),
                "cost": cost.to_f64() })
        };
        let all: Vec<Value> = courses.iter().map(one).collect();
        let simulated = session.model.profile.simulated;
        print_json(&json!({ "pictures": all, "simulated": simulated }))?;
        return Ok(code);
    }
    let files = courses.iter().filter(|course| course.stopped.is_none()).filter_map(file);
    let lines: String = files.map(|file| format!("{}\n", file.display())).collect();
    print(lines.as_bytes())?;
    Ok(code)
}
