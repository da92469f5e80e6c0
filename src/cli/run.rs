//! `run`: one request from the command line, through the same model as the workbench.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::dry_run::dry_run;
use super::inputs::{check_files, check_nodes, inputs, is_address};
use super::listing::find;
use super::misplaced::check_prompt;
use super::progress::Progress;
use super::quote::check_sizes;
use super::session::{Session, executor};
use super::values::{ask_for_format, format_setting, read_settings, warn_of_unread};
use super::{CommandError, code, ended, hint, jobs, print, print_json, say, stdin_picture};
use crate::app::action::{Action, DraftAction, QueueAction};
use crate::app::compare::filename_template::{Target, TemplateFields, model_of, with_number};
use crate::app::draft::prompt_expansion::{MAX_VARIANTS, escape, expand};
use crate::app::draft::{Choice, Draft, RunOptions, Seed};
use crate::app::job::{Job, State};
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::money::confirmation::ConfirmReason;
use crate::config::Config;
use crate::config::arguments::Run;
use crate::runtime::picture_metadata::{describe_beside, labelled_as};
use crate::runtime::{local_moment, save_as};
use crate::schema::{Catalogue, Endpoint, Problem, Usd, regions};
use crate::tree::{Input, Node};

/// `editree run`.
pub(crate) fn run(mut config: Config, arguments: Run) -> Result<u8, CommandError> {
    let words = (Some(arguments.prompt.as_str()), arguments.more.as_slice());
    check_prompt("run", &arguments.input, words)?;
    stdin_picture::take(&arguments.input)?;
    let profile = &mut config.profile.addresses.options;
    *profile = arguments.options.clone().over(std::mem::take(profile));
    profile.for_submit()?;
    let executor = executor()?;
    let done = executor.block_on(go(&config, &arguments));
    executor.shutdown_background();
    done
}

async fn go(config: &Config, arguments: &Run) -> Result<u8, CommandError> {
    let catalogue = super::catalogue::catalogue(&config.data_dir);
    let endpoint = endpoint(&catalogue, arguments)?;
    let mut settings = arguments.set.clone();
    settings.extend(arguments.format.as_deref().map(format_setting));
    let mut values = read_settings(endpoint, &settings)?;
    let output = arguments.output.as_deref();
    if let Some(warning) = ask_for_format(endpoint, &settings, &mut values, output) {
        say(&warning);
    }
    let words = only_prompt(&arguments.prompt)?;
    let prompt = prompt(endpoint, &words, arguments)?;
    let problems = catalogue.problems(endpoint, &prompt, &values, arguments.input.len());
    if let Some(problem) = problems.into_iter().next() {
        return Err(refusal(endpoint, problem));
    }
    warn_of_unread([(endpoint, prompt.as_str())].into_iter());
    check_files(&arguments.input)?;
    check_sizes(config, endpoint, &arguments.input).await?;
    check_webhook(arguments.webhook.as_deref())?;
    let target = arguments.output.as_deref().map(read_target).transpose()?;
    if arguments.dry_run {
        check_nodes(config, &arguments.input).await?;
        let pictures = arguments.input.iter().filter(|name| !is_address(name)).collect::<Vec<_>>();
        return dry_run(config, endpoint, (arguments, &prompt), &values, &pictures).await;
    }
    let mut session = Session::open(config, false).await?;
    if session.model.profile.simulated {
        say("simulated: nothing is sent, nothing costs");
    }
    let inputs = inputs(&mut session, &arguments.input).await?;
    let mut values = values;
    let seed = values.remove("seed").and_then(|seed| seed.as_u64());
    let mut inputs = inputs.into_iter();
    let first = inputs.next();
    let (parent, references) = match first {
        Some(Input::Picture(picture)) => (Some(picture), inputs.collect()),
        Some(url) => (None, std::iter::once(url).chain(inputs).collect()),
        None => (None, Vec::new()),
    };
    let draft = Draft {
        prompt: escape(&words),
        aside: Vec::new(),
        values,
        choice: Choice::Fixed(endpoint.id.clone()),
        parent,
        references,
        regions: arguments.region.clone(),
        seed: seed.map_or(Seed::Random, Seed::Fixed),
    };
    let run = RunOptions { sync: arguments.sync, webhook: arguments.webhook.clone() };
    let compose = DraftAction::Compose { draft: Box::new(draft), run };
    session.step(Message::Action(Action::Draft(compose)));
    session.step(Message::Action(Action::Queue(QueueAction::Run)));
    consent(&mut session, arguments.over_budget)?;
    follow(session, arguments, target.as_ref()).await
}

