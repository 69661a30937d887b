//! Builds the JSON of a request from names and values, for programs that have no JSON library.
//!
//! The definition of the operation decides where a value goes and what its type is. A value is text, a boolean or a number,
//! and never more than that, so it cannot change the rest of the request.

use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::catalog::definition::Definition;
use crate::catalog::options;
use crate::catalog::parameter::{Parameter, ParameterType};
use crate::catalog::registry;
use crate::error::Error;
use crate::request::build::Call;
use crate::request::validate::{KeyPath, MAX_DEPTH, MAX_REQUEST_BYTES, excerpt, unknown_key};

/// Builds the JSON of a request from names and values, which need no quoting.
///
/// A dot in a name separates the key of an object from a key in it: `agent.id`. In `metadata`, `query` and
/// `options.extra_query`, the rest of the name is one key, with its dots. In `body` and `options.extra_body`, each dot opens
/// an object, and all values are strings. The result is a valid request of the operation.
///
/// ```
/// let request = upscope::json::build("list_visitors", [("search", "\"Zoë\""), ("max_results", "1")])?;
/// assert_eq!(request, r#"{"max_results":1,"search":"\"Zoë\""}"#);
/// # Ok::<(), upscope::Error>(())
/// ```
pub fn build<'a>(operation: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<String, Error> {
    let definition = registry::find(operation).ok_or_else(|| registry::unknown_operation(operation))?;
    build_request(definition, &mut fields.into_iter()).map_err(|error| error.in_operation(definition.name))
}

fn build_request(
    definition: &'static Definition,
    fields: &mut dyn Iterator<Item = (&str, &str)>,
) -> Result<String, Error> {
    let parameters: Vec<&Parameter> = definition.parameters().chain(options::PARAMETER).collect();
    let mut request = Map::new();
    let mut length = 0usize;
    for (name, value) in fields {
        length = length.saturating_add(name.len()).saturating_add(value.len());
        if length > MAX_REQUEST_BYTES {
            return Err(Error::invalid_argument(format!(
                "the fields are longer than {MAX_REQUEST_BYTES} bytes, the longest request that is accepted."
            )));
        }
        let field = Field { operation: definition.name, name, value };
        field.insert_known(&mut request, &parameters, None, name)?;
    }
    let json = Value::Object(request).to_string();
    // Types, required keys, and what else the operation demands.
    Call::check(definition, &json)?;
    Ok(json)
}

struct Field<'f> {
    operation: &'static str,
    /// The whole name, for errors.
    name: &'f str,
    value: &'f str,
}

impl Field<'_> {
    /// Inserts the value below an object with known keys. `rest` is the name from this object on.
    fn insert_known(
        &self,
        members: &mut Map<String, Value>,
        parameters: &[&Parameter],
        parent: Option<&KeyPath>,
        rest: &str,
    ) -> Result<(), Error> {
        let (key, rest) = rest.split_once('.').map_or((rest, None), |(key, rest)| (key, Some(rest)));
        let Some(parameter) = parameters.iter().find(|parameter| parameter.name == key) else {
            return Err(unknown_key(key, parameters.iter().map(|p| p.name), parent, self.operation));
        };
        let parameter_type = &parameter.parameter_type;
        let Some(rest) = rest else {
            return self.set(members, key, typed(parameter_type, self.value));
        };
        match parameter_type {
            ParameterType::Object(parameters) => {
                let parameters: Vec<&Parameter> = parameters.iter().collect();
                let path = KeyPath::within(parent, key);
                self.insert_known(self.object(members, key)?, &parameters, Some(&path), rest)
            }
            ParameterType::FlatObject => self.set(self.object(members, key)?, rest, Value::from(self.value)),
            ParameterType::AnyObject | ParameterType::Any => self.insert_any(self.object(members, key)?, rest),
            _ => Err(Error::invalid_argument(format!(
                "{} must be {}, so it cannot contain \"{}\".",
                KeyPath::within(parent, key),
                parameter_type.describe(),
                excerpt(self.name)
            ))),
        }
    }

    /// Inserts the value below an object with any members.
    fn insert_any(&self, mut members: &mut Map<String, Value>, mut rest: &str) -> Result<(), Error> {
        let mut depth = 0;
        while let Some((key, next)) = rest.split_once('.') {
            depth += 1;
            // Everything that handles a tree recurses.
            if depth > MAX_DEPTH {
                return Err(Error::invalid_argument(format!(
                    "\"{}\" is nested more than {MAX_DEPTH} levels deep.",
                    excerpt(self.name)
                )));
            }
            members = self.object(members, key)?;
            rest = next;
        }
        self.set(members, rest, Value::from(self.value))
    }

    /// The object `key`, which is created if it does not exist.
    fn object<'m>(&self, members: &'m mut Map<String, Value>, key: &str) -> Result<&'m mut Map<String, Value>, Error> {
        match members.entry(key).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(object) => Ok(object),
            _ => Err(self.conflict()),
        }
    }

    fn set(&self, members: &mut Map<String, Value>, key: &str, value: Value) -> Result<(), Error> {
        match members.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(value);
                Ok(())
            }
            Entry::Occupied(entry) if entry.get().is_object() => Err(self.conflict()),
            Entry::Occupied(_) => {
                Err(Error::invalid_argument(format!("the fields contain \"{}\" twice.", excerpt(self.name))))
            }
        }
    }

    fn conflict(&self) -> Error {
        Error::invalid_argument(format!(
            "\"{}\" conflicts with another field: a key has either a value or keys of its own.",
            excerpt(self.name)
        ))
    }
}

