//! From the JSON of a caller to a request that can be sent.

pub(crate) mod build;
pub(crate) mod fields;
pub(crate) mod url;
pub(crate) mod validate;
