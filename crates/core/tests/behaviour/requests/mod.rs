//! What the client sends.

mod http;
mod typed;
