//! Calls that are started and waited for, or not: for programs whose thread must not block.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::background::thread_pool::Job;
use crate::engine::Engine;
use crate::error::{Error, ErrorCode};
use crate::support::cancel::{CancelToken, Control};
use crate::support::memory::{self, TryClone};
use crate::support::panic::catch_panic;
use crate::support::secret::Wipe;

/// Told the result of a started call.
pub type OnDone<T = String> = Box<dyn FnOnce(Result<T, Error>) + Send>;

/// A call that was started. Dropping it cancels what still runs, and does not wait.
pub struct Pending<T: TryClone + Wipe + Send + 'static = String> {
    task: Arc<Task<T>>,
}

/// What starts a call, apart from its handle: whoever is told the result may need the handle first.
pub struct Starter {
    engine: Engine,
    operation: &'static str,
    job: Job,
}

impl Starter {
    /// Starts the call and returns at once.
    pub fn start(self) -> Result<(), Error> {
        if self.engine.thread_pool().run(self.job) {
            return Ok(());
        }
        let error =
            Error::internal("This computer can start no thread for the call; end others, or call without starting.");
        Err(error.in_operation(self.operation))
    }
}

struct Task<T: Wipe> {
    operation: &'static str,
    changes_state: bool,
    cancel: CancelToken,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T: Wipe> {
    done: Option<OnDone<T>>,
    /// A thread has taken the call up.
    running: bool,
    /// The thread that is telling the result.
    telling: Option<u64>,
    result: Option<Result<T, Error>>,
}

impl<T: Wipe> Drop for State<T> {
    fn drop(&mut self) {
        if let Some(Ok(answer)) = self.result.take() {
            answer.wipe();
        }
    }
}

impl<T: TryClone + Wipe + Send + 'static> Pending<T> {
    /// A call that is ready to start. `done` runs at most once, on a thread of the client's.
    pub(crate) fn new(
        engine: &Engine,
        operation: &'static str,
        changes_state: bool,
        done: Option<OnDone<T>>,
        call: impl FnOnce(&Engine, &Control) -> Result<T, Error> + Send + 'static,
    ) -> (Pending<T>, Starter) {
        let task = Arc::new(Task {
            operation,
            changes_state,
            cancel: CancelToken::new(),
            state: Mutex::new(State { done, running: false, telling: None, result: None }),
            changed: Condvar::new(),
        });
        let (running, own) = (task.clone(), engine.clone());
        let job = Box::new(move || {
            if !running.begin() {
                return running.tell();
            }
            let control = Control::cancelled_by(&running.cancel);
            // A fault of ours must end this call, and not the thread that serves others.
            let result = catch_panic(|| call(&own, &control)).and_then(|result| result);
            // The client may end with its last call.
            drop(own);
            running.finish(result);
        });
        (Pending { task }, Starter { engine: engine.clone(), operation, job })
    }

    /// Waits for the result, for as long as `timeout` says. None when it is not there yet.
    pub fn wait(&self, timeout: Option<Duration>) -> Option<Result<T, Error>> {
        let end = timeout.map(|timeout| Instant::now() + timeout);
        let mut state = self.task.lock();
        loop {
            if let Some(result) = self.task.copy_of_result(&state) {
                return Some(result);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            state = match left {
                Some(left) if left.is_zero() => return None,
                Some(left) => match self.task.changed.wait_timeout(state, left) {
                    Ok((state, _)) => state,
                    Err(poisoned) => poisoned.into_inner().0,
                },
                None => self.task.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Ends the call with the code `cancelled`, from any thread.
    pub fn cancel(&self) {
        self.task.cancel.cancel();
        self.task.finish_unless_running();
    }

    /// Ends the call if no thread has taken it up yet; whether it was so.
    pub(crate) fn cancel_if_queued(&self) -> bool {
        self.task.finish_unless_running()
    }

    /// Cancels what still runs. When this returns, `done` runs no more, unless it made this call itself. Waits for a
    /// `done` that runs, never for the network.
    pub fn close(self) {
        let task = self.task.clone();
        drop(self);
        let mut state = task.lock();
        while state.telling.is_some_and(|teller| teller != own_thread()) {
            state = task.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T: TryClone + Wipe + Send + 'static> Drop for Pending<T> {
    fn drop(&mut self) {
        let (done, answer) = {
            let mut state = self.task.lock();
            (state.done.take(), state.result.take_if(|result| result.is_ok()))
        };
        self.task.cancel.cancel();
        // Nobody can ask for it any more, though the thread of the call may still hold the task.
        if let Some(Ok(answer)) = answer {
            answer.wipe();
        }
        // Whatever it holds may call back when it is dropped: not under the lock.
        drop(done);
    }
}

impl<T: TryClone + Wipe> Task<T> {
    /// Whether the call is still to be made.
    fn begin(&self) -> bool {
        let mut state = self.lock();
        state.running = true;
        state.result.is_none()
    }

    /// A call that waits for a free thread is cancelled without one.
    fn finish_unless_running(&self) -> bool {
        let mut state = self.lock();
        let waiting = !state.running && state.result.is_none();
        if waiting {
            let error = Error::new(ErrorCode::Cancelled, "The call was cancelled before it was sent.");
            state.result = Some(Err(error.in_operation(self.operation)));
            self.changed.notify_all();
        }
        waiting
    }

    fn finish(&self, result: Result<T, Error>) {
        self.lock().result = Some(result);
        self.changed.notify_all();
        self.tell();
    }

    /// Tells the result, if anybody is to be told.
    fn tell(&self) {
        let mut state = self.lock();
        // Copied only for somebody: nobody would wipe the copy.
        let Some(done) = state.done.take() else { return };
        let Some(result) = self.copy_of_result(&state) else { return };
        state.telling = Some(own_thread());
        drop(state);
        // The caller's own code: what it does must not end the thread that serves other calls.
        let told = panic::catch_unwind(AssertUnwindSafe(|| done(result)));
        self.lock().telling = None;
        self.changed.notify_all();
        drop(told);
    }

    fn copy_of_result(&self, state: &State<T>) -> Option<Result<T, Error>> {
        state.result.as_ref().map(|result| match result {
            Ok(answer) => answer.try_clone().map_err(|_| memory::out_of_memory(self.operation, self.changes_state)),
            Err(error) => Err(error.clone()),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells threads apart. The standard library's own way allocates in every thread that asks.
fn own_thread() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static OWN: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    OWN.with(|own| *own)
}

impl<T: TryClone + Wipe + Send + 'static> std::fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("finished", &self.task.lock().result.is_some()).finish()
    }
}