fn refusal(endpoint: &Endpoint, (field, problem): (String, Problem)) -> CommandError {
    let place = if field.is_empty() { String::new() } else { format!("`{field}`: ") };
    let usual = format!("`editree schema {}` lists its parameters", endpoint.short);
    let command_error = CommandError::usage(format!("{place}{}", problem.message));
    command_error.hint(problem.hint.unwrap_or(usual))
}

/// The prompt as it is sent, with its boxes.
fn prompt(endpoint: &Endpoint, words: &str, arguments: &Run) -> Result<String, CommandError> {
    match (endpoint.regions, arguments.region.len()) {
        (_, 0) => Ok(words.to_owned()),
        (Some(form), 1..=regions::MOST) => Ok(form.write(words, &arguments.region)),
        (Some(_), many) => {
            let text = format!("{many} boxes are more than the {} of a prompt", regions::MOST);
            Err(CommandError::usage(text))
        }
        (None, _) => {
            let text = format!("{} takes no boxes", endpoint.short);
            Err(CommandError::usage(text).hint("use -m flux3"))
        }
    }
}

/// Named, or whichever of the family `pro` fits the pictures.
fn endpoint<'a>(catalogue: &'a Catalogue, arguments: &Run) -> Result<&'a Endpoint, CommandError> {
    if let Some(name) = &arguments.model {
        return find(catalogue, name);
    }
    let pictures = arguments.input.len();
    let endpoint = catalogue.for_pictures("pro", pictures).ok_or_else(|| {
        CommandError::usage(format!("no endpoint of `pro` takes {pictures} pictures"))
            .hint("`editree models` lists them")
    })?;
    say(&format!("using {} ({})", endpoint.short, endpoint.id));
    Ok(endpoint)
}

/// What the braces mean, if that is one request.
fn only_prompt(typed: &str) -> Result<String, CommandError> {
    let mut prompts = expand(typed);
    if prompts.len() > 1 {
        let shown = prompts.iter().take(MAX_VARIANTS).enumerate();
        shown.for_each(|(place, words)| say(&format!("{}. {}", place + 1, words.trim())));
        let count = match prompts.len() {
            count @ ..=MAX_VARIANTS => count.to_string(),
            _more => format!("more than {MAX_VARIANTS}"),
        };
        let message = format!("the braces mean {count} requests; `run` sends one");
        return Err(CommandError::usage(message)
            .hint(r"`editree sweep` sends them all; `\{` and `\|` are letters"));
    }
    Ok(prompts.pop().unwrap_or_default())
}

/// Where copies go, if they can go there; `-` is stdout.
pub(super) fn read_target(output: &Path) -> Result<Target, CommandError> {
    let target = Target::read(output)?;
    if !is_stdout(&target) {
        save_as::check(&target)?;
    }
    Ok(target)
}

pub(super) fn is_stdout(target: &Target) -> bool {
    matches!(target, Target::Literal(path) if path.as_os_str() == "-")
}

fn check_webhook(address: Option<&str>) -> Result<(), CommandError> {
    let usable = |text: &str| {
        url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
    };
    match address {
        Some(text) if !usable(text) => Err(CommandError::usage(format!("`{text}` is not a URL"))
            .hint("--webhook https://HOST/PATH, where the service can reach it")),
        Some(_) | None => Ok(()),
    }
}

/// What the workbench would ask: a command that was typed is consent to a price, but not to go
/// over a budget.
pub(super) fn consent(session: &mut Session, over_budget: bool) -> Result<(), CommandError> {
    let Some(question) = &session.model.money.confirmation else {
        forget_keys(session);
        return Ok(());
    };
    let spent = &session.model.money.spent;
    let has_budget = spent.day_budget.or(spent.session_budget).is_some();
    let lines = question.lines();
    let is_over = |reason: &ConfirmReason| match reason {
        ConfirmReason::FirstPaid { .. }
        | ConfirmReason::Unlikely(_)
        | ConfirmReason::Several
        | ConfirmReason::Every
        | ConfirmReason::Again(_)
        | ConfirmReason::Tries(_)
        | ConfirmReason::Same
        | ConfirmReason::NoSeed
        | ConfirmReason::Amount(_)
        | ConfirmReason::Steps(_)
        | ConfirmReason::Rebase { .. }
        | ConfirmReason::Piped(_)
        | ConfirmReason::Sweep(_)
        | ConfirmReason::Replay { .. }
        | ConfirmReason::MaybePaid(_) => false,
        ConfirmReason::UnknownPrice => has_budget,
        ConfirmReason::Balance { .. }
        | ConfirmReason::Day { .. }
        | ConfirmReason::Session { .. } => true,
    };
    if question.reasons.iter().any(is_over) && !over_budget {
        let command_error = CommandError::new(code::OVER_BUDGET, lines.join("\n"));
        return Err(command_error.hint("use --over-budget to send anyway"));
    }
    lines.iter().for_each(|line| say(line));
    session.step(Message::Action(Action::Queue(QueueAction::Answer(true))));
    forget_keys(session);
    Ok(())
}

