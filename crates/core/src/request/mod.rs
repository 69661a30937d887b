//! From a caller's JSON to a request that can be sent.

pub(crate) mod build;
pub(crate) mod suggest;
pub(crate) mod timestamp;
pub(crate) mod url;
pub(crate) mod validate;
