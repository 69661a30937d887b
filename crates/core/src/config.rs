//! The settings of a client: their keys, defaults, environment variables and checks.

use std::path::PathBuf;
use std::time::Duration;

use upscope_json::value::text_or_number;

use crate::catalog::options::{MAX_RETRIES, MAX_TIMEOUT_MS};
use crate::catalog::parameter::{Kind, Parameter, Place};
use crate::error::Error;
use crate::request::url::BaseUrl;
use crate::request::validate::{self, CheckedValue, Members};
use crate::support::redact;
use crate::support::secret::Secret;

/// Where the service is when neither `base_url` nor `UPSCOPE_BASE_URL` says otherwise.
pub const DEFAULT_BASE_URL: &str = "https://api.upscope.io/v1.3";

/// Largest answer accepted unless `max_response_bytes` says otherwise.
const DEFAULT_MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

/// Settings of a [`Client`](crate::Client), checked when the client is made.
#[derive(Clone, Debug)]
#[must_use]
pub struct Config {
    pub(crate) api_key: Option<Secret>,
    pub(crate) base_url: Option<String>,
    pub(crate) allow_http: bool,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    /// None: as the environment says. Empty: none.
    pub(crate) proxy: Option<Secret>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) user_agent: Option<String>,
    pub(crate) max_response_bytes: usize,
    pub(crate) ascii_json: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            api_key: None,
            base_url: None,
            allow_http: false,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_retries: 2,
            proxy: None,
            ca_file: None,
            user_agent: None,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            ascii_json: false,
        }
    }
}

/// The keys of a configuration in JSON.
static KEYS: &[Parameter] = &[
    key("api_key", Kind::NonEmptyText, "The secret REST API key. Default: the environment variable `UPSCOPE_API_KEY`."),
    key(
        "base_url",
        Kind::NonEmptyText,
        "Where the service is, a path prefix included. Default: the environment variable `UPSCOPE_BASE_URL`, else `https://api.upscope.io/v1.3`.",
    ),
    key(
        "allow_http",
        Kind::Boolean,
        "Whether plain http is allowed to other hosts than this computer. Default: false.",
    ),
    key(
        "timeout_ms",
        Kind::Integer { min: 1, max: MAX_TIMEOUT_MS },
        "The whole call in milliseconds: DNS, connection, every attempt, waits between them. Default: 30000.",
    ),
    key(
        "connect_timeout_ms",
        Kind::Integer { min: 1, max: MAX_TIMEOUT_MS },
        "One connection in milliseconds, proxy and TLS included. Default: 10000.",
    ),
    key(
        "max_retries",
        Kind::Integer { min: 0, max: MAX_RETRIES },
        "How often a failed attempt may be repeated. Default: 2.",
    ),
    key(
        "proxy",
        Kind::Text,
        "The proxy's URL (http, https, socks5, socks5h), or an empty string for none. Default: the environment variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; on Windows, else the system's settings.",
    ),
    key("ca_file", Kind::NonEmptyText, "A PEM file of root certificates, added to the operating system's."),
    key("user_agent", Kind::NonEmptyText, "The program's name and version, put in front of this library's."),
    key(
        "max_response_bytes",
        Kind::Integer { min: 1, max: i32::MAX as u64 },
        "The largest answer accepted, after decompression. Default: 67108864.",
    ),
    key(
        "ascii_json",
        Kind::Boolean,
        "Whether characters outside ASCII are written as `\\uXXXX` in JSON that is handed out. Default: false.",
    ),
];

const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Parameter {
    Parameter { name, doc, required: false, place: Place::Member, kind }
}

