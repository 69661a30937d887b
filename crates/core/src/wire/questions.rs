//! Asks the system what it may answer late, and cannot be hurried: on a thread of its own, while the call watches its
//! deadline.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::{process, thread};

use super::attempt::State;
use super::failure::Failure;
use crate::cancel::CANCEL_SLICE;

/// Questions of one kind. Any may hang, and its thread with it, so that there are few at once in this process.
pub(super) struct Questions {
    most: u64,
    /// The process in the upper half, its questions in the lower: a child does not inherit its parent's threads.
    asked: AtomicU64,
}

/// The right to ask one question. It is given back when the system has answered, however long that takes.
pub(super) struct Place(&'static Questions);

/// What came of a question.
pub(super) enum Answer<T> {
    Told(T),
    /// It ended without an answer.
    Silent,
    /// This computer can start no thread for it.
    NoThread,
}

impl Questions {
    pub(super) const fn at_most(most: u64) -> Questions {
        Questions { most, asked: AtomicU64::new(0) }
    }

    /// None while the most are being asked.
    pub(super) fn place(&'static self) -> Option<Place> {
        let process = u64::from(process::id()) << 32;
        let taken = self.asked.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |asked| {
            let ours = if asked & !u64::from(u32::MAX) == process { asked } else { process };
            (ours - process < self.most).then_some(ours + 1)
        });
        taken.ok().map(|_| Place(self))
    }
}

impl Place {
    /// Asks on `thread` and waits, until the attempt ends.
    pub(super) fn ask<T: Send + 'static>(
        self,
        thread: thread::Builder,
        question: impl FnOnce() -> T + Send + 'static,
        state: &State,
    ) -> Result<Answer<T>, Failure> {
        let (answer, answered) = sync_channel(1);
        let asking = thread.spawn(move || {
            // Nobody listens any more when the call has ended.
            let _ = answer.send(question());
            drop(self);
        });
        if asking.is_err() {
            return Ok(Answer::NoThread);
        }
        loop {
            match answered.recv_timeout(state.time_left()?.min(CANCEL_SLICE)) {
                Ok(told) => return Ok(Answer::Told(told)),
                Err(RecvTimeoutError::Disconnected) => return Ok(Answer::Silent),
                Err(RecvTimeoutError::Timeout) => state.pause(),
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.asked.fetch_sub(1, Ordering::SeqCst);
    }
}
