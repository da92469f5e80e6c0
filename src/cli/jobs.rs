//! `jobs`, `wait`, `cancel`: what is not finished yet.

use std::io::IsTerminal as _;

use serde_json::{Value, json};

use super::confirm::{Request, confirm};
use super::ended::exit_code;
use super::session::{Session, executor, open_store};
use super::{CommandError, code, print, print_json, say};
use crate::app::action::{Action, QueueAction};
use crate::app::failure::Failure;
use crate::app::job::{Job, JobId, State};
use crate::app::job_text;
use crate::app::message::Message;
use crate::config::Config;

/// `editree jobs`.
pub(crate) fn jobs(config: Config, json: bool) -> Result<u8, CommandError> {
    let executor = executor()?;
    executor.block_on(async {
        let (store, _) = open_store(&config, false).await?;
        let jobs = store.open_jobs().await.map_err(Failure::from)?;
        if json {
            return print_json(&json!({ "jobs": jobs.iter().map(describe).collect::<Vec<_>>() }));
        }
        if jobs.is_empty() {
            say("no unfinished jobs");
        }
        let line = |job: &Job| {
            let prompt = job.spec.recipe.caption();
            format!("{} {} {} {prompt}\n", job.id, job.node, job_text::describe(job))
        };
        print(jobs.iter().map(line).collect::<String>().as_bytes())
    })
}

fn describe(job: &Job) -> Value {
    json!({ "id": job.id.to_string(), "node": job.node.to_string(), "state": job.state.name(),
        "why": job.why, "request_id": job.handle.as_ref().map(|handle| handle.request_id.clone()),
        "prompt": job.spec.recipe.prompt, "endpoint": job.spec.recipe.endpoint, "at": job.at.0 })
}

/// What to wait for.
pub(crate) struct Wait {
    pub(crate) jobs: Vec<String>,
    pub(crate) all: bool,
    pub(crate) send: bool,
    pub(crate) json: bool,
}

/// `editree wait`: follows to the end; the exit code is the worst of the jobs.
pub(crate) fn wait(config: Config, wait: Wait) -> Result<u8, CommandError> {
    let executor = executor()?;
    let done = executor.block_on(async {
        let mut session = Session::open(&config, true).await?;
        let wanted = wanted(&session, &wait)?;
        if wanted.is_empty() {
            say("no unfinished jobs: nothing to wait for");
        }
        if wait.send {
            agree(&session, &wanted)?;
        }
        session.begin();
        if wait.send {
            for id in &wanted {
                session.step(Message::Action(Action::Queue(QueueAction::Release(*id))));
            }
        }
        while wanted.iter().any(|id| !is_over(&session, *id)) {
            tokio::select! {
                () = session.advance() => {}
                _ = tokio::signal::ctrl_c() => return Ok(code::INTERRUPTED),
            }
        }
        session.settle().await?;
        tell_next_steps(&session, &wanted);
        tell_held(&session, &wanted);
        report(&session, &wanted, wait.json)
    });
    executor.shutdown_background();
    done
}

/// Which of the jobs wait for a word of the person.
fn held<'a>(session: &'a Session, wanted: &'a [JobId]) -> impl Iterator<Item = &'a Job> {
    let jobs = wanted.iter().filter_map(|id| session.model.jobs.get(id));
    jobs.filter(|job| matches!(job.state, State::Held(_)))
}

/// A person at a terminal is asked by the usual rule; in a script `--send` is the consent.
/// What is sent is told with its price in any case.
fn agree(session: &Session, wanted: &[JobId]) -> Result<(), CommandError> {
    if std::io::stdin().is_terminal() {
        let requests: Vec<Request> = held(session, wanted)
            .map(|job| (format!("{}: {}", job.id, job.spec.recipe.caption()), job.spec.quote))
            .collect();
        confirm(session, &requests, false)?;
    }
    for job in held(session, wanted) {
        let price = session.model.told(job.spec.quote);
        say(&format!("{} is sent for {price}: {}", job.id, job.spec.recipe.caption()));
    }
    Ok(())
}

/// What was waited for may be a step of several: the next one needs a word.
fn tell_next_steps(session: &Session, wanted: &[JobId]) {
    let new = session.model.jobs.values().filter(|job| !wanted.contains(&job.id) && job.owned);
    for job in new.filter(|job| matches!(job.state, State::Held(_))) {
        say(&format!(
            "{}: the next step is held; `editree wait --send {}` sends it",
            job.id, job.id
        ));
    }
}

/// What was waited for in vain: nothing was sent of it.
fn tell_held(session: &Session, wanted: &[JobId]) {
    for job in held(session, wanted) {
        let id = job.id;
        say(&format!("{id} is held, not sent; `editree wait --send {id}` sends it, which costs"));
    }
}

fn wanted(session: &Session, wait: &Wait) -> Result<Vec<JobId>, CommandError> {
    if wait.all {
        return Ok(session.model.jobs.keys().copied().collect());
    }
    wait.jobs.iter().map(|name| parse(session, name)).collect()
}

fn parse(session: &Session, name: &str) -> Result<JobId, CommandError> {
    let number = name.strip_prefix('j').and_then(|number| number.parse().ok()).map(JobId);
    number.filter(|id| session.model.jobs.contains_key(id)).ok_or_else(|| {
        CommandError::usage(format!("there is no unfinished job `{name}`"))
            .hint("`editree jobs` lists them")
    })
}

/// How a command ends that leaves such a job to the next one.
pub(super) fn unkept(job: &Job) -> CommandError {
    let why = job.why.as_deref().unwrap_or("the store has refused it");
    CommandError::new(code::INTERNAL, format!("the end of {} is {why}", job.id))
        .hint(format!("editree wait {} goes on with it", job.id))
}

/// Nothing more comes of it in this run.
fn is_over(session: &Session, id: JobId) -> bool {
    let model = &session.model;
    model.jobs.get(&id).is_none_or(|job| {
        let ended = job.state.is_final()
            || matches!(job.state, State::Held(_))
            || job.is_left_unsettled(model.now);
        !job.owned || job.durable && ended || job.is_left_waiting() || job.work.is_refused
    })
}

fn report(session: &Session, wanted: &[JobId], json: bool) -> Result<u8, CommandError> {
    let jobs: Vec<&Job> = wanted.iter().filter_map(|id| session.model.jobs.get(id)).collect();
    if json {
        print_json(&json!({ "jobs": jobs.iter().map(|job| describe(job)).collect::<Vec<_>>() }))?;
    } else {
        for job in &jobs {
            print(format!("{} {} {}\n", job.id, job.node, job_text::describe(job)).as_bytes())?;
        }
    }
    Ok(jobs.into_iter().map(exit_code).max().unwrap_or(0))
}

/// `editree cancel`.
pub(crate) fn cancel(config: Config, name: &str, json: bool) -> Result<u8, CommandError> {
    let executor = executor()?;
    let done = executor.block_on(async {
        let mut session = Session::open(&config, true).await?;
        let id = parse(&session, name)?;
        session.begin();
        if session.model.jobs.get(&id).is_some_and(|job| !job.owned) {
            let command_error =
                CommandError::usage(format!("{id} belongs to an editree that is running"));
            return Err(command_error.hint("cancel it there"));
        }
        session.step(Message::Action(Action::Queue(QueueAction::Cancel(id))));
        while !is_over(&session, id) {
            session.advance().await;
        }
        session.settle().await?;
        if let Some(notice) = &session.model.notice {
            say(&notice.text);
        }
        report(&session, &[id], json)
    });
    executor.shutdown_background();
    done
}