impl Config {
    /// The keys of a configuration in JSON, with what they mean.
    pub fn keys() -> &'static [Parameter] {
        KEYS
    }

    /// The defaults: the API key and the base URL come from the environment.
    pub fn new() -> Config {
        Config::default()
    }

    /// Reads a configuration from a JSON object with the keys of the C ABI.
    pub fn from_json(text: &str) -> Result<Config, Error> {
        const WHAT: &str = "the configuration";
        let members = validate::split(text, WHAT)?;
        let secrets = secrets_of(&members);
        let mut config = Config::default();
        let given = validate::check(members, &[KEYS], None, WHAT).map_err(|error| {
            let message = redact::message(error.message(), &secrets);
            error.with_message(message)
        })?;
        for given in given {
            let value = given.value;
            match given.parameter.name {
                "api_key" => config.api_key = Some(Secret::new(text_of(value))),
                "base_url" => config.base_url = Some(text_of(value)),
                "allow_http" => config.allow_http = flag(&value),
                "timeout_ms" => config.timeout = Duration::from_millis(number(&value)),
                "connect_timeout_ms" => config.connect_timeout = Duration::from_millis(number(&value)),
                "max_retries" => config.max_retries = number(&value) as u32,
                "proxy" => config.proxy = Some(Secret::new(text_of(value))),
                "ca_file" => config.ca_file = Some(PathBuf::from(text_of(value))),
                "user_agent" => config.user_agent = Some(text_of(value)),
                "max_response_bytes" => config.max_response_bytes = number(&value) as usize,
                "ascii_json" => config.ascii_json = flag(&value),
                other => return Err(Error::internal(format!("The configuration key {other} has no setting."))),
            }
        }
        Ok(config)
    }

    /// The secret REST API key.
    pub fn api_key(mut self, key: impl Into<String>) -> Config {
        self.api_key = Some(Secret::new(key));
        self
    }

    /// Where the service is; may carry a path prefix.
    pub fn base_url(mut self, url: impl Into<String>) -> Config {
        self.base_url = Some(url.into());
        self
    }

    /// Allows plain http to other hosts than this computer.
    pub fn allow_http(mut self, allow: bool) -> Config {
        self.allow_http = allow;
        self
    }

    /// The whole call's time: name look-up, connection, every attempt and the waits between them.
    pub fn timeout(mut self, timeout: Duration) -> Config {
        self.timeout = timeout;
        self
    }

    /// The time for one connection, TLS and proxy included.
    pub fn connect_timeout(mut self, timeout: Duration) -> Config {
        self.connect_timeout = timeout;
        self
    }

    /// How often a failed attempt may be repeated.
    pub fn max_retries(mut self, retries: u32) -> Config {
        self.max_retries = retries;
        self
    }

    /// The proxy's URL, or an empty string for none; as the environment says when not set.
    pub fn proxy(mut self, url: impl Into<String>) -> Config {
        self.proxy = Some(Secret::new(url));
        self
    }

    /// A PEM file of root certificates to trust besides the operating system's.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Config {
        self.ca_file = Some(path.into());
        self
    }

    /// The program's name and version, put in front of this library's.
    pub fn user_agent(mut self, name: impl Into<String>) -> Config {
        self.user_agent = Some(name.into());
        self
    }

    /// The largest answer accepted, after decompression.
    pub fn max_response_bytes(mut self, bytes: usize) -> Config {
        self.max_response_bytes = bytes;
        self
    }

    /// Whether the JSON handed out by [`Client::call`](crate::Client::call) is ASCII alone.
    pub fn ascii_json(mut self, ascii: bool) -> Config {
        self.ascii_json = ascii;
        self
    }

    /// The key, from the configuration or the environment.
    pub(crate) fn resolved_key(&self) -> Result<Secret, Error> {
        let key = match &self.api_key {
            Some(key) => key.clone(),
            None => from_environment("UPSCOPE_API_KEY")?.map(Secret::new).ok_or_else(|| {
                Error::invalid_argument(
                    "api_key is missing: give it in the configuration or in the environment variable UPSCOPE_API_KEY.",
                )
            })?,
        };
        let text = key.expose();
        let refuse = |why: &str| {
            Err(Error::invalid_argument(format!(
                "api_key {why}: give the key exactly as the Upscope dashboard shows it."
            )))
        };
        if text.is_empty() {
            return refuse("is empty");
        }
        if text.contains(char::is_control) {
            return refuse("holds a control character, such as a line end");
        }
        if text.trim() != text {
            return refuse("has space around it");
        }
        if !text.is_ascii() {
            return refuse("holds a character outside ASCII");
        }
        Ok(key)
    }

    /// The base URL, from the configuration, the environment or the default.
    pub(crate) fn resolved_base_url(&self) -> Result<BaseUrl, Error> {
        let text = match &self.base_url {
            Some(text) => text.clone(),
            None => from_environment("UPSCOPE_BASE_URL")?.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
        };
        BaseUrl::parse(&text, self.allow_http)
    }

    /// The `User-Agent` header.
    pub(crate) fn resolved_user_agent(&self) -> Result<String, Error> {
        let ours = concat!("libupscope/", env!("CARGO_PKG_VERSION"));
        match &self.user_agent {
            None => Ok(ours.to_owned()),
            Some(theirs) if theirs.bytes().all(|b| (b' '..0x7f).contains(&b)) => Ok(format!("{theirs} {ours}")),
            Some(_) => Err(Error::invalid_argument(
                "user_agent holds a control character or one outside ASCII, which a header cannot carry.",
            )),
        }
    }

    /// Checks what the builder takes without a check.
    pub(crate) fn check_numbers(&self) -> Result<(), Error> {
        let longest = Duration::from_millis(MAX_TIMEOUT_MS);
        for (name, time) in [("timeout_ms", self.timeout), ("connect_timeout_ms", self.connect_timeout)] {
            if time.is_zero() || time > longest {
                return Err(Error::invalid_argument(format!(
                    "{name} must be from 1 to {MAX_TIMEOUT_MS}, but is {}.",
                    time.as_millis()
                )));
            }
        }
        if u64::from(self.max_retries) > MAX_RETRIES {
            return Err(Error::invalid_argument(format!(
                "max_retries must be from 0 to {MAX_RETRIES}, but is {}.",
                self.max_retries
            )));
        }
        if self.max_response_bytes == 0 {
            return Err(Error::invalid_argument("max_response_bytes must be at least 1."));
        }
        Ok(())
    }
}

