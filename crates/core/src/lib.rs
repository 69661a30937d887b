//! Client for the Upscope co-browsing REST API: find visitors, create watch links, stop sessions, list session history,
//! look up agents, authorize on-premise sessions.
//!
//! ```
//! # use upscope_test_support::{Response, ScriptedServer};
//! # let server = ScriptedServer::repeating(Response::json(200, r#"{"visitors":[{"short_id":"1234"}]}"#));
//! use upscope::operations::ListVisitors;
//! use upscope::{Client, Config};
//!
//! let config = Config::new().api_key("secret"); // default: the environment variable UPSCOPE_API_KEY
//! # let config = config.base_url(server.base_url()).proxy("");
//! let client = Client::new(config)?;
//! for visitor in client.list_visitors(&ListVisitors::new().search("ann").max_results(5u32))? {
//!     println!("{}", visitor.short_id.as_deref().unwrap_or("(no id)"));
//! }
//! # Ok::<(), upscope::Error>(())
//! ```
//!
//! Calls block and return before their deadline. Any number of threads can share a [`Client`]. The service may add fields
//! to responses at any time: unknown ones are kept in `extra`.
//!
//! This crate is also the core of the C library and the Python package of the same name.
//!
//! # Contents
//!
//! - [Requests and responses](#requests-and-responses)
//! - [Errors](#errors)
//! - [Deadlines and retries](#deadlines-and-retries)
//! - [Cancelling a call](#cancelling-a-call)
//! - [Calls that do not block](#calls-that-do-not-block)
//! - [Pages of sessions](#pages-of-sessions)
//! - [Webhooks](#webhooks)
//! - [JSON in, JSON out](#json-in-json-out)
//! - [Proxies and certificates](#proxies-and-certificates)
//! - [Logging and secrets](#logging-and-secrets)
//! - [Tests of your own code](#tests-of-your-own-code)
//!
//! # Requests and responses
//!
//! Each operation has a method of [`Client`], a request type in [`operations`] and a response type in [`model`]. `new` of a
//! request takes the required keys, and its other methods set the optional ones. Every attribute of a response is an
//! [`Option`], because the service requires none.
//!
//! # Errors
//!
//! Every call returns [`Error`]. Its [`code`](Error::code) says what went wrong, its [`message`](Error::message) what to
//! do, and [`is_retryable`](Error::is_retryable) whether the same call may succeed later.
//!
//! # Deadlines and retries
//!
//! [`Config::timeout`] limits a whole call, including name lookup, retries and the delays between them.
//! [`CallOptions`] changes it for one call. A request is repeated only if that is harmless: `GET` and `DELETE` after a
//! lost connection or a status such as 503, and others only if they did not reach the service, or after status 429. After
//! a failed call that changes something, [`Error::may_have_applied`] says whether its outcome is unknown.
//!
//! # Cancelling a call
//!
//! [`CancelToken`] cancels a call from another thread. [`Control`] passes it to [`Client::send_with`] and
//! [`Client::call_with`].
//!
//! # Calls that do not block
//!
//! [`Client::start`] makes a call on a thread of the client and passes the result to a callback.
//! [`Client::start_polled`] returns a [`Pending`] to ask for the result. In async code, use the callback to complete a
//! channel of your runtime, or call blocking methods within its `spawn_blocking`.
//!
//! # Pages of sessions
//!
//! [`Client::sessions`] iterates over all sessions and fetches pages as needed. [`Client::session_pages`] returns the
//! pages as JSON.
//!
//! # Webhooks
//!
//! [`parse_webhook`] reads the body that the service sends when a session ends.
//!
//! # JSON in, JSON out
//!
//! [`Client::call`] takes and returns JSON text, as the C library does. [`operation::operations_json`] has the JSON
//! Schemas of all requests and responses. [`Client::request`] sends requests that this library does not know yet.
//!
//! # Proxies and certificates
//!
//! The proxy comes from [`Config::proxy`] or the environment. The root certificates are those of the operating system, and
//! [`Config::ca_file`] adds others. [`Client::connection_info`] says what is in effect, and why.
//!
//! # Logging and secrets
//!
//! [`log::set_logger`] receives a line per attempt. No log line, error or `Debug` form contains the API key, a proxy
//! password, a watch link or a token. A [`Secret`] is erased from memory when it is dropped.
//!
//! # Tests of your own code
//!
//! The program `upscope-sandbox` of this library's repository is a local service with all operations: pass its `base_url`
//! and `api_key` to [`Config`]. Responses implement [`Default`], and their attributes are public.

#![deny(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

/// Compiles the Rust examples in the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod background;
mod call;
#[doc(hidden)]
pub mod catalog;
mod client;
mod client_operations;
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
pub use call::context::{CallContext, EndedAttempt};
#[doc(hidden)]
pub use call::retry;
pub use catalog::options::CallOptions;
pub use catalog::{model, operations, parameter};
pub use client::Client;
pub use config::{Config, DEFAULT_BASE_URL};
pub use error::{Error, ErrorCode};
pub use paging::pages::{Pages, Sessions};
pub use request::validate::{MAX_DEPTH, MAX_REQUEST_BYTES};
pub use support::cancel::{CancelToken, Control};
pub use support::log;
#[doc(hidden)]
pub use support::memory::TryClone;
#[doc(hidden)]
pub use support::panic::catch_panic;
pub use support::secret::Secret;
#[doc(hidden)]
pub use support::suggest::suggest;
#[doc(hidden)]
pub use support::timestamp::Timestamp;
pub use transport::ConnectionInfo;
#[doc(hidden)]
pub use transport::headers::{ExtraHeaders, RequestHeaders};
pub use webhook::{parse_webhook, parse_webhook_json};

/// The definitions of the operations.
///
/// ```
/// use upscope::operation::find;
///
/// assert_eq!(find("get_usage").map(|definition| definition.path), Some("/usage"));
/// ```
pub mod operation {
    pub use crate::catalog::operation::{Definition, ExpectedShape, Operation};
    pub use crate::catalog::registry::{find, name_of, operations_json};
}
