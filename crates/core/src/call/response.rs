//! Validates the body of a 2xx response against the shape that its operation expects, without building a tree, and reads
//! typed responses.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use upscope_json::array::{ArrayCheck, check_array};
use upscope_json::depth;
use upscope_json::member::member;
use upscope_json::value::{JsonType, boolean, is_unicode_string};

use crate::catalog::expected_shape::ExpectedShape;
use crate::catalog::model::Answer;
use crate::request::validate::{MAX_DEPTH, encoding_problem};
use crate::support::secret::{Wipe, WipedBytes};

/// The most levels that may be parsed before the depth is known. The parser keeps a byte per level.
const MAX_UNMEASURED_DEPTH: usize = 1024 * 1024;

/// What is wrong with HTML or XML.
const IS_A_PAGE: &str = "is HTML or XML, not JSON: perhaps a proxy or a log-in page answered; check base_url and proxy";

/// Returns the text to give to the caller. An error is a clause that follows "the answer". It never quotes the body,
/// which may contain watch links and tokens.
///
/// The result is JSON and so has no NUL. The C boundary relies on it.
pub(crate) fn validate(body: WipedBytes, expected: ExpectedShape) -> Result<String, String> {
    // The depth of an array is measured while it is parsed.
    let is_measured_later = matches!(expected, ExpectedShape::Array(_))
        && (body.len() <= MAX_UNMEASURED_DEPTH || depth::count_open_brackets(&body) <= MAX_UNMEASURED_DEPTH);
    if !is_measured_later && depth::exceeds(&body, MAX_DEPTH) {
        return Err(too_deep());
    }
    // Neither JSON nor the service's plain text begins like this.
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(IS_A_PAGE.to_owned());
    }
    let text = String::from_utf8(body.into_inner()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        drop(WipedBytes::new(error.into_bytes()));
        format!("is not UTF-8 (at byte {at})")
    })?;
    let result = validate_text(&text, expected);
    if matches!(result, Ok(Output::Body)) {
        return Ok(text);
    }
    text.wipe();
    result.map(|_| "{}".to_owned())
}

/// Validates the body and reads the typed response; None if the values in it do not have the types of the response.
/// An error is the same as that of [`validate`].
pub(crate) fn read<A: Answer>(body: WipedBytes, expected: ExpectedShape) -> Result<Option<A>, String> {
    if let Some(answer) = str::from_utf8(&body).ok().and_then(|text| A::from_text(text, expected)) {
        return Ok(Some(answer));
    }
    let text = validate(body, expected)?;
    let answer = read_tree(&text, expected);
    text.wipe();
    Ok(answer)
}

/// Reads the typed response from a valid text.
pub(crate) fn read_valid<A: Answer>(text: &str, expected: ExpectedShape) -> Option<A> {
    A::from_text(text, expected).or_else(|| read_tree(text, expected))
}

fn read_tree<A: Answer>(text: &str, expected: ExpectedShape) -> Option<A> {
    let value: Value = serde_json::from_str(text).ok()?;
    A::from_answer(value, expected)
}

/// What the caller gets for a valid body.
enum Output {
    /// The body, unchanged.
    Body,
    /// `{}`, for an empty or plain-text body where no JSON is needed.
    EmptyObject,
}

fn validate_text(text: &str, expected: ExpectedShape) -> Result<Output, String> {
    match expected {
        // Older servers answered `ok` as plain text.
        ExpectedShape::Nothing if !text.trim_start().starts_with(['{', '[']) => return Ok(Output::EmptyObject),
        ExpectedShape::Json if text.trim().is_empty() => return Ok(Output::EmptyObject),
        _ => {}
    }
    let lacks = |what: String| Err(format!("lacks {what}"));
    match expected {
        ExpectedShape::Nothing | ExpectedShape::Json => {
            parse::<IgnoredAny>(text)?;
        }
        ExpectedShape::Object(name) => {
            if find(text, name)?.map(JsonType::of) != Some(JsonType::Object) {
                return lacks(format!("the object \"{name}\""));
            }
        }
        ExpectedShape::Array(name) => {
            // The check fails if `text` is JSON but not an object, too.
            let check = check_array(text, name, MAX_DEPTH);
            match check.or_else(|_| parse::<IgnoredAny>(text).map(|_| ArrayCheck::NotArray))? {
                ArrayCheck::Array => {}
                ArrayCheck::NotArray => return lacks(format!("the array \"{name}\"")),
                ArrayCheck::TooDeep => return Err(too_deep()),
            }
        }
        ExpectedShape::Text(name) => {
            if !has_string(text, name)? {
                return lacks(format!("the string \"{name}\""));
            }
        }
        ExpectedShape::Token => match find(text, "authorized")?.and_then(boolean) {
            Some(false) => {}
            Some(true) if has_string(text, "token")? => {}
            Some(true) => return lacks("the string \"token\"".to_owned()),
            None => return lacks("the boolean \"authorized\"".to_owned()),
        },
    }
    Ok(Output::Body)
}

