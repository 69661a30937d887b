//! Runs blocking system calls that cannot be interrupted on helper threads. Their callers wait with a deadline.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{process, thread};

use crate::support::cancel::CANCEL_POLL_INTERVAL;
use crate::transport::attempt::Attempt;
use crate::transport::error::TransportError;

/// Limits the blocking calls of one kind in this process: each may hang, together with its thread.
pub(crate) struct Permits {
    limit: u64,
    /// The upper half is the process id, the lower half the number of its calls. A forked child does not have the
    /// threads of its parent, and so starts at zero.
    in_use: AtomicU64,
}

/// Allows one blocking call. Dropped when the call returns.
pub(crate) struct Permit(&'static Permits);

/// The system did not start a thread.
pub(crate) struct SpawnFailed;

/// A blocking call on its own thread. Any number of callers can wait for it.
pub(crate) struct Task<T> {
    result: Mutex<Option<TaskResult<T>>>,
    finished: Condvar,
}

/// How a blocking call ended.
#[derive(Clone)]
pub(crate) enum TaskResult<T> {
    Completed(T),
    Panicked,
}

impl Permits {
    pub(crate) const fn new(limit: u64) -> Permits {
        Permits { limit, in_use: AtomicU64::new(0) }
    }

    /// None if the limit is reached.
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
    /// Runs `call` on a new thread. The permit is released when the call returns, even if nobody waits any more.
    pub(crate) fn spawn(
        permit: Permit,
        thread: thread::Builder,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Arc<Task<T>>, SpawnFailed> {
        let task = Arc::new(Task { result: Mutex::new(None), finished: Condvar::new() });
        let completion = Completion(task.clone());
        let started = thread.spawn(move || {
            let value = call();
            drop(permit);
            completion.complete(value);
        });
        started.map(|_| task).map_err(|_| SpawnFailed)
    }

    /// Waits for the call, until the attempt's deadline or its cancellation.
    pub(crate) fn wait(&self, attempt: &Attempt) -> Result<TaskResult<T>, TransportError> {
        loop {
            let result = self.lock();
            if let Some(result) = &*result {
                return Ok(result.clone());
            }
            let slice = attempt.time_left()?.min(CANCEL_POLL_INTERVAL);
            drop(self.finished.wait_timeout(result, slice));
            // Without the lock: this may run the caller's own code.
            attempt.poll_interrupt();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<TaskResult<T>>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stores the result and wakes the callers, also after a panic.
struct Completion<T: Clone + Send + 'static>(Arc<Task<T>>);

impl<T: Clone + Send + 'static> Completion<T> {
    fn complete(self, value: T) {
        *self.0.lock() = Some(TaskResult::Completed(value));
    }
}

impl<T: Clone + Send + 'static> Drop for Completion<T> {
    fn drop(&mut self) {
        self.0.lock().get_or_insert(TaskResult::Panicked);
        self.0.finished.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::support::call_control::CallControl;
    use crate::support::cancel::Control;
    use crate::transport::attempt::ConnectionReuse;

    fn wait<T: Clone + Send + 'static>(task: &Task<T>) -> TaskResult<T> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let control = CallControl::new(&Control::default(), &Arc::default());
        let attempt = Attempt::new(deadline, Duration::from_secs(10), control, ConnectionReuse::Allowed);
        task.wait(&attempt).unwrap()
    }

    #[test]
    fn a_permit_is_released_when_the_call_returns() {
        static PERMITS: Permits = Permits::new(2);
        let first = PERMITS.try_acquire().unwrap();
        let (release, released) = mpsc::channel::<()>();
        let task = Task::spawn(PERMITS.try_acquire().unwrap(), thread::Builder::new(), move || released.recv().is_ok());
        let Ok(task) = task else { panic!("no thread") };
        assert!(PERMITS.try_acquire().is_none());
        release.send(()).unwrap();
        assert!(matches!(wait(&task), TaskResult::Completed(true)));
        let second = PERMITS.try_acquire().unwrap();
        assert!(PERMITS.try_acquire().is_none());
        drop((first, second));
        assert!(PERMITS.try_acquire().is_some());
    }

    #[test]
    fn a_panic_wakes_all_callers_and_releases_the_permit() {
        static PERMITS: Permits = Permits::new(1);
        let task = Task::<()>::spawn(PERMITS.try_acquire().unwrap(), thread::Builder::new(), || panic!("expected"));
        let Ok(task) = task else { panic!("no thread") };
        for _ in 0..2 {
            assert!(matches!(wait(&task), TaskResult::Panicked));
        }
        assert!(PERMITS.try_acquire().is_some());
    }
}