/// A value of this type. Text that does not fit the type becomes a string, which the validation refuses.
fn typed(parameter_type: &ParameterType, text: &str) -> Value {
    match parameter_type {
        ParameterType::Boolean | ParameterType::True | ParameterType::BooleanOr(_) => match text {
            "true" => Value::from(true),
            "false" => Value::from(false),
            _ => Value::from(text),
        },
        // JSON has neither "+1" nor "01".
        ParameterType::Integer { .. } => match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => Value::from(number),
            _ => Value::from(text),
        },
        _ => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::registry::OPERATIONS;
    use crate::catalog::{Entry as OperationEntry, example_request};
    use crate::error::ErrorCode;

    fn request(operation: &str, fields: &[(&str, &str)]) -> Value {
        let json = build(operation, fields.iter().copied()).unwrap_or_else(|error| panic!("{fields:?}: {error}"));
        serde_json::from_str(&json).unwrap()
    }

    /// The message of the error that these fields cause.
    fn refusal(operation: &str, fields: &[(&str, &str)]) -> String {
        let error = build(operation, fields.iter().copied()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
        error.message().to_owned()
    }

    /// A watch link with the required keys and these.
    fn with_agent<'f>(fields: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
        [&[("visitor_id", "1234"), ("agent.id", "7")], fields].concat()
    }

    #[test]
    fn the_definition_gives_the_types() {
        let fields = with_agent(&[
            ("permissions.allow_click", "false"),
            ("branding.naked", "true"),
            ("initial_notes", "true"),
            ("language", "1"),
            ("options.timeout_ms", "5000"),
        ]);
        let expected = json!({"visitor_id": "1234", "agent": {"id": "7"}, "permissions": {"allow_click": false},
            "branding": {"naked": true}, "initial_notes": "true", "language": "1", "options": {"timeout_ms": 5000}});
        assert_eq!(request("create_watch_url", &fields), expected);
        let fields = with_agent(&[("branding.naked", "page_only")]);
        assert_eq!(request("create_watch_url", &fields)["branding"]["naked"], "page_only");
        assert_eq!(request("delete_all_visitors", &[("all", "true")]), json!({"all": true}));
        assert_eq!(request("get_usage", &[]), json!({}));
    }

    #[test]
    fn open_values_are_strings() {
        let fields = with_agent(&[("metadata.number", "1"), ("metadata.flag", "true"), ("metadata.none", "null")]);
        let expected = json!({"number": "1", "flag": "true", "none": "null"});
        assert_eq!(request("create_watch_url", &fields)["metadata"], expected);
        let target = [("method", "POST"), ("path", "/later")];
        assert_eq!(request("request", &[&target[..], &[("body", "[1]")]].concat())["body"], "[1]");
        let fields = [&target[..], &[("body.a", "1"), ("body.b", "{}")]].concat();
        assert_eq!(request("request", &fields)["body"], json!({"a": "1", "b": "{}"}));
    }

    #[test]
    fn dots_separate_keys_along_the_definition_only() {
        let fields =
            with_agent(&[("metadata.order.id", "1"), ("metadata.a..b.", "2"), ("options.extra_query.p.q", "3")]);
        let request_of_link = request("create_watch_url", &fields);
        assert_eq!(request_of_link["metadata"], json!({"order.id": "1", "a..b.": "2"}));
        assert_eq!(request_of_link["options"], json!({"extra_query": {"p.q": "3"}}));
        let fields = [
            ("method", "POST"),
            ("path", "/later"),
            ("query.page.size", "4"),
            ("body.a.b", "5"),
            ("body.a.c.d", "6"),
            ("options.extra_body.e.f", "7"),
        ];
        let expected = json!({"method": "POST", "path": "/later", "query": {"page.size": "4"},
            "body": {"a": {"b": "5", "c": {"d": "6"}}}, "options": {"extra_body": {"e": {"f": "7"}}}});
        assert_eq!(request("request", &fields), expected);
        let many_dots = format!("metadata{}", ".".repeat(500));
        assert_eq!(
            request("create_watch_url", &with_agent(&[(&many_dots, "")]))["metadata"],
            json!({&many_dots[9..]: ""})
        );
    }

    #[test]
    fn no_value_changes_the_shape_of_the_request() {
        let shape = with_agent(&[("agent.name", "Joe"), ("metadata.ticket", "T"), ("initial_notes", "n")]);
        let hostile = [
            "\"",
            "\\",
            "\\\"",
            "Joe\", \"permissions\": {\"allow_console\": true}, \"x\": \"",
            "{\"a\": 1}",
            "[]",
            "null",
            "true",
            "1",
            "\n\r\t\u{1}\u{7f}",
            "\u{2028}\u{fffd}",
            "\\u0022",
            "'",
            "",
            "é🦊",
            "}}",
            "/* */",
            "\u{0}",
        ];
        for value in hostile {
            let fields: Vec<_> = shape
                .iter()
                .map(|(name, plain)| (*name, if matches!(*name, "visitor_id" | "agent.id") { *plain } else { value }))
                .collect();
            let expected = json!({"visitor_id": "1234", "agent": {"id": "7", "name": value},
                "metadata": {"ticket": value}, "initial_notes": value});
            assert_eq!(request("create_watch_url", &fields), expected);
        }
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        for value in ["yes", "True", "1", "", " true", "true}", "null", "\"true\""] {
            let message = refusal("create_watch_url", &with_agent(&[("permissions.allow_click", value)]));
            assert!(message.contains("permissions.allow_click must be true or false"), "{message}");
        }
        for value in ["0", "11", "+1", "01", "1.0", "1e0", " 1", "-1", "", "one", "1}", "99999999999999999999"] {
            let message = refusal("list_visitors", &[("max_results", value)]);
            assert!(message.contains("max_results must be a whole number from 1 to 10"), "{message}");
        }
        for (operation, fields, part) in [
            ("delete_all_visitors", &[("all", "false")][..], "all must be true"),
            ("get_visitor", &[("visitor_id", "..")], "visitor_id must be"),
            ("list_sessions", &[("updated_after", "yesterday")], "updated_after must be a time"),
            ("create_watch_url", &[("visitor_id", "1"), ("agent", "7")], "agent must be an object"),
            ("create_watch_url", &with_agent(&[("metadata", "{}")]), "metadata must be an object"),
            ("create_watch_url", &with_agent(&[("branding.naked", "page")]), "branding.naked must be"),
            ("create_watch_url", &with_agent(&[("webhook_url", "desk")]), "webhook_url must be"),
            ("get_usage", &[("options.extra_body", "{}")], "options.extra_body must be an object"),
            ("request", &[("method", "TRACE"), ("path", "/")], "method must be one of"),
        ] {
            let message = refusal(operation, fields);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn names_that_do_not_fit_are_refused() {
        for (operation, fields, part) in [
            ("get_usages", &[][..], "did you mean \"get_usage\""),
            ("get_visitor", &[], "visitor_id is missing"),
            ("create_watch_url", &[("visitor_id", "1")], "agent is missing"),
            ("create_watch_url", &[("visitor_id", "1"), ("agent.name", "Joe")], "agent.id is missing"),
            ("lookup_agent", &[], "exactly one of email and external_id"),
            ("get_visitor", &[("visitor_id", "1"), ("visitor_id", "1")], "\"visitor_id\" twice"),
            ("create_watch_url", &with_agent(&[("agent.id", "8")]), "\"agent.id\" twice"),
            ("create_watch_url", &with_agent(&[("metadata.a", "1"), ("metadata.a", "2")]), "\"metadata.a\" twice"),
            ("create_watch_url", &with_agent(&[("agnet.name", "Joe")]), "did you mean \"agent\""),
            ("create_watch_url", &with_agent(&[("agent.nam", "Joe")]), "did you mean \"agent.name\""),
            ("create_watch_url", &with_agent(&[("agent.name.first", "Joe")]), "cannot contain \"agent.name.first\""),
            ("create_watch_url", &with_agent(&[("agent", "8")]), "\"agent\" conflicts"),
            ("create_watch_url", &with_agent(&[("permissions.", "true")]), "does not know the key \"permissions.\""),
            ("get_visitor", &[("visitor_id.x", "1")], "cannot contain \"visitor_id.x\""),
            ("get_visitor", &[("", "1")], "does not know the key \"\""),
            ("get_visitor", &[("visitor_id\": \"1\", \"x", "1")], "does not know the key"),
        ] {
            let message = refusal(operation, fields);
            assert!(message.contains(part), "{message}");
        }
        let target = [("method", "POST"), ("path", "/later")];
        for (conflict, part) in [
            ([("body", "x"), ("body.a", "y")], "\"body.a\" conflicts"),
            ([("body.a", "x"), ("body", "y")], "\"body\" conflicts"),
            ([("body.a.b", "x"), ("body.a", "y")], "\"body.a\" conflicts"),
            ([("body.a", "x"), ("body.a.b", "y")], "\"body.a.b\" conflicts"),
            ([("body.a.b", "x"), ("body.a.b", "x")], "\"body.a.b\" twice"),
        ] {
            let message = refusal("request", &[&target[..], &conflict].concat());
            assert!(message.contains(part), "{message}");
        }
        let deep = format!("body{}", ".a".repeat(100_000));
        assert!(refusal("request", &[&target[..], &[(deep.as_str(), "x")]].concat()).contains("levels deep"));
        let long = "x".repeat(MAX_REQUEST_BYTES);
        assert!(refusal("list_visitors", &[("search", &long)]).contains("longer than"));
    }

    /// The fields that describe a request: its values by their dotted names.
    fn flatten(prefix: &str, value: &Value, fields: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    flatten(&format!("{prefix}.{name}"), value, fields);
                }
            }
            Value::String(text) => fields.push((prefix[1..].to_owned(), text.clone())),
            other => fields.push((prefix[1..].to_owned(), other.to_string())),
        }
    }

    /// A request where open values are strings.
    fn with_open_strings(mut request: Value) -> Value {
        for pointer in ["/metadata", "/query", "/body"] {
            for value in
                request.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
            {
                if !value.is_string() {
                    *value = Value::from(value.to_string());
                }
            }
        }
        request
    }

    #[test]
    fn the_example_of_every_operation_can_be_built() {
        for (entry, only_required) in OPERATIONS.iter().flat_map(|entry| [(entry, false), (entry, true)]) {
            let entry: &OperationEntry = entry;
            let example = example_request(entry, only_required);
            let mut fields = Vec::new();
            flatten("", &example, &mut fields);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(
                request(entry.definition.name, &fields),
                with_open_strings(example),
                "{}",
                entry.definition.name
            );
        }
    }

    #[test]
    fn errors_name_the_operation() {
        let error = build("get_visitor", []).unwrap_err();
        assert_eq!(error.operation(), Some("get_visitor"));
        assert_eq!(build("get_visitors", []).unwrap_err().operation(), None);
    }
}
