//! Sends a request once and reads the response.
//!
//! This module has the deadlines, root certificates, proxy selection and connection pool. `crates/http1` implements
//! HTTP/1.1, and ureq the proxy protocols. All waits obey the current [`attempt::Attempt`] of the thread.

use std::rc::Rc;

use upscope_http1::Exchange;
use ureq::http::HeaderMap;

use crate::catalog::parameter::json_string;
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
pub(crate) mod headers;
mod map_error;
mod pool;
mod proxy;
mod shortage;
mod template;
#[cfg(windows)]
mod windows;

use attempt::Attempt;
use body::read_body;
use connect::tls;
use error::{ErrorKind, TransportError};
use gzip::{ContentEncoding, GzipReader};
use map_error::map_error;
use pool::ConnectionPool;
use template::RequestTemplate;

/// Maximum number of body bytes read from a response that is not 2xx: enough for an error message.
const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;

/// Maximum length of an identifier in an error message, in characters.
const MAX_IDENTIFIER: usize = 64;

/// Maximum length of a path in a log line, in characters.
const MAX_PATH: usize = 300;

/// Maximum length of the request id in an error, in characters.
const MAX_REQUEST_ID: usize = 128;

/// Sends the requests of one client.
pub(crate) struct HttpTransport {
    template: RequestTemplate,
    max_response_bytes: usize,
    pool: ConnectionPool,
    /// Removed from all texts.
    secrets: Vec<Secret>,
    info: ConnectionInfo,
}

/// How a client reaches the service, and why. Contains no secrets.
///
/// ```
/// use upscope::{Client, Config};
///
/// let client = Client::new(Config::new().api_key("secret").proxy("http://user:password@proxy.example:3128"))?;
/// assert_eq!(client.connection_info().proxy.as_deref(), Some("http://proxy.example:3128"));
/// # Ok::<(), upscope::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// The base URL of the service.
    pub base_url: String,
    /// Scheme, host and port of the proxy; None for a direct connection.
    pub proxy: Option<String>,
    /// Why this proxy, or none, is used.
    pub proxy_reason: String,
    /// The source of the root certificates.
    pub roots: String,
}

impl ConnectionInfo {
    pub(crate) fn to_json(&self) -> String {
        let members = [
            ("{\"base_url\":", Some(&self.base_url)),
            (",\"proxy\":", self.proxy.as_ref()),
            (",\"proxy_reason\":", Some(&self.proxy_reason)),
            (",\"roots\":", Some(&self.roots)),
        ];
        let mut json = String::new();
        for (name, value) in members {
            json += name;
            json += &value.map_or_else(|| "null".to_owned(), |value| json_string(value));
        }
        json + "}"
    }
}

/// A response, read to its end.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: WipedBytes,
    pub(crate) headers: HeaderMap,
}

impl HttpTransport {
    pub(crate) fn new(config: &Config) -> Result<HttpTransport, Error> {
        config.check_numbers()?;
        let api_key = config.resolved_key()?;
        let base = config.resolved_base_url()?;
        let selection = proxy::select(config.proxy.as_ref(), &base)?;
        let mut secrets = vec![api_key.clone()];
        secrets.extend(selection.proxy.as_ref().map(proxy::passwords).unwrap_or_default());
        let roots = tls::Roots::new(config.ca_file.as_deref(), &secrets)?;
        let info = ConnectionInfo {
            base_url: redact::message(base.as_str(), &secrets),
            proxy: selection.proxy.as_ref().map(|proxy| {
                let scheme = proxy.uri().scheme_str().unwrap_or("http");
                format!("{scheme}://{}:{}", proxy.host(), proxy.port())
            }),
            proxy_reason: selection.reason,
            roots: redact::message(&roots.describe(), &secrets),
        };
        let template = RequestTemplate::new(base, &api_key, &config.resolved_user_agent()?)?;
        let pool = ConnectionPool::new(template.origin().clone(), selection.proxy, roots);
        Ok(HttpTransport { template, max_response_bytes: config.max_response_bytes, pool, secrets, info })
    }

