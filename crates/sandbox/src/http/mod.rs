//! HTTP: the parts of requests and responses that hyper does not provide.

pub(crate) mod body_stream;
pub(crate) mod connection;
pub(crate) mod date_header;
mod headers;
pub(crate) mod host_port;
pub(crate) mod json_body;
pub(crate) mod long_poll;
pub(crate) mod request_target;
pub(crate) mod response;
mod target_scanner;

pub(crate) use headers::header_text;
