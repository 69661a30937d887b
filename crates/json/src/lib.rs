//! Looks into JSON text without building a tree of it: where a member is, what kind of value, how deep it all is.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod depth;
pub mod member;
