//! Where a job stands, in words, for the queue and for the command line.

use super::job::{Job, Pause, State};

/// The state of a job as text.
pub fn describe(job: &Job) -> String {
    let why = job.why.as_deref().map_or(String::new(), |why| format!(" ({why})"));
    let share = |what: &str| match job.work.progress {
        Some((done, all)) if all > 0 => {
            // What a server says of a size may be anything.
            let part = u128::from(done) * 100 / u128::from(all);
            format!("{what} {} %", part.min(100))
        }
        _ => what.to_owned(),
    };
    match &job.state {
        State::Saved => format!("not sent yet{why}"),
        State::Held(why) => format!("held: {why}"),
        State::Uploading => share("uploading"),
        State::Sending => "sending".into(),
        State::Queued(Some(0)) => format!("queued, next{why}"),
        State::Queued(Some(ahead)) => format!("queued, {ahead} ahead{why}"),
        State::Queued(None) => format!("queued{why}"),
        State::Running => format!("running{why}"),
        State::Fetching => format!("fetching{why}"),
        State::Waiting(Pause { next: None, .. }) => format!("paid, not fetched{why}"),
        State::Waiting(_) => format!("waiting for its result{why}"),
        State::Done => "done".into(),
        State::Failed => format!("failed{why}"),
        State::Cancelling => "cancelling".into(),
        State::Cancelled => "cancelled".into(),
        State::Unknown => format!("maybe paid{why}"),
        State::Dismissed => "dismissed".into(),
    }
}
