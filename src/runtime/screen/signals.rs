//! What other programs tell this one: to end, to stop, that the terminal is gone, a break.
//!
//! Decides nothing.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::failure::{Failure, FailureKind};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) enum Order {
    End,
    /// As Ctrl-Z does.
    Stop,
}

pub(in crate::runtime) struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    stop: Signal,
}

impl Signals {
    pub(in crate::runtime) fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            let failed = |error| {
                Failure::new(FailureKind::Bug, format!("cannot listen to signals: {error}"))
            };
            signal(kind).map_err(failed)
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
            interrupt: listen(SignalKind::interrupt())?,
            quit: listen(SignalKind::quit())?,
            stop: listen(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        })
    }

    /// What the keyboard sends is not for us while an editor has the terminal.
    pub(in crate::runtime) async fn next(&mut self, is_lent: bool) -> Order {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Order::End,
                _ = self.hang_up.recv() => return Order::End,
                _ = self.interrupt.recv() => if !is_lent { return Order::End },
                _ = self.quit.recv() => if !is_lent { return Order::End },
                _ = self.stop.recv() => if !is_lent { return Order::Stop },
            }
        }
    }
}
