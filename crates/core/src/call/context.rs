//! What a language binding adds to a call: headers, and an observer of its attempts. C has neither.
//!
//! The code that reads an attempt or adds headers is called only by implementations of [`CallContext`]. The linker
//! therefore leaves it out of the C library.

use std::sync::Arc;
use std::time::Duration;

use crate::call::classify::FailedAttempt;
use crate::error::Error;
use crate::request::build::Call;
use crate::transport::HttpTransport;
use crate::transport::headers::RequestHeaders;

/// What a language binding adds to a call.
pub trait CallContext: Send + Sync {
    /// Adds headers to the request of an attempt.
    fn add_headers(&self, headers: RequestHeaders<'_>);

    /// Called on the thread that runs the call, before its first attempt.
    fn enter(self: Arc<Self>) {}

    /// Called on the same thread, after its last attempt.
    fn leave(&self) {}

    /// Called on the same thread, before the hook of the log gets a line about this attempt.
    fn before_line(&self, _attempt: &EndedAttempt<'_>) {}

    /// Called on the same thread, after each attempt.
    fn attempt_ended(&self, attempt: &EndedAttempt<'_>);
}

/// An attempt that has ended.
pub struct EndedAttempt<'a> {
    pub(crate) call: &'a Call,
    pub(crate) transport: &'a HttpTransport,
    pub(crate) failed: Option<&'a FailedAttempt>,
    /// The status of the response; None if none arrived.
    pub http_status: Option<u16>,
    /// How long the attempt took.
    pub duration: Duration,
    /// The number of the attempt: 1 for the first.
    pub number: u32,
}

impl EndedAttempt<'_> {
    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.call.method.as_str()
    }

    /// The path as in the log, without the query.
    pub fn path(&self) -> String {
        self.transport.path(self.call)
    }

    /// Why the attempt failed. None before a line of the log.
    pub fn error(&self) -> Option<Error> {
        self.failed.map(|failed| failed.clone().into_error(self.call, self.number, failed.may_have_applied))
    }
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
