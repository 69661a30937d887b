//! Reads JSON text without building a tree: the type of a value, the member of an object, the value at a JSON pointer,
//! the depth of the nesting.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod array;
pub mod depth;
pub mod member;
pub mod pointer;
pub mod value;
