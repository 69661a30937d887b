//! Decides whether a 2xx answer is what its operation promised, without building a tree of it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use upscope_json::depth;
use upscope_json::member::{Listed, Shape, array, member};

use crate::catalog::operation::ExpectedShape;
use crate::request::validate::{MAX_DEPTH, encoding_problem};
use crate::support::secret::{Wipe, WipedBytes};

/// Levels that may be gone through before they are counted.
const MANY: usize = 1024 * 1024;

/// What is wrong with HTML or XML.
const IS_A_PAGE: &str = "is HTML or XML, not JSON: perhaps a proxy or a log-in page answered; check base_url and proxy";

/// The body as it is handed out, or what is wrong with it: a clause that follows "the answer".
///
/// What is handed out is JSON and so holds no NUL: the C boundary relies on it.
///
/// Messages tell places, never content: an answer holds watch links and tokens.
pub(crate) fn check(body: WipedBytes, expected: ExpectedShape) -> Result<String, String> {
    // A list is measured while it is read; the reader keeps a byte for each level, so not if there could be millions.
    let is_list = matches!(expected, ExpectedShape::Array(_)) && (body.len() <= MANY || depth::openings(&body) <= MANY);
    if !is_list && depth::exceeds(&body, MAX_DEPTH) {
        return Err(too_deep());
    }
    // No JSON, and no plain text of the service's, begins like this.
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(IS_A_PAGE.to_owned());
    }
    let text = String::from_utf8(body.into_inner()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        drop(WipedBytes::new(error.into_bytes()));
        format!("is not UTF-8 (at byte {at})")
    })?;
    let result = check_text(&text, expected);
    if matches!(result, Ok(HandedOut::Body)) {
        return Ok(text);
    }
    text.wipe();
    result.map(|_| "{}".to_owned())
}

/// What a caller gets of an answer that is good.
enum HandedOut {
    /// All of it.
    Body,
    /// `{}`, for text that is no JSON where none is needed.
    EmptyObject,
}

