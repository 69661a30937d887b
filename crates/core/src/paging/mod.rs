//! Iterates over the pages of the session list.

pub(crate) mod cursor;
pub(crate) mod fair_lock;
pub(crate) mod pages;
pub(crate) mod prefetch;
