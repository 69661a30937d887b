//! The settings of a client: their keys, types, defaults and texts, and how they are validated.

use std::path::PathBuf;
use std::time::Duration;

use upscope_json::value::text_or_number;

use crate::catalog::options::{MAX_RETRIES, MAX_TIMEOUT_MS};
use crate::catalog::parameter::{Location, Parameter, ParameterType};
use crate::error::Error;
use crate::request::url::BaseUrl;
use crate::request::validate::{self, CheckedValue, Members};
use crate::support::redact;
use crate::support::secret::Secret;

/// The base URL if neither [`base_url`](Config::base_url) nor `UPSCOPE_BASE_URL` is set.
///
/// ```
/// assert!(upscope::DEFAULT_BASE_URL.starts_with("https://"));
/// ```
pub const DEFAULT_BASE_URL: &str = "https://api.upscope.io/v1.3";

/// Defines the settings: for each its text, its JSON key and type, its field with the default, and its builder method.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])+
        $key:literal: $parameter_type:expr;
        $field:ident: $type:ty = $default:expr, |$value:ident: $value_type:ty| $converted:expr;
    )+) => {
        /// The settings of a [`Client`](crate::Client), which validates them.
        ///
        /// ```
        /// use std::time::Duration;
        /// use upscope::{Client, Config};
        ///
        /// let config = Config::new()
        ///     .api_key("secret") // else the environment variable UPSCOPE_API_KEY
        ///     .timeout(Duration::from_secs(10))
        ///     .connect_timeout(Duration::from_secs(3))
        ///     .max_retries(1)
        ///     .user_agent("helpdesk/2.1")
        ///     .proxy(""); // no proxy
        /// let client = Client::new(config)?;
        /// # Ok::<(), upscope::Error>(())
        /// ```
        #[derive(Clone, Debug)]
        #[must_use]
        pub struct Config {
            $( pub(crate) $field: $type, )+
        }

        impl Default for Config {
            fn default() -> Self {
                Config { $( $field: $default, )+ }
            }
        }

        /// The keys of a configuration in JSON.
        static KEYS: &[Parameter] = &[
            $( Parameter {
                name: $key,
                doc: concat!($($doc),+).trim_ascii(),
                required: false,
                location: Location::Member,
                parameter_type: $parameter_type,
            }, )+
        ];

        impl Config {
            /// Sets the value of a key in JSON.
            fn set(&mut self, key: &str, value: CheckedValue) -> Result<(), Error> {
                match key {
                    $( $key => self.$field = <$type as Setting>::from_json(value), )+
                    _ => return Err(Error::internal(format!("The configuration key {key} has no setting."))),
                }
                Ok(())
            }

            $(
                $(#[doc = $doc])+
                pub fn $field(mut self, $value: $value_type) -> Config {
                    self.$field = $converted;
                    self
                }
            )+
        }
    };
}

