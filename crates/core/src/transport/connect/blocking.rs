//! Runs blocking calls that cannot be interrupted on helper threads, while their callers wait with deadlines of their own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{process, thread};

use crate::support::cancel::CANCEL_POLL_INTERVAL;
use crate::transport::attempt::State;
use crate::transport::error::TransportError;

/// Bounds the blocking calls of one kind in this process: any may hang, and its thread with it.
pub(crate) struct Permits {
    limit: u64,
    /// The process id in the upper half, its calls in the lower: a forked child does not have its parent's threads.
    in_use: AtomicU64,
}

/// The right to make one blocking call, until it returns.
pub(crate) struct Permit(&'static Permits);

/// The system starts no further thread.
pub(crate) struct SpawnFailed;

/// A blocking call on a thread of its own. Any number of callers can wait for it.
pub(crate) struct Task<T> {
    outcome: Mutex<Option<Outcome<T>>>,
    ended: Condvar,
}

/// How a blocking call ended.
#[derive(Clone)]
pub(crate) enum Outcome<T> {
    Completed(T),
    Panicked,
}

impl Permits {
    pub(crate) const fn new(limit: u64) -> Permits {
        Permits { limit, in_use: AtomicU64::new(0) }
    }

    /// None while the limit is reached.
    pub(crate) fn try_acquire(&'static self) -> Option<Permit> {
        let process = u64::from(process::id()) << 32;
        let acquired = self.in_use.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |in_use| {
            let ours = if in_use & !u64::from(u32::MAX) == process { in_use } else { process };
            (ours - process < self.limit).then_some(ours + 1)
        });
        acquired.ok().map(|_| Permit(self))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.in_use.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<T: Clone + Send + 'static> Task<T> {
    /// Makes `call` on `thread`, which gives the permit back when the call has returned, however late.
    pub(crate) fn spawn(
        permit: Permit,
        thread: thread::Builder,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Arc<Task<T>>, SpawnFailed> {
        let task = Arc::new(Task { outcome: Mutex::new(None), ended: Condvar::new() });
        let report = Report(task.clone());
        let started = thread.spawn(move || {
            let value = call();
            drop(permit);
            report.complete(value);
        });
        started.map(|_| task).map_err(|_| SpawnFailed)
    }

    /// Waits until the call has ended, or the attempt has.
    pub(crate) fn wait(&self, state: &State) -> Result<Outcome<T>, TransportError> {
        loop {
            let outcome = self.lock();
            if let Some(outcome) = &*outcome {
                return Ok(outcome.clone());
            }
            let slice = state.time_left()?.min(CANCEL_POLL_INTERVAL);
            drop(self.ended.wait_timeout(outcome, slice));
            // May run the caller's own code: not under the lock.
            state.poll_interrupt();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Outcome<T>>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reports the outcome at the end of the thread, also when that end is a panic.
struct Report<T: Clone + Send + 'static>(Arc<Task<T>>);

impl<T: Clone + Send + 'static> Report<T> {
    fn complete(self, value: T) {
        *self.0.lock() = Some(Outcome::Completed(value));
    }
}

impl<T: Clone + Send + 'static> Drop for Report<T> {
    fn drop(&mut self) {
        self.0.lock().get_or_insert(Outcome::Panicked);
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::support::cancel::Control;
    use crate::transport::attempt::{Attempt, Connections};

    fn wait<T: Clone + Send + 'static>(task: &Task<T>) -> Outcome<T> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let attempt = Attempt::new(deadline, Duration::from_secs(10), Control::default(), Connections::Any);
        attempt.within(|| task.wait(&State::current().unwrap())).unwrap()
    }

    #[test]
    fn permits_are_given_back_when_the_call_has_returned() {
        static PERMITS: Permits = Permits::new(2);
        let first = PERMITS.try_acquire().unwrap();
        let (end, ended) = mpsc::channel::<()>();
        let task = Task::spawn(PERMITS.try_acquire().unwrap(), thread::Builder::new(), move || ended.recv().is_ok());
        let Ok(task) = task else { panic!("no thread") };
        assert!(PERMITS.try_acquire().is_none());
        end.send(()).unwrap();
        assert!(matches!(wait(&task), Outcome::Completed(true)));
        let second = PERMITS.try_acquire().unwrap();
        assert!(PERMITS.try_acquire().is_none());
        drop((first, second));
        assert!(PERMITS.try_acquire().is_some());
    }

    #[test]
    fn a_panic_ends_the_wait_of_all_and_gives_the_permit_back() {
        static PERMITS: Permits = Permits::new(1);
        let task = Task::<()>::spawn(PERMITS.try_acquire().unwrap(), thread::Builder::new(), || panic!("as planned"));
        let Ok(task) = task else { panic!("no thread") };
        for _ in 0..2 {
            assert!(matches!(wait(&task), Outcome::Panicked));
        }
        assert!(PERMITS.try_acquire().is_some());
    }
}