/// That something was sent is told with the keys of the workbench: they mean nothing here.
fn forget_keys(session: &mut Session) {
    if session.model.notice.as_ref().is_some_and(|notice| notice.while_busy) {
        session.model.notice = None;
    }
}

/// Until the job is over, or the service has it and nobody waits.
async fn follow(
    mut session: Session,
    arguments: &Run,
    target: Option<&Target>,
) -> Result<u8, CommandError> {
    let mut progress = Progress::new();
    loop {
        hold_what_waits(&mut session);
        let job = session.model.jobs.values().next_back().filter(|job| job.owned).cloned();
        if let Some(job) = &job {
            progress.tell(&session.model, job);
            if is_over(job, arguments) || job.work.is_refused {
                break;
            }
        } else if session.model.money.confirmation.is_some() {
            // Others have spent meanwhile.
            consent(&mut session, arguments.over_budget)?;
        } else if session.model.queue.saving.is_empty() {
            let notice = session.model.notice.take();
            let text = notice.map_or_else(|| "nothing was sent".into(), |notice| notice.text);
            return Err(CommandError::new(code::INTERNAL, text));
        }
        tokio::select! {
            () = session.advance() => {}
            _ = tokio::signal::ctrl_c() => return interrupted(session, job).await,
        }
    }
    // Cost and timings come with the node as the store has it.
    session.settle().await?;
    let job = session.model.jobs.values().next_back().cloned();
    let job = job.ok_or_else(|| CommandError::new(code::INTERNAL, "the job is gone"))?;
    progress.tell(&session.model, &job);
    report(&mut session, &job, arguments, (target, progress)).await
}

/// A command does not wait for hours until the service can be reached: what could not leave is
/// held, to be sent with `wait --send`.
fn hold_what_waits(session: &mut Session) {
    let job = session.model.jobs.values().next_back().filter(|job| job.owned);
    let waits = job.filter(|job| job.durable && job.state == State::Saved && job.why.is_some());
    if let Some(id) = waits.map(|job| job.id) {
        session.step(Message::Action(Action::Queue(QueueAction::Hold(id))));
    }
}

fn is_over(job: &Job, arguments: &Run) -> bool {
    match &job.state {
        State::Waiting(_) => job.is_left_waiting(),
        State::Queued(_) | State::Running => arguments.no_wait && job.durable,
        State::Held(_) => job.durable,
        State::Unknown => job.is_left_unsettled(crate::runtime::now()),
        state => state.is_final() && job.durable,
    }
}

/// The embedded one is a part of this program.
const ENDS_WITH_SIMULATOR: &str =
    "ends with this command, as the embedded simulator does, and cost nothing";

/// Before it was sent it is dropped; after that it stays in flight, and its id is told.
async fn interrupted(mut session: Session, job: Option<Job>) -> Result<u8, CommandError> {
    let Some(job) = job else {
        return Ok(code::INTERRUPTED);
    };
    let sent = matches!(
        job.state,
        State::Sending
            | State::Queued(_)
            | State::Running
            | State::Fetching
            | State::Waiting(_)
            | State::Cancelling
    );
    if sent {
        let (id, request) =
            (job.id, job.handle.map_or_else(String::new, |handle| handle.request_id));
        say(&match job.spec.simulated {
            true => format!("{id} {ENDS_WITH_SIMULATOR}"),
            false => {
                format!("{id} stays in flight (request {request}); editree wait {id} follows it")
            }
        });
    } else {
        session.step(Message::Action(Action::Queue(QueueAction::Cancel(job.id))));
    }
    session.settle().await?;
    Ok(code::INTERRUPTED)
}

