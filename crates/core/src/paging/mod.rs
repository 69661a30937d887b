//! All pages of the session list, in order.

pub(crate) mod cursor;
pub(crate) mod fair_lock;
pub(crate) mod pages;
pub(crate) mod prefetch;
