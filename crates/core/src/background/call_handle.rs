//! Handles of started calls, for programs whose threads must not block.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::background::thread_pool::{Job, SpawnError, ThreadPool};
use crate::error::{Error, ErrorCode};
use crate::support::call_control::client_closed;
use crate::support::cancel::{CancelToken, Control};
use crate::support::memory::{self, TryClone};
use crate::support::panic::catch_panic;
use crate::support::secret::Wipe;

/// Receives the result of a started call.
///
/// ```
/// use upscope::OnDone;
///
/// let done: OnDone = Box::new(|result| println!("{}", result.is_ok()));
/// done(Ok("{}".to_owned()));
/// ```
pub type OnDone<T = String> = Box<dyn FnOnce(Result<T, Error>) + Send>;

/// The handle of a started call. Dropping it cancels the call if it still runs, and does not wait for it.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// let pending = client.start_polled("get_usage", "{}")?;
/// let json = pending.wait(None).expect("without a timeout, there is a result")?;
/// assert!(json.contains("online_now"));
/// # Ok::<(), upscope::Error>(())
/// ```
pub struct Pending<T: TryClone + Wipe + Send + 'static = String> {
    task: Arc<Task<T>>,
}

/// Starts a call. Separate from [`Pending`], because the callback of the call may need the handle.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// let (pending, starter) = client.prepare("get_usage", "{}", None)?;
/// starter.start()?;
/// assert!(pending.wait(None).is_some());
/// # Ok::<(), upscope::Error>(())
/// ```
pub struct Starter {
    thread_pool: Arc<ThreadPool>,
    operation: &'static str,
    job: Box<dyn Job>,
}

impl Starter {
    /// Starts the call and returns immediately.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let (pending, starter) = client.prepare("get_usage", "{}", None)?;
    /// starter.start()?;
    /// # drop(pending);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn start(self) -> Result<(), Error> {
        self.thread_pool.spawn(self.job).map_err(|error| match error {
            SpawnError::ClientClosed => client_closed(self.operation),
            SpawnError::NoThread => {
                let error = Error::internal(
                    "This computer cannot start a thread for the call; end other threads, or make the call without starting it.",
                );
                error.in_operation(self.operation)
            }
        })
    }
}

/// A call in the queue of the thread pool.
struct QueuedCall<T: TryClone + Wipe, F> {
    task: Arc<Task<T>>,
    call: F,
}

