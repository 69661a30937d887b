//! A call with its retries, from the first attempt to the response or the final error.

pub(crate) mod classify;
pub(crate) mod context;
pub(crate) mod response;
pub mod retry;
pub(crate) mod run;
