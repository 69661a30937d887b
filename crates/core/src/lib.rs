//! Client for the Upscope co-browsing REST API: find visitors, make watch links, stop sessions, list their history,
//! look up agents, authorize on-premise sessions.
//!
//! Calls block and end within their deadline. A [`Client`] is shared by any number of threads. Answers may gain
//! fields at any time: what is not known here is kept in `extra`.
//!
//! This crate is also the core of the C library and the Python package of the same name.

#![deny(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

/// The README's Rust, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod background;
mod call;
#[doc(hidden)]
pub mod catalog;
mod client;
mod config;
mod engine;
mod error;
#[doc(hidden)]
pub mod fuzzing;
pub mod json;
mod paging;
mod request;
mod support;
mod transport;
mod webhook;

pub use background::call_handle::{OnDone, Pending, Starter};
#[doc(hidden)]
pub use call::retry;
pub use catalog::options::CallOptions;
pub use catalog::{model, operation, operations, parameter};
pub use client::Client;
pub use config::{Config, DEFAULT_BASE_URL};
pub use error::{Error, ErrorCode};
pub use paging::pages::{Pages, Sessions};
#[doc(hidden)]
pub use request::timestamp::Timestamp;
pub use request::validate::{MAX_DEPTH, MAX_REQUEST_BYTES};
pub use support::cancel::{CancelToken, Control};
pub use support::log;
#[doc(hidden)]
pub use support::memory::TryClone;
#[doc(hidden)]
pub use support::panic::catch_panic;
pub use support::secret::Secret;
pub use transport::ConnectionInfo;
pub use webhook::{parse_webhook, parse_webhook_json};
