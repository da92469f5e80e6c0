//! The database is read whole while the workbench runs, once the hurry of the start is over.
//!
//! Mends nothing: the next start does. Holds no store open. Invariant: says something only where
//! something is wrong.

use std::path::PathBuf;
use std::time::Duration;

use super::blocking;
use super::tasks::Report;
use crate::app::hint::Hint;
use crate::app::message::TaskEvent;
use crate::app::notice::{Notice, Tone};
use crate::store::damage::{self, Found};

/// By then the first pictures are drawn and the tree is read.
const LATER: Duration = Duration::from_secs(30);

/// Tells of damage in the database's file.
pub(crate) async fn examine(database: PathBuf, report: Report) {
    tokio::time::sleep(LATER).await;
    if let Ok(Ok(Some(found))) = blocking(move || damage::examine(&database)).await {
        let (text, hint) = match found {
            Found::Broken(words) => (
                format!("the database is damaged: {words}"),
                "quit and start editree again: the pictures have the tree",
            ),
            Found::Senseless(words) => (
                format!("the database is not as editree wrote it: {words}"),
                "run `editree doctor`",
            ),
        };
        let hint = Hint::Text(hint.into());
        let _ = report.send(TaskEvent::Notice(Notice::new(Tone::Error, text).hint(hint)));
    }
}
