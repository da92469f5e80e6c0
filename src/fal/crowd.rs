//! Many requests followed at once: who is near and has a line of its own, and who waits.
//!
//! Those that came first have the seats: they listen to a stream, or look at their own pace. All
//! others take turns looking, one a second, and quicker for a while when a look has found that
//! something moves. What such a look finds running gets a seat of its own, if there is one.
//! Invariant: no more lines are open than there are seats and looks, however many are followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::profile::Settings;

/// For those that came first.
const SEATS: usize = 16;
/// For those that run although others came before them.
const RUNNING: usize = 6;
/// Looks under way at once, of those that have no seat.
const LOOKS: usize = 3;
/// Between two of their looks while nothing moves, and while something does.
const SLOW: Duration = Duration::from_secs(1);
const QUICK: Duration = Duration::from_millis(50);
/// So many looks are quick after one that found something.
const CURIOUS: u32 = 20;

/// A place near; left when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _permit: OwnedSemaphorePermit,
}

#[derive(Debug)]
pub(super) struct Crowd {
    seats: Arc<Semaphore>,
    running: Arc<Semaphore>,
    looks: Arc<Semaphore>,
    /// When the next look may be taken.
    turn: Mutex<Instant>,
    /// So many looks will be quick.
    curious: AtomicU32,
    /// Those without a seat.
    outside: AtomicUsize,
}

/// One without a seat; it has one, or is gone, when this is dropped.
pub(super) struct Outside<'a>(&'a Crowd);

impl Drop for Outside<'_> {
    fn drop(&mut self) {
        self.0.outside.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Crowd {
    pub(super) fn new() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self {
            seats: places(SEATS),
            running: places(RUNNING),
            looks: places(LOOKS),
            turn: Mutex::new(Instant::now()),
            curious: AtomicU32::new(0),
            outside: AtomicUsize::new(0),
        }
    }

    /// One more waits for a seat.
    pub(super) fn wait(&self) -> Outside<'_> {
        self.outside.fetch_add(1, Ordering::Relaxed);
        Outside(self)
    }

    /// A seat, in the order in which they were asked for.
    pub(super) async fn seat(&self) -> Option<Seat> {
        // They are never closed.
        let permit = Arc::clone(&self.seats).acquire_owned().await.ok()?;
        Some(Seat { _permit: permit })
    }

    /// One for what was seen to run, if any is free.
    pub(super) fn seat_of_running(&self) -> Option<Seat> {
        let permit = Arc::clone(&self.running).try_acquire_owned().ok()?;
        Some(Seat { _permit: permit })
    }

    /// Waits until one without a seat may look; the look is over when what is returned is dropped.
    pub(super) async fn turn(&self, settings: &Settings) -> Option<OwnedSemaphorePermit> {
        let look = Arc::clone(&self.looks).acquire_owned().await.ok()?;
        let mut next = self.turn.lock().await;
        sleep_until(*next).await;
        let less = |left: u32| left.checked_sub(1);
        let is_curious = self.curious.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        let pause = if is_curious.is_ok() { QUICK } else { SLOW };
        *next = Instant::now() + settings.paced(pause);
        Some(look)
    }

    /// A look has found that something moves.
    pub(super) fn moved(&self) {
        self.curious.store(CURIOUS, Ordering::Relaxed);
    }

    /// The pause between looks of one that has a seat: where others wait for one, all that have one
    /// look once a second together.
    pub(super) fn spaced(&self, pause: Duration, is_running: bool) -> Duration {
        let is_crowded = self.outside.load(Ordering::Relaxed) > 0;
        let seats = u32::try_from(SEATS).unwrap_or(u32::MAX);
        if is_crowded && !is_running { pause.max(SLOW * seats) } else { pause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_seat_looks_as_it_likes_until_others_wait() {
        let crowd = Crowd::new();
        let seats: Vec<_> =
            (0..SEATS).filter_map(|_| Arc::clone(&crowd.seats).try_acquire_owned().ok()).collect();
        assert_eq!(seats.len(), SEATS);
        let pause = Duration::from_millis(250);
        assert_eq!(crowd.spaced(pause, false), pause, "nobody is outside");
        let outside = crowd.wait();
        assert_eq!(crowd.spaced(pause, false), Duration::from_secs(16));
        assert_eq!(crowd.spaced(pause, true), pause, "it runs");
        drop(outside);
        assert_eq!(crowd.spaced(pause, false), pause);
    }
}