settings! {
    /// The secret REST API key. Default: the environment variable `UPSCOPE_API_KEY`.
    "api_key": ParameterType::NonEmptyText;
    api_key: Option<Secret> = None, |key: impl Into<String>| Some(Secret::new(key));

    /// The base URL of the service; may have a path prefix. Default: the environment variable `UPSCOPE_BASE_URL`, else `https://api.upscope.io/v1.3`.
    "base_url": ParameterType::NonEmptyText;
    base_url: Option<String> = None, |url: impl Into<String>| Some(url.into());

    /// Whether plain http is allowed to other hosts than this computer. Default: false.
    "allow_http": ParameterType::Boolean;
    allow_http: bool = false, |allow: bool| allow;

    /// The time limit of a whole call: name lookup, connection, all attempts and the delays between them. Default: 30000 ms.
    "timeout_ms": ParameterType::Integer { min: 1, max: MAX_TIMEOUT_MS };
    timeout: Duration = Duration::from_millis(30_000), |timeout: Duration| timeout;

    /// The time limit of one connection, including proxy and TLS. Default: 10000 ms.
    "connect_timeout_ms": ParameterType::Integer { min: 1, max: MAX_TIMEOUT_MS };
    connect_timeout: Duration = Duration::from_millis(10_000), |timeout: Duration| timeout;

    /// How often a failed attempt may be retried. Default: 2.
    "max_retries": ParameterType::Integer { min: 0, max: MAX_RETRIES };
    max_retries: u32 = 2, |retries: u32| retries;

    /// The URL of the proxy (http, https, socks5, socks5h), or an empty string for none. Default: the environment variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; on Windows, else the system's settings.
    "proxy": ParameterType::Text;
    proxy: Option<Secret> = None, |url: impl Into<String>| Some(Secret::new(url));

    /// A PEM file of root certificates to trust in addition to the operating system's.
    "ca_file": ParameterType::NonEmptyText;
    ca_file: Option<PathBuf> = None, |path: impl Into<PathBuf>| Some(path.into());

    /// The name and version of the program, which the `User-Agent` header has before those of this library.
    "user_agent": ParameterType::NonEmptyText;
    user_agent: Option<String> = None, |name: impl Into<String>| Some(name.into());

    /// The largest response accepted in bytes, after decompression. Default: 67108864.
    "max_response_bytes": ParameterType::Integer { min: 1, max: i32::MAX as u64 };
    max_response_bytes: usize = 67_108_864, |bytes: usize| bytes;

    /// Whether the JSON that the library returns has `\uXXXX` in place of characters outside ASCII. Default: false.
    "ascii_json": ParameterType::Boolean;
    ascii_json: bool = false, |ascii: bool| ascii;
}

/// The type of a setting: converts a valid JSON value.
trait Setting {
    fn from_json(value: CheckedValue) -> Self;
}

impl Setting for Option<String> {
    fn from_json(value: CheckedValue) -> Self {
        match value {
            CheckedValue::Text(text) | CheckedValue::Json(text) => Some(text.into_owned()),
            CheckedValue::Flat(_) | CheckedValue::Object(_) => None,
        }
    }
}

impl Setting for Option<Secret> {
    fn from_json(value: CheckedValue) -> Self {
        Option::<String>::from_json(value).map(Secret::new)
    }
}

impl Setting for Option<PathBuf> {
    fn from_json(value: CheckedValue) -> Self {
        Option::<String>::from_json(value).map(PathBuf::from)
    }
}

impl Setting for bool {
    fn from_json(value: CheckedValue) -> Self {
        matches!(value, CheckedValue::Json(json) if json == "true")
    }
}

impl Setting for u64 {
    fn from_json(value: CheckedValue) -> Self {
        match value {
            CheckedValue::Json(json) => json.parse().unwrap_or(0),
            _ => 0,
        }
    }
}

impl Setting for u32 {
    fn from_json(value: CheckedValue) -> Self {
        u64::from_json(value) as u32
    }
}

impl Setting for usize {
    fn from_json(value: CheckedValue) -> Self {
        u64::from_json(value) as usize
    }
}

impl Setting for Duration {
    fn from_json(value: CheckedValue) -> Self {
        Duration::from_millis(u64::from_json(value))
    }
}

