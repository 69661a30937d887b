//! Order among those who want the same thing: one at a time, in the order in which they asked.

use std::collections::VecDeque;
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::support::cancel::{CANCEL_POLL_INTERVAL, Control};

/// A thing that those who asked for it get one after the other.
pub(crate) struct FairLock<T> {
    line: Mutex<Line<T>>,
    moved: Condvar,
}

struct Line<T> {
    /// The first one has its turn.
    waiting: VecDeque<u64>,
    next: u64,
    /// A forked child does not wait for threads that stayed with its parent.
    process: u32,
    thing: T,
}

/// A place in the line. Dropping it lets the next one in.
pub(crate) struct Ticket<T> {
    turns: Arc<FairLock<T>>,
    number: u64,
    process: u32,
}

/// Why a turn did not come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WaitError {
    Cancelled,
    Late,
}

impl<T> FairLock<T> {
    pub(crate) fn new(thing: T) -> FairLock<T> {
        let line = Line { waiting: VecDeque::new(), next: 0, process: process::id(), thing };
        FairLock { line: Mutex::new(line), moved: Condvar::new() }
    }

    /// Takes the last place in the line. Does not wait.
    pub(crate) fn join(self: &Arc<Self>) -> Ticket<T> {
        let process = process::id();
        let mut line = self.lock();
        if line.process != process {
            line.process = process;
            line.waiting.clear();
        }
        let number = line.next;
        line.next += 1;
        line.waiting.push_back(number);
        drop(line);
        Ticket { turns: self.clone(), number, process }
    }

    /// The thing, for a moment and out of turn.
    pub(crate) fn peek<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        look(&mut self.lock().thing)
    }

    fn lock(&self) -> MutexGuard<'_, Line<T>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Ticket<T> {
    /// Waits for the turn, until `deadline` or until `control` ends it.
    pub(crate) fn wait(&self, control: &Control, deadline: Instant) -> Result<(), WaitError> {
        let mut line = self.turns.lock();
        while line.waiting.front() != Some(&self.number) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WaitError::Late);
            }
            line = match self.turns.moved.wait_timeout(line, left.min(CANCEL_POLL_INTERVAL)) {
                Ok((line, _)) => line,
                Err(poisoned) => poisoned.into_inner().0,
            };
            // What it asks is the caller's own code: not under the lock.
            drop(line);
            if control.should_stop() {
                return Err(WaitError::Cancelled);
            }
            line = self.turns.lock();
        }
        Ok(())
    }

    /// The thing, for a moment; it stays reserved until the ticket is dropped.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.turns.lock().thing)
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        let mut line = self.turns.lock();
        if line.process == self.process {
            line.waiting.retain(|number| *number != self.number);
        }
        drop(line);
        self.turns.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::support::cancel::CancelToken;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn served_in_the_order_asked() {
        let turns = Arc::new(FairLock::new(Vec::new()));
        let tickets: Vec<_> = (0..8).map(|number| (number, turns.join())).collect();
        std::thread::scope(|threads| {
            for (number, ticket) in tickets.into_iter().rev() {
                threads.spawn(move || {
                    ticket.wait(&Control::default(), soon()).unwrap();
                    ticket.with(|served: &mut Vec<i32>| served.push(number));
                });
            }
        });
        assert_eq!(turns.peek(|served| served.clone()), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn who_does_not_wait_is_passed_over() {
        let turns = Arc::new(FairLock::new(()));
        let first = turns.join();
        let (second, third) = (turns.join(), turns.join());
        let token = CancelToken::new();
        token.cancel();
        assert_eq!(second.wait(&Control::cancelled_by(&token), soon()), Err(WaitError::Cancelled));
        assert_eq!(third.wait(&Control::default(), Instant::now()), Err(WaitError::Late));
        drop(second);
        drop(first);
        assert_eq!(third.wait(&Control::default(), soon()), Ok(()));
    }
}
