//! A call with its retries: one attempt after another until there is an answer, a final failure, or the deadline.

pub(crate) mod classify;
pub(crate) mod response;
pub mod retry;
pub(crate) mod run;
