//! Windows-specific code: waiting for sockets, verifying certificates, reading the proxy settings.

pub(crate) mod poll;
pub(crate) mod proxy;
pub(crate) mod verifier;
