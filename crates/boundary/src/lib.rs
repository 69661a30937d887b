//! The C ABI. It checks pointers and text, catches panics and converts types; everything else is in the core.
//!
//! `build.rs` turns the documentation of the items in this crate into `include/upscope.h`.

#![allow(non_camel_case_types)]
// The header states the safety rules for C programmers: each pointer is NULL or valid.
#![allow(clippy::missing_safety_doc)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

mod call;
mod client;
#[cfg(test)]
mod every_operation;
mod ffi_guard;
mod json;
mod log;
mod operations;
#[cfg(test)]
mod panic_tests;
#[cfg(windows)]
mod pin_module;
mod session_pages;
mod started_calls;
mod status;
#[cfg(any(windows, test))]
mod stdcall_utf16;
mod strings;
mod version;
mod webhook;

pub use call::*;
pub use client::*;
pub use json::*;
pub use log::*;
pub use operations::*;
pub use session_pages::*;
pub use started_calls::*;
pub use status::*;
pub use strings::*;
pub use version::*;
pub use webhook::*;
