//! The thread that owns a connection, and how others ask it.
//!
//! Requests are done one after another in the order in which they were made; each has exactly one
//! answer, also when the thread has died.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::damage;
use super::error::{Error, Kind};

/// How long the end of a program waits for the store.
const LAST: Duration = Duration::from_secs(5);

/// What the thread works on.
pub(super) struct Owned {
    connection: Connection,
    /// The file, beside which damage is noted.
    path: PathBuf,
}

type Work = Box<dyn FnOnce(&mut Owned) + Send>;

/// The way to the thread. It ends when the last of these is dropped.
#[derive(Clone, Debug)]
pub(super) struct Db {
    work: mpsc::Sender<Work>,
}

/// An answer that will come.
#[derive(Debug)]
pub struct Reply<T> {
    answer: oneshot::Receiver<Result<T, Error>>,
}

impl Db {
    pub(super) fn start(name: &str, connection: Connection, path: &Path) -> Result<Self, Error> {
        let (sender, receiver) = mpsc::channel::<Work>();
        let thread = std::thread::Builder::new().name(name.to_owned());
        let mut owned = Owned { connection, path: path.to_owned() };
        let spawned = thread.spawn(move || {
            for work in receiver {
                work(&mut owned);
            }
        });
        match spawned {
            Ok(_) => Ok(Self { work: sender }),
            Err(error) => Err(Error::new(Kind::Io, format!("cannot start a thread: {error}"))),
        }
    }

    /// Does the work after all that was handed over before, and waits for it on this thread; not for
    /// ever, because it is the last that a program does.
    pub(super) fn wait_for(&self, work: impl FnOnce(&mut Connection) + Send + 'static) {
        let (sender, done) = mpsc::sync_channel(1);
        let work: Work = Box::new(move |owned| {
            work(&mut owned.connection);
            // Nobody may be waiting any more.
            let _ = sender.try_send(());
        });
        if self.work.send(work).is_ok() {
            let _ = done.recv_timeout(LAST);
        }
    }

    /// Hands the work over now; it is done after all that was handed over before.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Reply<T> {
        let (sender, answer) = oneshot::channel();
        let work: Work = Box::new(move |owned| {
            let done = work(&mut owned.connection);
            if done.as_ref().is_err_and(Error::is_of_the_file) {
                damage::note(&owned.path);
            }
            // Nobody may be waiting any more; the work is done all the same.
            let _ = sender.send(done);
        });
        // If the thread is gone the sender is dropped, which is the answer.
        let _ = self.work.send(work);
        Reply { answer }
    }
}

impl<T> Reply<T> {
    /// Waits on this thread; not for use on the loop.
    pub fn wait(self) -> Result<T, Error> {
        self.answer.blocking_recv().unwrap_or_else(|_| Err(gone()))
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.answer).poll(context);
        answer.map(|answer| answer.unwrap_or_else(|_| Err(gone())))
    }
}

fn gone() -> Error {
    Error::new(Kind::Bug, "the store's thread has ended").hint("start editree again")
}
