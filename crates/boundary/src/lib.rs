//! The C ABI: casts, null checks and the panic wall, and nothing else. What the functions do is the core's.
//!
//! The documentation of the items here becomes `include/upscope.h`.

#![allow(non_camel_case_types)]
// What a caller must keep to is in the header's own words, for C programmers: pointers are NULL or valid.
#![allow(clippy::missing_safety_doc)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

mod about;
mod call;
mod client;
#[cfg(test)]
mod every_export;
#[cfg(test)]
mod every_operation;
mod log;
mod operations;
mod pending;
#[cfg(windows)]
mod resident;
mod sessions;
mod status;
mod strings;
mod wall;
mod webhook;
#[cfg(any(windows, test))]
mod wide;

pub use about::*;
pub use call::*;
pub use client::*;
pub use log::*;
pub use operations::*;
pub use pending::*;
pub use sessions::*;
pub use status::*;
pub use strings::*;
pub use webhook::*;
