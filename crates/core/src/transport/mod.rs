//! The way to the service: one attempt of a call. HTTP/1.1 is in `crates/exchange`; deadlines, roots, the choice of a proxy
//! and the connections kept are here; what speaks to proxies is ureq's.
//!
//! Everything that waits here reads the [`attempt::Attempt`] of its thread.

use upscope_exchange::Exchange;
use ureq::http::HeaderMap;

use crate::config::Config;
use crate::error::Error;
use crate::request::build::Call;
use crate::support::redact;
use crate::support::secret::{Secret, WipedBytes};

pub(crate) mod attempt;
mod body;
mod connect;
pub(crate) mod error;
mod gzip;
mod pool;
mod proxy;
mod shortage;
mod template;
#[cfg(windows)]
mod windows;

use attempt::{Attempt, Phase};
use connect::tls;
use error::{ErrorKind, TransportError};
use gzip::{Decompressed, Encoding};
use pool::Connections;
use template::Template;

/// Body bytes read of an answer that is not 2xx: enough for an error text.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// Longest identifier that an error quotes, in characters.
const MAX_IDENTIFIER: usize = 64;

/// Longest path in a log line, in characters.
const MAX_PATH: usize = 300;

/// Longest id of an answer that an error carries, in characters.
const MAX_REQUEST_ID: usize = 128;

/// What it takes to send requests of one client.
pub(crate) struct HttpTransport {
    template: Template,
    max_response_bytes: usize,
    connections: Connections,
    /// Kept from every text.
    secrets: Vec<Secret>,
    info: ConnectionInfo,
}

/// The way to the service, for a person who wants to know why it is this one. Holds no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Where the service is.
    pub base_url: String,
    /// The proxy's scheme, host and port; None for a direct connection.
    pub proxy: Option<String>,
    /// Why that proxy, or none.
    pub proxy_reason: String,
    /// Where the root certificates come from.
    pub roots: String,
}

/// An answer of the service, read to its end.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: WipedBytes,
    /// What else it says, for the case that it is an error.
    pub(crate) headers: HeaderMap,
}

impl HttpTransport {
    pub(crate) fn new(config: &Config) -> Result<HttpTransport, Error> {
        config.check_numbers()?;
        let api_key = config.resolved_key()?;
        let base = config.resolved_base_url()?;
        let choice = proxy::choose(config.proxy.as_ref(), &base)?;
        let roots = tls::Roots::new(config.ca_file.as_deref())?;
        let info = ConnectionInfo {
            base_url: base.as_str().to_owned(),
            proxy: choice.proxy.as_ref().map(|proxy| {
                let scheme = proxy.uri().scheme_str().unwrap_or("http");
                format!("{scheme}://{}:{}", proxy.host(), proxy.port())
            }),
            proxy_reason: choice.reason,
            roots: roots.describe(),
        };
        let template = Template::new(base, &api_key, &config.resolved_user_agent()?)?;
        let mut secrets = vec![api_key];
        secrets.extend(choice.proxy.as_ref().map(proxy::password).unwrap_or_default());
        let connections = Connections::new(template.origin().clone(), choice.proxy, roots);
        Ok(HttpTransport { template, max_response_bytes: config.max_response_bytes, connections, secrets, info })
    }

    pub(crate) fn connection_info(&self) -> &ConnectionInfo {
        &self.info
    }

    /// Our own message without this client's secrets.
    pub(crate) fn hide(&self, error: Error) -> Error {
        let message = redact::message(error.message(), &self.secrets);
        error.with_message(message)
    }

    /// An identifier that a request holds, fit to be shown.
    pub(crate) fn identifier(&self, text: &str) -> String {
        redact::identifier(text, &self.secrets, MAX_IDENTIFIER)
    }

    /// The path that a call asks for, fit for a log: without the query, which holds names and e-mail addresses.
    pub(crate) fn path(&self, call: &Call) -> String {
        redact::identifier(call.target.path(), &self.secrets, MAX_PATH)
    }

    /// What the service calls the answer with these headers.
    pub(crate) fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let values = ["x-request-id", "request-id"].iter().filter_map(|name| headers.get(*name));
        let id = values.map(|value| String::from_utf8_lossy(value.as_bytes())).find(|id| !id.trim().is_empty())?;
        Some(redact::identifier(id.trim(), &self.secrets, MAX_REQUEST_ID))
    }

    /// Text of the service's, fit to be shown.
    pub(crate) fn clean(&self, text: &str) -> String {
        redact::text(text, &self.secrets)
    }

    /// Sends the call once and reads the answer.
    pub(crate) fn attempt(&self, call: &Call, attempt: &Attempt) -> Result<Response, TransportError> {
        attempt.within(|| self.send(call, attempt)).map_err(|failure| attempt.explain(failure))
    }

    fn send(&self, call: &Call, attempt: &Attempt) -> Result<Response, TransportError> {
        attempt.check()?;
        let request = self.template.request(call)?;
        let connections = self.connections.current();
        let mut connection = connections.get(attempt)?;
        let mut exchange = Exchange::new(&mut *connection);
        let head = exchange
            .send(&request, call.body.as_deref().unwrap_or_default())
            .and_then(|()| exchange.head())
            .map_err(|error| TransportError::of(error, attempt))?;
        attempt.enter(Phase::Reading);

        let status = head.status().as_u16();
        let is_success = (200..300).contains(&status);
        let limit = if is_success { self.max_response_bytes } else { MAX_ERROR_BODY };
        let (length, ends_with_connection) = (exchange.length(), exchange.ends_with_connection());
        let (bytes, end) = match Encoding::of(head.headers()) {
            Encoding::Identity => body::read(&mut exchange, limit, length, attempt),
            Encoding::Gzip => body::read(Decompressed::new(&mut exchange, ends_with_connection), limit, None, attempt),
            Encoding::Unknown(name) => {
                let (bytes, end) = body::read(&mut exchange, limit, length, attempt);
                let is_unknown = !bytes.is_empty();
                (bytes, end.and_then(|()| if is_unknown { Err(self.unknown_encoding(&name)) } else { Ok(()) }))
            }
        };
        if exchange.is_reusable() {
            connections.keep(connection);
        }
        let headers = head.into_parts().0.headers;
        match end {
            Err(failure) if is_success => Err(failure.with_status(status).with_request_id(self.request_id(&headers))),
            // The status is the news; a body that breaks off adds nothing to it.
            _ => Ok(Response { status, body: bytes, headers }),
        }
    }

    fn unknown_encoding(&self, name: &str) -> TransportError {
        const MAX_NAME: usize = 40;
        let name: String = self.clean(name).chars().take(MAX_NAME).collect();
        TransportError::new(ErrorKind::Protocol, format!("is encoded as {name:?}, and this library reads only gzip"))
    }
}
