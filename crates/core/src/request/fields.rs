//! Builds the JSON of a request from names and values, for programs that have no JSON library.
//!
//! The definition of the operation decides where a value goes and what its type is. A value is text, a boolean or a number,
//! and never more than that, so it cannot change the rest of the request.

use std::collections::BinaryHeap;

use crate::catalog::definition::Definition;
use crate::catalog::options;
use crate::catalog::parameter::ParameterType;
use crate::catalog::registry;
use crate::error::Error;
use crate::request::build::Call;
use crate::request::validate::{MAX_DEPTH, MAX_REQUEST_BYTES, excerpt, write_string};

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

#[inline(never)]
fn build_request(
    definition: &'static Definition,
    fields: &mut dyn Iterator<Item = (&str, &str)>,
) -> Result<String, Error> {
    // Less code than that of sorting a `Vec`.
    let mut sorted = BinaryHeap::new();
    let mut length = 0usize;
    for (name, value) in fields {
        length = length.saturating_add(name.len()).saturating_add(value.len());
        if length > MAX_REQUEST_BYTES {
            return Err(Error::invalid_argument(format!(
                "the fields are longer than {MAX_REQUEST_BYTES} bytes, the longest request that is accepted."
            )));
        }
        sorted.push(Field::new(definition, name, value));
    }
    let json = write(&sorted.into_sorted_vec())?;
    // Unknown and missing keys, types, and what else the operation demands.
    Call::check(definition, &json)?;
    Ok(json)
}

/// A value and its place in the request, by which fields are ordered.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Field<'f> {
    /// The keys that lead to the value.
    keys: Vec<&'f str>,
    name: &'f str,
    value: &'f str,
    /// Whether the value is a boolean or a number, not a string.
    is_literal: bool,
}

impl<'f> Field<'f> {
    /// Splits the name along the definition. A name that does not fit becomes keys that the validation refuses.
    fn new(definition: &'static Definition, name: &'f str, value: &'f str) -> Field<'f> {
        let mut keys = Vec::new();
        let mut parameter_type: Option<&ParameterType> = None;
        let mut rest = Some(name);
        while let Some(name) = rest {
            // More keys would be refused as well.
            let is_last = matches!(parameter_type, Some(ParameterType::FlatObject)) || keys.len() > MAX_DEPTH;
            let (key, next) = match name.split_once('.') {
                Some((key, next)) if !is_last => (key, Some(next)),
                _ => (name, None),
            };
            let parameter = match parameter_type {
                Some(ParameterType::Object(parameters)) => parameters.iter().find(|parameter| parameter.name == key),
                None if keys.is_empty() => {
                    definition.parameters().chain(options::PARAMETER).find(|parameter| parameter.name == key)
                }
                _ => None,
            };
            parameter_type = parameter.map(|parameter| &parameter.parameter_type);
            keys.push(key);
            rest = next;
        }
        Field { keys, name, value, is_literal: parameter_type.is_some_and(|of_type| is_literal(of_type, value)) }
    }
}

/// Whether text is written as a boolean or a number of this type. Other text becomes a string, which the validation refuses
/// if the type is not text.
fn is_literal(parameter_type: &ParameterType, text: &str) -> bool {
    match parameter_type {
        ParameterType::Boolean | ParameterType::True | ParameterType::BooleanOr(_) => {
            matches!(text, "true" | "false")
        }
        // JSON has neither "+1" nor "01".
        ParameterType::Integer { .. } => {
            text == "0"
                || (text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() && !text.starts_with('0'))
        }
        _ => false,
    }
}

/// Writes fields, which are sorted by their keys, as a JSON object.
fn write(fields: &[Field]) -> Result<String, Error> {
    let mut json = vec![b'{'];
    let mut previous: &[&str] = &[];
    for field in fields {
        let keys = field.keys.as_slice();
        let common = previous.iter().zip(keys).take_while(|(one, other)| one == other).count();
        if !previous.is_empty() {
            if common == keys.len() {
                let name = excerpt(field.name);
                return Err(Error::invalid_argument(format!("the fields contain \"{name}\" twice.")));
            }
            if common == previous.len() {
                return Err(Error::invalid_argument(format!(
                    "\"{}\" conflicts with \"{}\": a key has either a value or keys of its own.",
                    excerpt(field.name),
                    excerpt(&previous.join("."))
                )));
            }
            json.resize(json.len() + previous.len() - common - 1, b'}');
            json.push(b',');
        }
        for (depth, key) in keys.iter().enumerate().skip(common) {
            write_string(key, &mut json);
            json.push(b':');
            if depth + 1 < keys.len() {
                json.push(b'{');
            }
        }
        match field.is_literal {
            true => json.extend_from_slice(field.value.as_bytes()),
            false => write_string(field.value, &mut json),
        }
        previous = keys;
    }
    json.resize(json.len() + previous.len().max(1), b'}');
    String::from_utf8(json).map_err(|_| Error::internal("A request that was built from text is not UTF-8."))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

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
            (
                "create_watch_url",
                &with_agent(&[("agent.name.first", "Joe")]),
                "agent.name must be a string, but is an object",
            ),
            ("create_watch_url", &with_agent(&[("agent", "8")]), "\"agent.id\" conflicts with \"agent\""),
            ("create_watch_url", &with_agent(&[("permissions.", "true")]), "does not know the key \"permissions.\""),
            ("get_visitor", &[("visitor_id.x", "1")], "visitor_id must be a string that is not empty"),
            ("get_visitor", &[("id.a", "1"), ("id.b", "1")], "does not know the key \"id\""),
            ("get_visitor", &[("", "1")], "does not know the key \"\""),
            ("get_visitor", &[("visitor_id\": \"1\", \"x", "1")], "does not know the key"),
        ] {
            let message = refusal(operation, fields);
            assert!(message.contains(part), "{message}");
        }
        let target = [("method", "POST"), ("path", "/later")];
        for (conflict, part) in [
            ([("body", "x"), ("body.a", "y")], "\"body.a\" conflicts with \"body\""),
            ([("body.a", "x"), ("body", "y")], "\"body.a\" conflicts with \"body\""),
            ([("body.a.b", "x"), ("body.a", "y")], "\"body.a.b\" conflicts with \"body.a\""),
            ([("body.a.b", "x"), ("body.a.b", "x")], "\"body.a.b\" twice"),
        ] {
            let message = refusal("request", &[&target[..], &conflict].concat());
            assert!(message.contains(part), "{message}");
        }
        let (deepest, deep) = (format!("body{}", ".a".repeat(127)), format!("body{}", ".a".repeat(128)));
        assert!(build("request", [&target[..], &[(deepest.as_str(), "x")]].concat()).is_ok());
        assert!(refusal("request", &[&target[..], &[(deep.as_str(), "x")]].concat()).contains("levels deep"));
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
