//! Fetches the next page in the background, before the caller asks for it.

use std::process;
use std::sync::Arc;
use std::time::Instant;

use crate::background::call_handle::Pending;
use crate::engine::Engine;
use crate::error::Error;
use crate::request::build::Call;
use crate::support::call_control::CallControl;
use crate::support::cancel::CANCEL_POLL_INTERVAL;

/// A call for the next page on a thread of the client. Dropping it cancels the call.
pub(crate) struct Prefetch {
    /// None after it was left to the parent process.
    pending: Option<Pending<String>>,
    process: u32,
}

impl Prefetch {
    /// None if no thread can be started. The page is then fetched when the caller asks for it.
    pub(crate) fn start(engine: &Engine, call: Arc<Call>) -> Option<Prefetch> {
        let (started, call_engine) = (Instant::now(), engine.clone());
        let (pending, starter) =
            Pending::new(engine.thread_pool(), call.definition.name, false, None, move |control| {
                call_engine.execute_call(&call, &call_engine.call_control(control), started)
            });
        starter.start().ok()?;
        Some(Prefetch { pending: Some(pending), process: process::id() })
    }

    /// Waits for the page. Returns Ok(None) if the caller has to fetch it, and Err(self) if `control` ended the wait.
    pub(crate) fn collect(self, control: &CallControl) -> Result<Option<Result<String, Error>>, Prefetch> {
        // In a forked child, the thread is missing. If the call is still queued, it is unknown when it would start.
        let pending = match &self.pending {
            Some(pending) if self.process == process::id() && !pending.cancel_if_queued() => pending,
            _ => return Ok(None),
        };
        loop {
            if let Some(result) = pending.wait(Some(CANCEL_POLL_INTERVAL)) {
                return Ok(Some(result));
            }
            if control.should_stop() {
                return Err(self);
            }
        }
    }
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        if self.process != process::id() {
            // Its mutex may have been locked during the fork.
            std::mem::forget(self.pending.take());
        }
    }
}