async fn report(
    session: &mut Session,
    job: &Job,
    arguments: &Run,
    (target, progress): (Option<&Target>, Progress),
) -> Result<u8, CommandError> {
    match &job.state {
        _ if job.work.is_refused => return Err(jobs::unkept(job)),
        State::Done => {}
        State::Queued(_) | State::Running => {
            let request = job.handle.as_ref().map(|handle| handle.request_id.clone());
            if job.spec.simulated {
                let how = "; without --no-wait it runs to its end";
                say(&format!("{} {ENDS_WITH_SIMULATOR}{how}", job.id));
            }
            if arguments.json {
                return print_json(
                    &json!({ "job": job.id.to_string(), "node": job.node.to_string(),
                    "request_id": request, "simulated": job.spec.simulated }),
                );
            }
            return print(format!("{}\n", job.id).as_bytes());
        }
        State::Waiting(_) => return Err(ended::left_waiting(job)),
        _ => return Err(failed(&session.model, job)),
    }
    let node = session.runtime.store.find_node(Some(job.node.0)).await;
    let node = node.map_err(crate::app::failure::Failure::from)?;
    let node = node.ok_or_else(|| CommandError::new(code::INTERNAL, "the node is gone"))?;
    let files = files(session, &node)?;
    let written = target.map(|target| copy_out(session, &node, &files, target)).transpose();
    progress.end(written.iter().flatten().flatten().cloned().collect::<Vec<_>>().as_slice());
    if let Some((target, written)) =
        target.zip(written?).filter(|(target, _)| !arguments.json || is_stdout(target))
    {
        // A plain name is known to who gave it.
        let named = written.iter().filter(|_| target.is_template());
        let lines: String = named.map(|file| format!("{}\n", file.display())).collect();
        return print(lines.as_bytes());
    }
    if arguments.json {
        return print_json(&describe(&session.model, &node, &files));
    }
    let lines: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    print(lines.as_bytes())
}

fn failed(model: &Model, job: &Job) -> CommandError {
    let hint = model.notice.as_ref().and_then(|notice| notice.hint.as_ref()).map(hint::text);
    let (code, what) = match job.state {
        State::Cancelled => (code::INTERRUPTED, "cancelled"),
        State::Unknown => {
            (ended::exit_code(job), "the outcome is unknown; the request may be billed")
        }
        State::Held(_) => (ended::exit_code(job), "held, not sent"),
        _ => (ended::exit_code(job), "failed"),
    };
    let why = job.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
    let command_error = CommandError::new(code, format!("{} {what}{why}", job.id));
    match hint {
        // Nothing goes on by itself when this command has ended.
        _ if matches!(job.state, State::Held(_)) => {
            command_error.hint(format!("`editree wait --send {}` sends it, which costs", job.id))
        }
        Some(words) => command_error.hint(words),
        None => command_error,
    }
}

fn files(session: &Session, node: &Node) -> Result<Vec<PathBuf>, CommandError> {
    let media = session.runtime.store.media();
    let path = |picture: &crate::tree::Picture| {
        media
            .path(picture.hash)
            .ok_or_else(|| CommandError::new(code::INTERNAL, "a picture is not in the store"))
    };
    node.pictures.iter().map(path).collect()
}

/// Where each went. Of several under a plain name all but the first get a number before the ending.
fn copy_out(
    session: &Session,
    node: &Node,
    files: &[PathBuf],
    target: &Target,
) -> Result<Vec<PathBuf>, CommandError> {
    let mut written = Vec::with_capacity(files.len());
    let model = model_of(node, &session.model.catalogue);
    for (place, (file, picture)) in files.iter().zip(&node.pictures).enumerate() {
        let path = target.fill(&TemplateFields::of(node, place + 1, &model, local_moment(node.at)));
        let (store, private) = (&session.runtime.store, session.runtime.private);
        let bytes = labelled_as(store, node, picture, std::fs::read(file)?, (private, &path));
        if is_stdout(target) {
            print(&bytes)?;
            break;
        }
        let path = match target {
            Target::Template(_) => save_as::write_beside(path, &bytes)?,
            Target::Literal(_) => {
                let path = if place == 0 { path } else { with_number(&path, place + 1) };
                std::fs::write(&path, &bytes).map_err(|error| save_as::unwritten(&path, &error))?;
                path
            }
        };
        let described = describe_beside(store, picture, &bytes, &path)
            .map_err(|error| save_as::unwritten(&path, &error))?;
        if let Some(recipe) = described {
            let signed = format!("`{}` is signed and stays as it is", path.display());
            say(&format!("{signed}; its recipe is in `{}`", recipe.display()));
        }
        written.push(path);
    }
    Ok(written)
}

fn describe(model: &Model, node: &Node, files: &[PathBuf]) -> Value {
    let pictures: Vec<Value> = node
        .pictures
        .iter()
        .zip(files)
        .map(|(picture, file)| {
            json!({ "file": file.display().to_string(), "width": picture.width,
                "height": picture.height, "nsfw": picture.nsfw })
        })
        .collect();
    let endpoint = node.recipe.as_ref().map(|recipe| recipe.endpoint.clone());
    json!({ "node": node.id.to_string(), "request_id": node.request_id, "endpoint": endpoint,
        "profile": model.profile.name, "simulated": node.simulated, "seed": node.seed,
        "pictures": pictures, "cost": node.cost.map(Usd::to_f64),
        "cost_exact": node.is_exact, "timings": node.timings })
}