impl<T, F> Job for QueuedCall<T, F>
where
    T: TryClone + Wipe + Send + 'static,
    F: FnOnce(&Control) -> Result<T, Error> + Send,
{
    fn run(self: Box<Self>) {
        let QueuedCall { task, call } = *self;
        if !task.begin() {
            return task.notify();
        }
        let control = Control::cancelled_by(&task.cancel);
        // A panic must end only this call, and not the thread, which runs other calls. `call` and the client that it
        // holds are dropped before the result is stored: its last call may end the client.
        let result = catch_panic(move || call(&control)).and_then(|result| result);
        task.finish(result);
    }

    fn cancel(&self) {
        self.task.cancel_if_queued();
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
    on_done: Option<OnDone<T>>,
    /// A thread has begun to run the call.
    running: bool,
    /// The thread that is running `on_done`.
    notifying_thread: Option<u64>,
    result: Option<Result<T, Error>>,
}

impl<T: Wipe> Drop for State<T> {
    fn drop(&mut self) {
        if let Some(Ok(response)) = self.result.take() {
            response.wipe();
        }
    }
}

impl<T: TryClone + Wipe + Send + 'static> Pending<T> {
    /// Prepares a call on a thread of `thread_pool`. `on_done` runs at most once, on that thread.
    pub(crate) fn new(
        thread_pool: &Arc<ThreadPool>,
        operation: &'static str,
        changes_state: bool,
        on_done: Option<OnDone<T>>,
        call: impl FnOnce(&Control) -> Result<T, Error> + Send + 'static,
    ) -> (Pending<T>, Starter) {
        let task = Arc::new(Task {
            operation,
            changes_state,
            cancel: CancelToken::new(),
            state: Mutex::new(State { on_done, running: false, notifying_thread: None, result: None }),
            changed: Condvar::new(),
        });
        let job = Box::new(QueuedCall { task: task.clone(), call });
        (Pending { task }, Starter { thread_pool: thread_pool.clone(), operation, job })
    }

    /// Waits for the result, at most for `timeout`. None if the call has not finished.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::bytes_then_hang(""));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use std::time::Duration;
    ///
    /// let pending = client.start_polled("get_usage", "{}")?;
    /// // The service has not answered yet:
    /// assert!(pending.wait(Some(Duration::ZERO)).is_none());
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn wait(&self, timeout: Option<Duration>) -> Option<Result<T, Error>> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let mut state = self.task.lock();
        loop {
            if let Some(result) = self.task.clone_result(&state) {
                return Some(result);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
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

    /// Ends the call with the code `cancelled`. Can be called from any thread.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::bytes_then_hang(""));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// use upscope::ErrorCode;
    ///
    /// let pending = client.start_polled("get_usage", "{}")?;
    /// pending.cancel();
    /// let error = pending.wait(None).expect("without a timeout, there is a result").unwrap_err();
    /// assert_eq!(error.code(), ErrorCode::Cancelled);
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn cancel(&self) {
        self.task.cancel.cancel();
        self.task.cancel_if_queued();
    }

    /// Cancels the call if no thread runs it yet. Returns whether it was cancelled.
    pub(crate) fn cancel_if_queued(&self) -> bool {
        self.task.cancel_if_queued()
    }

    /// Cancels the call if it still runs. After this function returns, the callback does not run any more, unless it made
    /// this call itself. Waits for a running callback, but never for the network.
    ///
    /// ```
    /// # use upscope_test_support::{Response, ScriptedServer};
    /// # let server = ScriptedServer::repeating(Response::json(200, r#"{"usage":{"visitors":{"online_now":3}}}"#));
    /// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
    /// # let client = upscope::Client::new(config)?;
    /// let pending = client.start("get_usage", "{}", |result| println!("{}", result.is_ok()))?;
    /// pending.close();
    /// // What the callback uses may be freed now.
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn close(self) {
        let task = self.task.clone();
        drop(self);
        let mut state = task.lock();
        while state.notifying_thread.is_some_and(|thread| thread != current_thread()) {
            state = task.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T: TryClone + Wipe + Send + 'static> Drop for Pending<T> {
    fn drop(&mut self) {
        let (on_done, response) = {
            let mut state = self.task.lock();
            (state.on_done.take(), state.result.take_if(|result| result.is_ok()))
        };
        self.task.cancel.cancel();
        // Wiped now, because the thread of the call may still hold the task.
        if let Some(Ok(response)) = response {
            response.wipe();
        }
        // Without the mutex: dropping what the callback holds may call back.
        drop(on_done);
    }
}

impl<T: TryClone + Wipe> Task<T> {
    /// Marks the call as running. False if it was cancelled before.
    fn begin(&self) -> bool {
        let mut state = self.lock();
        state.running = true;
        state.result.is_none()
    }

    fn cancel_if_queued(&self) -> bool {
        let mut state = self.lock();
        let is_queued = !state.running && state.result.is_none();
        if is_queued {
            let error = Error::new(ErrorCode::Cancelled, "The call was cancelled before it was sent.");
            state.result = Some(Err(error.in_operation(self.operation)));
            self.changed.notify_all();
        }
        is_queued
    }

    fn finish(&self, result: Result<T, Error>) {
        self.lock().result = Some(result);
        self.changed.notify_all();
        self.notify();
    }

    /// Passes the result to the callback, if there is one.
    fn notify(&self) {
        let mut state = self.lock();
        // Without a callback, the result is not copied: nothing would wipe the copy.
        let Some(on_done) = state.on_done.take() else { return };
        let Some(result) = self.clone_result(&state) else { return };
        state.notifying_thread = Some(current_thread());
        drop(state);
        // A panic in the caller's own code must not end the thread, which runs other calls.
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| on_done(result)));
        self.lock().notifying_thread = None;
        self.changed.notify_all();
        drop(outcome);
    }

    fn clone_result(&self, state: &State<T>) -> Option<Result<T, Error>> {
        state.result.as_ref().map(|result| match result {
            Ok(response) => response.try_clone().map_err(|_| memory::out_of_memory(self.operation, self.changes_state)),
            Err(error) => Err(error.clone()),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A unique number for the current thread. `std::thread::current` would allocate in every thread that uses it.
fn current_thread() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NUMBER: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}

impl<T: TryClone + Wipe + Send + 'static> std::fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("finished", &self.task.lock().result.is_some()).finish()
    }
}
