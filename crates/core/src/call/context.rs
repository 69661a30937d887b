//! What a language binding adds to a call: headers, and an observer of its attempts. C has neither.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::transport::headers::ExtraHeaders;

/// What a language binding adds to a call.
pub trait CallContext: Send + Sync {
    /// Headers to send with each attempt.
    fn headers(&self) -> Option<&ExtraHeaders> {
        None
    }

    /// Called on the thread that runs the call, before its first attempt.
    fn enter(self: Arc<Self>) {}

    /// Called on the same thread, after its last attempt.
    fn leave(&self) {}

    /// Called on the same thread, after each attempt.
    fn attempt_ended(&self, attempt: &AttemptReport);
}

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct AttemptReport {
    /// The HTTP method.
    pub method: String,
    /// The path as in the log, without the query.
    pub path: String,
    /// The status of the response; None if none arrived.
    pub http_status: Option<u16>,
    /// How long the attempt took.
    pub duration: Duration,
    /// The number of the attempt: 1 for the first.
    pub attempt: u32,
    /// Why the attempt failed. Always None in reports for log lines.
    pub error: Option<Error>,
}

/// Calls [`CallContext::leave`] when it is dropped.
pub(crate) struct Entered<'a>(&'a dyn CallContext);

impl<'a> Entered<'a> {
    pub(crate) fn new(context: &'a Arc<dyn CallContext>) -> Entered<'a> {
        context.clone().enter();
        Entered(&**context)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