fn check_text(text: &str, expected: ExpectedShape) -> Result<HandedOut, String> {
    match expected {
        // Older servers answered `ok` as plain text.
        ExpectedShape::Nothing if !text.trim_start().starts_with(['{', '[']) => return Ok(HandedOut::EmptyObject),
        ExpectedShape::Json if text.trim().is_empty() => return Ok(HandedOut::EmptyObject),
        _ => {}
    }
    let missing = |what: String| Err(format!("lacks {what}"));
    match expected {
        ExpectedShape::Nothing | ExpectedShape::Json => {
            parse::<IgnoredAny>(text)?;
        }
        ExpectedShape::Object(name) => {
            if shape(text, name)? != Shape::Object {
                return missing(format!("the object \"{name}\""));
            }
        }
        ExpectedShape::Array(name) => {
            // Another type than an object, or what cannot be read in its place: tell that apart from text that is no JSON.
            match array(text, name, MAX_DEPTH).or_else(|_| parse::<IgnoredAny>(text).map(|_| Listed::Other))? {
                Listed::Array => {}
                Listed::Other => return missing(format!("the array \"{name}\"")),
                Listed::TooDeep => return Err(too_deep()),
            }
        }
        ExpectedShape::Text(name) => {
            if shape(text, name)? != Shape::String {
                return missing(format!("the string \"{name}\""));
            }
        }
        ExpectedShape::Token => match shape(text, "authorized")? {
            Shape::Bool(false) => {}
            Shape::Bool(true) if shape(text, "token")? == Shape::String => {}
            Shape::Bool(true) => return missing("the string \"token\"".to_owned()),
            _ => return missing("the boolean \"authorized\"".to_owned()),
        },
    }
    Ok(HandedOut::Body)
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

/// The shape of the member `name` of the object in `text`.
fn shape(text: &str, name: &str) -> Result<Shape, String> {
    match member(text, name) {
        Ok(value) => Ok(value.map_or(Shape::Other, Shape::of)),
        // Another type than an object stops the reader: tell that apart from text that is no JSON.
        Err(_) => parse::<IgnoredAny>(text).map(|_| Shape::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(body: &str, expected: ExpectedShape) -> Result<String, String> {
        check(WipedBytes::new(body.as_bytes().to_vec()), expected)
    }

    #[test]
    fn what_is_promised_is_all_that_is_needed() {
        let usage = ExpectedShape::Object("usage");
        for body in [r#"{"usage":{}}"#, "\n{ \"status\":null,\"\\ud800\":1,\"u\\u0073age\":{\"a\\udfff\":[1e999]}} "] {
            assert_eq!(checked(body, usage).as_deref(), Ok(body));
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
            assert_eq!(checked(body, usage).unwrap_err(), problem, "{body}");
        }
        assert_eq!(
            check(WipedBytes::new(b"{\"usage\":{\"\xff\":1}}".to_vec()), usage).unwrap_err(),
            "is not UTF-8 (at byte 11)"
        );
        // Pages come in other encodings, too.
        assert_eq!(check(WipedBytes::new(b" <html>\xfc".to_vec()), usage).unwrap_err(), IS_A_PAGE);
    }

    #[test]
    fn a_deletion_needs_no_answer() {
        for body in ["", "ok", " \n", "null"] {
            assert_eq!(checked(body, ExpectedShape::Nothing).as_deref(), Ok("{}"));
        }
        assert_eq!(checked("{\"a\":1}", ExpectedShape::Nothing).as_deref(), Ok("{\"a\":1}"));
        assert!(checked("{\"a\":", ExpectedShape::Nothing).is_err());
        assert_eq!(checked(" <html>Please log in</html>", ExpectedShape::Nothing).unwrap_err(), IS_A_PAGE);
        assert_eq!(checked(" ", ExpectedShape::Json).as_deref(), Ok("{}"));
        assert!(checked("ok", ExpectedShape::Json).is_err());
    }

    #[test]
    fn a_token_is_promised_when_authorized() {
        for body in [r#"{"authorized":false}"#, r#"{"authorized":true,"token":"t"}"#] {
            assert!(checked(body, ExpectedShape::Token).is_ok());
        }
        for body in [r#"{"authorized":true}"#, r#"{"authorized":1,"token":"t"}"#, r#"{"token":"t"}"#] {
            assert!(checked(body, ExpectedShape::Token).is_err());
        }
    }

    #[test]
    fn a_list_is_promised_and_its_depth_is_bounded() {
        let list = ExpectedShape::Array("visitors");
        let with = |members: &str| checked(&format!("{{{members}}}"), list);
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
        assert_eq!(checked("[]", list).unwrap_err(), "lacks the array \"visitors\"");
        assert_eq!(with(r#""visitors":[1"#).unwrap_err(), "is not JSON (line 1, column 15)");
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        let many = "[],".repeat(5000);
        for (level, element) in [
            (2, r#""visitors":[{},0]"#),
            (1, r#""visitors":[],"x":{}"#),
            // Measured with others.
            (2, &*format!(r#""visitors":[0, 1 , {{}} ,{many}0]"#)),
            (2, &*format!(r#""visitors":[{many}{{}}]"#)),
        ] {
            let with_levels = |n: usize| with(&element.replace("{}", &nested(n - level)));
            assert!(with_levels(128).is_ok(), "{element}");
            assert_eq!(with_levels(129).unwrap_err(), "is nested more than 128 levels deep", "{element}");
        }
        // Not gone through before it is counted.
        assert_eq!(with(&nested(2 * MANY)).unwrap_err(), "is nested more than 128 levels deep");
    }

    #[test]
    fn what_is_handed_out_holds_no_nul() {
        let promises = [
            (ExpectedShape::Nothing, "{\"a\": [1, \"b\"]} "),
            (ExpectedShape::Json, "[true, {\"a\": null}] "),
            (ExpectedShape::Object("usage"), "{\"usage\": {\"a\": \"\\n\"}, \"b\": -1.5e3} "),
            (ExpectedShape::Array("visitors"), "{\"visitors\": [{\"a\": 1}, \"b\", [] ], \"next\": false} "),
            (ExpectedShape::Text("watch_url"), "{\"watch_url\": \"https://x\", \"a\": {\"b\": [0]}} "),
            (ExpectedShape::Token, "{\"authorized\": true, \"token\": \"t\", \"a\": \"b\"} "),
        ];
        for (expected, good) in promises {
            assert_eq!(checked(good, expected).as_deref(), Ok(good));
            for at in 0..=good.len() {
                for replaced in 0..=1 {
                    let mut body = good.as_bytes().to_vec();
                    body.splice(at..(at + replaced).min(good.len()), [0]);
                    let handed_out = check(WipedBytes::new(body), expected).unwrap_or_default();
                    assert!(!handed_out.contains('\0'), "{expected:?}: {good} at {at}");
                }
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| format!("{{\"usage\":{{\"a\":{}{}}}}}", "[".repeat(n), "]".repeat(n));
        assert!(checked(&nested(126), ExpectedShape::Object("usage")).is_ok());
        assert!(checked(&nested(127), ExpectedShape::Object("usage")).is_err());
    }
}
