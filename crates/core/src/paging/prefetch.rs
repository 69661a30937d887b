//! A page that is fetched before it is asked for.

use std::process;
use std::sync::Arc;
use std::time::Instant;

use crate::background::call_handle::Pending;
use crate::engine::Engine;
use crate::error::Error;
use crate::request::build::Call;
use crate::support::cancel::{CANCEL_POLL_INTERVAL, Control};

/// A call on a thread of the client's. Dropping it cancels it.
pub(crate) struct Prefetch {
    /// None once it is given up to another process.
    pending: Option<Pending<String>>,
    process: u32,
}

impl Prefetch {
    /// None when it cannot be started: it is then made when it is asked for.
    pub(crate) fn start(engine: &Engine, call: Arc<Call>) -> Option<Prefetch> {
        let began = Instant::now();
        let (pending, starter) = Pending::new(engine, call.definition.name, false, None, move |engine, control| {
            engine.execute_call(&call, control, began)
        });
        starter.start().ok()?;
        Some(Prefetch { pending: Some(pending), process: process::id() })
    }

    /// Waits for the page. Ok(None): it is better fetched by who asks. Err: `control` ended the wait.
    pub(crate) fn collect(self, control: &Control) -> Result<Option<Result<String, Error>>, Prefetch> {
        // The thread that fetches it stayed with the parent of a forked child; one that has not begun may begin late.
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
            // Its lock may have been held at the fork.
            std::mem::forget(self.pending.take());
        }
    }
}