fn too_deep() -> String {
    format!("is nested more than {MAX_DEPTH} levels deep")
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| {
        if text.trim().is_empty() {
            return "is empty where JSON was expected".to_owned();
        }
        if let Some((problem, _)) = encoding_problem(text) {
            return problem.to_owned();
        }
        let problem = if error.is_eof() { "ends too early to be JSON" } else { "is not JSON" };
        format!("{problem} (line {}, column {})", error.line(), error.column())
    })
}

/// The member `name` of `text`; None if `text` is not an object. An error if `text` is not JSON.
fn find<'t>(text: &'t str, name: &str) -> Result<Option<&'t RawValue>, String> {
    member(text, name).or_else(|_| parse::<IgnoredAny>(text).map(|_| None))
}

fn has_string(text: &str, name: &str) -> Result<bool, String> {
    Ok(find(text, name)?.is_some_and(is_unicode_string))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::OPERATIONS;

    fn validated(body: &str, expected: ExpectedShape) -> Result<String, String> {
        validate(WipedBytes::new(body.as_bytes().to_vec()), expected)
    }

    #[test]
    fn only_the_expected_member_is_required() {
        let usage = ExpectedShape::Object("usage");
        for body in [r#"{"usage":{}}"#, "\n{ \"status\":null,\"\\ud800\":1,\"u\\u0073age\":{\"a\\udfff\":[1e999]}} "] {
            assert_eq!(validated(body, usage).as_deref(), Ok(body));
        }
        for (body, problem) in [
            (r#"{"usage":null}"#, "lacks the object \"usage\""),
            (r#"{"status":"ok"}"#, "lacks the object \"usage\""),
            ("[]", "lacks the object \"usage\""),
            ("3", "lacks the object \"usage\""),
            (" \n", "is empty where JSON was expected"),
            (r#"{"usage":{}"#, "ends too early to be JSON (line 1, column 11)"),
            (r#"{"usage":"\ud800"}"#, "lacks the object \"usage\""),
            ("\n<html>", IS_A_PAGE),
            ("ok", "is not JSON (line 1, column 1)"),
            (
                "\u{feff}{\"usage\":{}}",
                "begins with a byte order mark (U+FEFF, in UTF-8 the bytes EF BB BF), which JSON must not have",
            ),
            (r#"{"usage":{}} x"#, "is not JSON (line 1, column 14)"),
        ] {
            assert_eq!(validated(body, usage).unwrap_err(), problem, "{body}");
        }
        assert_eq!(
            validate(WipedBytes::new(b"{\"usage\":{\"\xff\":1}}".to_vec()), usage).unwrap_err(),
            "is not UTF-8 (at byte 11)"
        );
        // A page may have another encoding.
        assert_eq!(validate(WipedBytes::new(b" <html>\xfc".to_vec()), usage).unwrap_err(), IS_A_PAGE);
    }

    #[test]
    fn a_deletion_needs_no_json() {
        for body in ["", "ok", " \n", "null"] {
            assert_eq!(validated(body, ExpectedShape::Nothing).as_deref(), Ok("{}"));
        }
        assert_eq!(validated("{\"a\":1}", ExpectedShape::Nothing).as_deref(), Ok("{\"a\":1}"));
        assert!(validated("{\"a\":", ExpectedShape::Nothing).is_err());
        assert_eq!(validated(" <html>Please log in</html>", ExpectedShape::Nothing).unwrap_err(), IS_A_PAGE);
        assert_eq!(validated(" ", ExpectedShape::Json).as_deref(), Ok("{}"));
        assert!(validated("ok", ExpectedShape::Json).is_err());
    }

    #[test]
    fn a_token_is_required_when_authorized() {
        for body in [r#"{"authorized":false}"#, r#"{"authorized":true,"token":"t"}"#] {
            assert!(validated(body, ExpectedShape::Token).is_ok());
        }
        for body in [r#"{"authorized":true}"#, r#"{"authorized":1,"token":"t"}"#, r#"{"token":"t"}"#] {
            assert!(validated(body, ExpectedShape::Token).is_err());
        }
    }

    #[test]
    fn an_array_is_required_and_its_depth_is_limited() {
        let list = ExpectedShape::Array("visitors");
        let with = |members: &str| validated(&format!("{{{members}}}"), list);
        for members in [
            r#""visitors":[]"#,
            r#""visitors":1,"visitors":[{}]"#,
            r#""a":"\ud800","visitor\u0073":[1e999,"\udfff"]"#,
            &format!(r#""visitors":[{}],"next":{{}}"#, "{\"a\":[[]]},".repeat(99) + "{}"),
        ] {
            assert!(with(members).is_ok(), "{members}");
        }
        for members in [
            r#""visitors":{}"#,
            r#""visitors":{"a":[]}"#,
            r#""visitors":null"#,
            r#""visitors":1e999"#,
            r#""visitors":"\ud800""#,
            r#""visitors":[],"visitors":"[]""#,
            r#""visitor":[]"#,
        ] {
            assert_eq!(with(members).unwrap_err(), "lacks the array \"visitors\"", "{members}");
        }
        assert_eq!(validated("[]", list).unwrap_err(), "lacks the array \"visitors\"");
        assert_eq!(with(r#""visitors":[1"#).unwrap_err(), "is not JSON (line 1, column 15)");
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        let many = "[],".repeat(5000);
        for (level, element) in [
            (2, r#""visitors":[{},0]"#),
            (1, r#""visitors":[],"x":{}"#),
            // Measured together with other elements.
            (2, &*format!(r#""visitors":[0, 1 , {{}} ,{many}0]"#)),
            (2, &*format!(r#""visitors":[{many}{{}}]"#)),
        ] {
            let with_levels = |n: usize| with(&element.replace("{}", &nested(n - level)));
            assert!(with_levels(128).is_ok(), "{element}");
            assert_eq!(with_levels(129).unwrap_err(), "is nested more than 128 levels deep", "{element}");
        }
        // Too deep to be parsed before it is measured.
        assert_eq!(with(&nested(2 * MAX_UNMEASURED_DEPTH)).unwrap_err(), "is nested more than 128 levels deep");
    }

    #[test]
    fn output_has_no_nul() {
        let valid = [
            (ExpectedShape::Nothing, "{\"a\": [1, \"b\"]} "),
            (ExpectedShape::Json, "[true, {\"a\": null}] "),
            (ExpectedShape::Object("usage"), "{\"usage\": {\"a\": \"\\n\"}, \"b\": -1.5e3} "),
            (ExpectedShape::Array("visitors"), "{\"visitors\": [{\"a\": 1}, \"b\", [] ], \"next\": false} "),
            (ExpectedShape::Text("watch_url"), "{\"watch_url\": \"https://x\", \"a\": {\"b\": [0]}} "),
            (ExpectedShape::Token, "{\"authorized\": true, \"token\": \"t\", \"a\": \"b\"} "),
        ];
        for (expected, good) in valid {
            assert_eq!(validated(good, expected).as_deref(), Ok(good));
            for at in 0..=good.len() {
                for replaced in 0..=1 {
                    let mut body = good.as_bytes().to_vec();
                    body.splice(at..(at + replaced).min(good.len()), [0]);
                    let output = validate(WipedBytes::new(body), expected).unwrap_or_default();
                    assert!(!output.contains('\0'), "{expected:?}: {good} at {at}");
                }
            }
        }
    }

    #[test]
    fn depth_is_limited() {
        let nested = |n: usize| format!("{{\"usage\":{{\"a\":{}{}}}}}", "[".repeat(n), "]".repeat(n));
        assert!(validated(&nested(126), ExpectedShape::Object("usage")).is_ok());
        assert!(validated(&nested(127), ExpectedShape::Object("usage")).is_err());
    }

    #[test]
    fn example_responses_have_the_expected_shape() {
        for entry in OPERATIONS {
            let name = entry.definition.name;
            let result = validated(entry.example_response, entry.definition.expected);
            assert!(result.is_ok(), "{name}: {result:?}");
            let json = serde_json::from_str(entry.example_response).unwrap();
            assert!(
                (entry.debug_response)(json).is_some(),
                "{name}: the example does not have the type of the response"
            );
        }
    }
}
