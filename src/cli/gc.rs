//! `gc`: removes what nothing needs, after it was shown and agreed to.
//!
//! Invariant: nothing is removed that was not listed before.

use std::io::{IsTerminal as _, Write as _};

use crate::text::plain;

use super::session::{executor, open_store};
use super::{CommandError, print, say};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::schema::money;
use crate::store::collect::Plan;
use crate::store::trash::{self, Expired};

/// `editree gc`.
pub(crate) fn gc(config: &Config, dry_run: bool, yes: bool) -> Result<u8, CommandError> {
    executor()?.block_on(async {
        let (store, _) = open_store(config, false).await?;
        // What only a sidecar knows is in the tree before anything counts as unused.
        if let Some(words) = store.merge().await.map_err(Failure::from)? {
            say(&words);
        }
        let now = crate::runtime::now();
        let plan = store.plan(now).await.map_err(Failure::from)?;
        print(list(&plan).as_bytes())?;
        if plan.is_empty() {
            say("there is nothing to delete");
        }
        if dry_run {
            return Ok(0);
        }
        if !plan.is_empty() && !yes && !agreed(&plan)? {
            say("nothing was removed");
            return Ok(0);
        }
        let (files, bytes) = store.collect(plan, now).await.map_err(Failure::from)?;
        print(format!("{files} files removed, {} freed\n", size(bytes)).as_bytes())
    })
}

/// A line for each node of the trash, then one for each file.
fn list(plan: &Plan) -> String {
    let nodes = plan.expired.iter().map(line);
    let files = plan.files.iter().map(|(path, bytes)| {
        let path = plain(&path.display().to_string());
        format!("{path} {}\n", size(*bytes))
    });
    nodes.chain(files).collect()
}

fn line(node: &Expired) -> String {
    let days = trash::RETENTION_MS / 86_400_000;
    let cost =
        node.cost.map_or(String::new(), |cost| format!(" {}", money::told(cost, node.simulated)));
    let name = node.name.as_ref().map_or(String::new(), |name| format!(" \"{name}\""));
    let marks = match (node.starred, node.rating) {
        (true, 0) => " * stays: starred".to_owned(),
        (true, rating) => format!(" * stays: starred, rated {rating}"),
        (false, 0) => String::new(),
        (false, rating) => format!(" stays: rated {rating}"),
    };
    let words = node.words.replace('\n', " ");
    let (id, project) = (node.id, &node.project);
    let told = format!("{id} ({project}){name}{cost} {days} days in the trash{marks}: {words}");
    format!("{}\n", plain(&told))
}

/// A person at a terminal is asked; a script has to say it beforehand.
fn agreed(plan: &Plan) -> Result<bool, CommandError> {
    let pictures: usize = plan.expired.iter().map(|node| node.pictures.len()).sum();
    let (files, bytes) = (plan.files.len(), size(plan.bytes()));
    let question =
        format!("remove {files} files ({bytes}), {pictures} pictures of the trash among them?");
    if !std::io::stdin().is_terminal() {
        let command_error = CommandError::usage(format!(
            "{question} nothing was removed: cannot ask without a terminal"
        ));
        return Err(command_error.hint("use `editree gc --yes` to remove what is listed"));
    }
    let mut stderr = std::io::stderr().lock();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