impl Config {
    /// The keys of a configuration in JSON, with their types and texts.
    ///
    /// ```
    /// use upscope::Config;
    ///
    /// for key in Config::keys() {
    ///     println!("{}: {}", key.name, key.doc);
    /// }
    /// assert_eq!(Config::keys()[0].name, "api_key");
    /// ```
    pub fn keys() -> &'static [Parameter] {
        KEYS
    }

    /// The defaults. The API key and the base URL come from the environment.
    ///
    /// ```
    /// let config = upscope::Config::new().api_key("secret");
    /// assert!(!format!("{config:?}").contains("secret"));
    /// ```
    pub fn new() -> Config {
        Config::default()
    }

    /// Reads a configuration from a JSON object with the keys of the C ABI.
    ///
    /// ```
    /// use upscope::Config;
    ///
    /// let config = Config::from_json(r#"{"api_key": "secret", "timeout_ms": 10000}"#)?;
    /// let error = Config::from_json(r#"{"timeot_ms": 10000}"#).unwrap_err();
    /// assert!(error.message().contains("timeout_ms"));
    /// # Ok::<(), upscope::Error>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Config, Error> {
        const SUBJECT: &str = "the configuration";
        let members = validate::parse_object(text, SUBJECT)?;
        let secrets = secrets_of(&members);
        let arguments = validate::validate_members(members, &[KEYS], None, SUBJECT).map_err(|error| {
            let message = redact::message(error.message(), &secrets);
            error.with_message(message)
        })?;
        let mut config = Config::default();
        for argument in arguments {
            config.set(argument.parameter.name, argument.value)?;
        }
        Ok(config)
    }

    /// The API key from the configuration or the environment.
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
        let reject = |why: &str| {
            Err(Error::invalid_argument(format!(
                "api_key {why}: give the key exactly as the Upscope dashboard shows it."
            )))
        };
        if text.is_empty() {
            return reject("is empty");
        }
        if text.contains(char::is_control) {
            return reject("contains a control character, such as a line end");
        }
        if text.trim() != text {
            return reject("has leading or trailing white space");
        }
        if !text.is_ascii() {
            return reject("contains a character outside ASCII");
        }
        Ok(key)
    }

    /// The base URL from the configuration or the environment, or the default.
    pub(crate) fn resolved_base_url(&self) -> Result<BaseUrl, Error> {
        let text = match &self.base_url {
            Some(text) => text.clone(),
            None => from_environment("UPSCOPE_BASE_URL")?.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
        };
        BaseUrl::parse(&text, self.allow_http)
    }

    /// The `User-Agent` header.
    pub(crate) fn resolved_user_agent(&self) -> Result<String, Error> {
        let library = concat!("libupscope/", env!("CARGO_PKG_VERSION"));
        match &self.user_agent {
            None => Ok(library.to_owned()),
            Some(program) if program.bytes().all(|b| (b' '..0x7f).contains(&b)) => Ok(format!("{program} {library}")),
            Some(_) => Err(Error::invalid_argument(
                "user_agent contains a control character or a character outside ASCII, which a header cannot have.",
            )),
        }
    }

    /// Validates the numbers, which the builder accepts unchecked.
    pub(crate) fn check_numbers(&self) -> Result<(), Error> {
        let max_timeout = Duration::from_millis(MAX_TIMEOUT_MS);
        for (name, timeout) in [("timeout_ms", self.timeout), ("connect_timeout_ms", self.connect_timeout)] {
            if timeout.is_zero() || timeout > max_timeout {
                return Err(Error::invalid_argument(format!(
                    "{name} must be from 1 to {MAX_TIMEOUT_MS}, but is {}.",
                    timeout.as_millis()
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

/// The secrets that a message about these members must not quote, even if they occur in other members.
fn secrets_of(members: &Members) -> Vec<Secret> {
    let secrets = members.iter().filter(|(name, _)| name == "api_key" || name == "proxy");
    secrets.filter_map(|(_, value)| text_or_number(value).map(Secret::new)).collect()
}

/// The value of an environment variable. An empty one counts as not set.
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
    fn json_is_read() {
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
    fn errors_name_the_problem() {
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
            (r#"{"api_key":" a"}"#, "white space"),
            (r#"{"api_key":""}"#, "not empty"),
            (r#"{"api_key":"k","base_url":"http://10.0.0.1/"}"#, "allow_http"),
            (r#"{"api_key":"k","user_agent":"a\r\nb"}"#, "user_agent"),
        ] {
            assert!(problem(json).contains(part), "{json}: {}", problem(json));
        }
    }

    #[test]
    fn no_message_or_debug_form_contains_the_key() {
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
        let debug = format!("{config:?}");
        assert!(!debug.contains("sk_live") && !debug.contains("secret@"), "{debug}");
    }
}
