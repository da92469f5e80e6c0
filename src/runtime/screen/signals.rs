//! What other programs tell this one: to end, that the terminal is gone, a break.
//!
//! Decides nothing.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::failure::{Failure, FailureKind};

pub(in crate::runtime) struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
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
        })
    }

    /// An interrupt is not for us while an editor has the terminal.
    pub(in crate::runtime) async fn next(&mut self, is_lent: bool) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => return,
                _ = self.interrupt.recv() => if !is_lent { return },
            }
        }
    }
}