/// What a message about these members must not quote, should it stand in another place as well.
fn secrets_of(members: &Members) -> Vec<Secret> {
    let secrets = members.iter().filter(|(name, _)| name == "api_key" || name == "proxy");
    secrets.filter_map(|(_, value)| text_or_number(value).map(Secret::new)).collect()
}

/// An environment variable; empty counts as not set.
fn from_environment(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::invalid_argument(format!("The environment variable {name} is not valid Unicode.")))
        }
    }
}

fn text_of(value: CheckedValue) -> String {
    match value {
        CheckedValue::Text(text) | CheckedValue::Json(text) => text.into_owned(),
        CheckedValue::Flat(_) | CheckedValue::Object(_) => String::new(),
    }
}

fn flag(value: &CheckedValue) -> bool {
    matches!(value, CheckedValue::Json(json) if json == "true")
}

fn number(value: &CheckedValue) -> u64 {
    match value {
        CheckedValue::Json(json) => json.parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> String {
        let config = match Config::from_json(json) {
            Ok(config) => config,
            Err(error) => return error.message().to_owned(),
        };
        let checks = [
            config.check_numbers().err(),
            config.resolved_key().err(),
            config.resolved_base_url().err(),
            config.resolved_user_agent().err(),
        ];
        checks.into_iter().flatten().map(|error| error.message().to_owned()).collect()
    }

    #[test]
    fn a_configuration_is_read() {
        let config = Config::from_json(
            r#"{"api_key":"k","base_url":"https://h/api","timeout_ms":5,"max_retries":0,"proxy":"","ascii_json":true,"ca_file":null}"#,
        )
        .unwrap();
        assert_eq!(config.timeout, Duration::from_millis(5));
        assert_eq!(config.max_retries, 0);
        assert_eq!(config.proxy, Some(Secret::new("")));
        assert!(config.ascii_json && config.ca_file.is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, part) in [
            ("[]", "must be a JSON object, but is an array"),
            ("{", "ends too early"),
            ("\u{feff}{}", "begins with a byte order mark (U+FEFF"),
            ("{\0\"\0a\0", "NUL characters, as UTF-16 text does"),
            (r#"{"api_keys":"k"}"#, "did you mean \"api_key\"?"),
            (r#"{"api_key":"k","timeout":5}"#, "did you mean \"timeout_ms\"?"),
            (r#"{"api_key":"k","timeout_ms":0}"#, "timeout_ms must be a whole number from 1"),
            (r#"{"api_key":"k","timeout_ms":1.5}"#, "but is 1.5"),
            (r#"{"api_key":"k","allow_http":"yes"}"#, "allow_http must be true or false"),
            (r#"{"api_key":"k","api_key":"l"}"#, "twice"),
            (r#"{"api_key":"a\nb"}"#, "control character"),
            (r#"{"api_key":" a"}"#, "space around"),
            (r#"{"api_key":""}"#, "not empty"),
            (r#"{"api_key":"k","base_url":"http://10.0.0.1/"}"#, "allow_http"),
            (r#"{"api_key":"k","user_agent":"a\r\nb"}"#, "user_agent"),
        ] {
            assert!(problem(json).contains(part), "{json}: {}", problem(json));
        }
    }

    #[test]
    fn no_message_or_debug_form_shows_the_key() {
        for json in [
            r#"{"api_key":"sk_live_12345\n"}"#,
            r#"{"api_key":["sk_live_12345"]}"#,
            r#"{"api_key":"sk_live_12345","sk_live_12345_sk_live_12345":1}"#,
            r#"{"api_key":"sk_live_12345","Sk_Live_12345":1}"#,
            r#"{"proxy":"http://u:sk_live_12345@p","http://u:sk_live_12345@p":1}"#,
            r#"{"api_key":1,"timeout_ms":"sk_live_12345"}"#,
        ] {
            assert!(!problem(json).contains("sk_live_12345"), "{}", problem(json));
        }
        for name in ["api_key", "proxy", "base_url", "ca_file", "user_agent", "allow_http"] {
            let problem = problem(&format!(r#"{{"{name}":123456789012345}}"#));
            assert!(problem.contains("is a number") && !problem.contains("123456"), "{problem}");
        }
        let config = Config::new().api_key("sk_live_12345").proxy("http://u:secret@p");
        let shown = format!("{config:?}");
        assert!(!shown.contains("sk_live") && !shown.contains("secret@"), "{shown}");
    }
}