    pub(crate) fn connection_info(&self) -> &ConnectionInfo {
        &self.info
    }

    /// Ends all connections of the current process.
    pub(crate) fn close(&self) {
        self.pool.close();
    }

    /// Removes this client's secrets from the message of an error.
    pub(crate) fn hide(&self, error: Error) -> Error {
        let message = redact::message(error.message(), &self.secrets);
        error.with_message(message)
    }

    /// Cleans an identifier from a request for display.
    pub(crate) fn identifier(&self, text: &str) -> String {
        redact::identifier(text, &self.secrets, MAX_IDENTIFIER)
    }

    /// The path of a call for the log. Without the query, which can contain names and e-mail addresses.
    pub(crate) fn path(&self, call: &Call) -> String {
        redact::identifier(call.target.path(), &self.secrets, MAX_PATH)
    }

    /// The service's id for the response.
    pub(crate) fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let values = ["x-request-id", "request-id"].iter().filter_map(|name| headers.get(*name));
        let id = values.map(|value| String::from_utf8_lossy(value.as_bytes())).find(|id| !id.trim().is_empty())?;
        Some(redact::identifier(id.trim(), &self.secrets, MAX_REQUEST_ID))
    }

    /// Cleans text from the service for display.
    pub(crate) fn clean(&self, text: &str) -> String {
        redact::text(text, &self.secrets)
    }

    /// Sends the request once and reads the response.
    pub(crate) fn send(&self, call: &Call, attempt: &Rc<Attempt>) -> Result<Response, TransportError> {
        attempt.scope(|| self.round_trip(call, attempt)).map_err(|error| attempt.add_context(error))
    }

    fn round_trip(&self, call: &Call, attempt: &Attempt) -> Result<Response, TransportError> {
        attempt.time_left()?;
        let request = self.template.request(call)?;
        let pool = self.pool.for_this_process();
        let mut connection = pool.acquire(attempt)?;
        let mut exchange = Exchange::new(&mut *connection);
        let head = exchange
            .send(&request, call.body.as_deref().unwrap_or_default())
            .and_then(|()| exchange.read_head())
            .map_err(|error| map_error(error, attempt))?;
        attempt.on_head_received();

        let status = head.status().as_u16();
        let is_success = (200..300).contains(&status);
        let limit = if is_success { self.max_response_bytes } else { MAX_ERROR_BODY_BYTES };
        let (length, is_close_delimited) = (exchange.content_length(), exchange.is_close_delimited());
        let (body, result) = match ContentEncoding::from_headers(head.headers()) {
            ContentEncoding::Identity => read_body(&mut exchange, limit, length, attempt),
            ContentEncoding::Gzip => {
                read_body(GzipReader::new(&mut exchange, is_close_delimited), limit, None, attempt)
            }
            ContentEncoding::Unknown(name) => {
                let (body, result) = read_body(&mut exchange, limit, length, attempt);
                let is_empty = body.is_empty();
                (body, result.and_then(|()| if is_empty { Ok(()) } else { Err(self.unknown_encoding(&name)) }))
            }
        };
        if exchange.is_reusable() {
            pool.release(connection);
        }
        let headers = head.into_parts().0.headers;
        match result {
            Err(error) if is_success => Err(error.with_status(status).with_request_id(self.request_id(&headers))),
            // For an error status, an incomplete body does not matter.
            _ => Ok(Response { status, body, headers }),
        }
    }

    fn unknown_encoding(&self, name: &str) -> TransportError {
        const MAX_NAME: usize = 40;
        let name: String = self.clean(name).chars().take(MAX_NAME).collect();
        TransportError::new(ErrorKind::Protocol, format!("is encoded as {name:?}, and this library reads only gzip"))
    }
}
