//! Finds a value by its JSON pointer (RFC 6901).

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::depth;
use crate::value::unescape_lossy;

/// Whether text is a JSON pointer: it is empty or starts with a slash, and has `~` only in `~0` and `~1`.
pub fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

/// The text of the value at `pointer`; None if there is none. Of equal keys, the last counts.
///
/// Reads the text once. The recursion is at most as deep as the text is nested, which the caller has to limit.
pub fn find<'t>(whole: &'t RawValue, pointer: &str) -> Option<&'t str> {
    Reader { json: whole.get(), position: 0, is_in_object: false }.read_value(pointer)
}

/// Reads JSON that is known to be valid.
struct Reader<'t> {
    json: &'t str,
    position: usize,
    /// Whether an object contains the position, so that an equal key may follow.
    is_in_object: bool,
}

impl<'t> Reader<'t> {
    /// Moves past the value at the position. Returns what `pointer` names in it.
    fn read_value(&mut self, pointer: &str) -> Option<&'t str> {
        let Some(names) = pointer.strip_prefix('/') else { return Some(self.skip_value()) };
        let (name, rest) = names.split_at(names.find('/').unwrap_or(names.len()));
        match self.peek() {
            Some(b'{') => self.read_object(&unescape_name(name), rest),
            Some(b'[') => self.read_array(array_index(name), rest),
            _ => {
                self.skip_value();
                None
            }
        }
    }

    fn read_object(&mut self, name: &str, rest: &str) -> Option<&'t str> {
        let mut found = None;
        self.is_in_object = true;
        self.position += 1;
        while self.move_to_item() {
            let key = self.skip_value();
            self.skip_separators();
            if is_key(key, name) {
                found = self.read_value(rest);
            } else {
                self.skip_value();
            }
        }
        found
    }

    fn read_array(&mut self, index: Option<usize>, rest: &str) -> Option<&'t str> {
        let mut found = None;
        let mut at = 0;
        self.position += 1;
        while self.move_to_item() {
            if index == Some(at) {
                found = self.read_value(rest);
                if !self.is_in_object {
                    return found;
                }
            } else {
                self.skip_value();
            }
            at += 1;
        }
        found
    }

    /// Moves to the next element or key. Returns false at the end of the array or object, and moves past it.
    fn move_to_item(&mut self) -> bool {
        self.skip_separators();
        let is_item = !matches!(self.peek(), None | Some(b'}' | b']'));
        self.position += usize::from(!is_item);
        is_item
    }

    fn skip_separators(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            self.position += 1;
        }
    }

    /// Moves past the value at the position, and returns its text.
    fn skip_value(&mut self) -> &'t str {
        let start = self.position;
        let json = self.json.as_bytes();
        self.position = match self.peek() {
            Some(b'"') => depth::end_of_string(json, start + 1),
            Some(b'{' | b'[') => depth::end_of_brackets(json, start),
            _ => {
                let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
                let length = json.iter().skip(start).position(is_end);
                length.map_or(json.len(), |length| start + length)
            }
        };
        self.json.get(start..self.position).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.position).copied()
    }
}

/// A name in a pointer, without its escapes.
fn unescape_name(name: &str) -> Cow<'_, str> {
    let mut pieces = name.split('~');
    let mut plain = Cow::Borrowed(pieces.next().unwrap_or_default());
    for piece in pieces {
        let escaped = if piece.starts_with('1') { "/" } else { "~" };
        plain += escaped;
        plain += piece.get(1..).unwrap_or_default();
    }
    plain
}

/// A name in a pointer as an index: digits without a leading zero.
fn array_index(name: &str) -> Option<usize> {
    let is_canonical = name == "0" || name.starts_with(|first: char| matches!(first, '1'..='9'));
    if is_canonical { name.parse().ok() } else { None }
}

/// Whether a key, with its quotes, is `name`. Does not copy keys that are too long.
fn is_key(key: &str, name: &str) -> bool {
    let Some(key) = key.get(1..key.len().saturating_sub(1)) else { return false };
    if !key.contains('\\') {
        return key == name;
    }
    // Each byte of the name may be written as `\uXXXX`.
    key.len() <= 6 * name.len() && {
        let mut plain = String::new();
        unescape_lossy(key, |piece| plain.push_str(piece));
        plain == name
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn get<'t>(text: &'t str, pointer: &str) -> Option<&'t str> {
        assert!(is_pointer(pointer), "{pointer}");
        find(serde_json::from_str(text).unwrap(), pointer)
    }

    #[test]
    fn the_examples_of_rfc_6901() {
        let document = r#" {
            "foo": ["bar", "baz"],
            "": 0,
            "a/b": 1,
            "c%d": 2,
            "e^f": 3,
            "g|h": 4,
            "i\\j": 5,
            "k\"l": 6,
            " ": 7,
            "m~n": 8
        } "#;
        for (pointer, value) in [
            ("", document.trim()),
            ("/foo", r#"["bar", "baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ] {
            assert_eq!(get(document, pointer), Some(value), "{pointer}");
        }
    }

    #[test]
    fn a_pointer_has_the_syntax_of_rfc_6901() {
        for pointer in ["", "/", "//", "/a", "/~0~1", "/~01", "/é\n\"\\"] {
            assert!(is_pointer(pointer), "{pointer}");
        }
        for text in ["a", "0", " /a", "#/a", "~0", "/~", "/~2", "/a~/b", "/~0~"] {
            assert!(!is_pointer(text), "{text}");
        }
    }

    #[test]
    fn what_does_not_exist_is_not_found() {
        let document = r#"{"a": [1, [], {"b": "x"}], "n": null, "s": "text", "t": true}"#;
        let absent = [
            "/b",
            "/a/3",
            "/a/-",
            "/a/00",
            "/a/01",
            "/a/+1",
            "/a/-1",
            "/a/1e0",
            "/a/",
            "/a/1/0",
            "/a/2/c",
            "/a/18446744073709551616",
            "/n/x",
            "/s/0",
            "/t/",
            "/a/2/b/0",
            "/aa",
            "//a",
            "/A",
        ];
        for pointer in absent {
            assert_eq!(get(document, pointer), None, "{pointer}");
        }
        assert_eq!(get(document, "/n"), Some("null"));
        assert_eq!(get("17", ""), Some("17"));
        assert_eq!(get("17", "/"), None);
        assert_eq!(get("{}", "/"), None);
        assert_eq!(get("[]", "/0"), None);
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        for (document, pointer, value) in [
            (r#"{"a":1,"a":2}"#, "/a", Some("2")),
            (r#"{"a":1,"\u0061":2,"b":3}"#, "/a", Some("2")),
            (r#"{"a":{"b":1},"a":{"c":2}}"#, "/a/b", None),
            (r#"{"a":{"b":1},"a":[]}"#, "/a/b", None),
            (r#"{"a":{"b":1},"a":{"b":2},"c":{"b":3}}"#, "/a/b", Some("2")),
        ] {
            assert_eq!(get(document, pointer), value, "{document}");
        }
    }

    #[test]
    fn keys_are_compared_without_their_escapes() {
        let document = r#"{"\u00e9\ud83e\udd8a\n\"": 1, "\ud800": 2, "\u0061\u0061": 3, "a/~": 4}"#;
        assert_eq!(get(document, "/é🦊\n\""), Some("1"));
        assert_eq!(get(document, "/\u{fffd}"), Some("2"));
        assert_eq!(get(document, "/aa"), Some("3"));
        assert_eq!(get(document, "/a"), None);
        assert_eq!(get(document, "/a~1~0"), Some("4"));
    }

    /// Every pointer to a value in documents made of these pieces gives what a tree of the same text gives.
    #[test]
    fn the_result_is_that_of_a_tree() {
        let values = ["1", "\"]}\\\"\"", "[]", "{}", "[0 , [1,2]]", "{\"k\" :[3], \"~\":\"\"}", "-1.5e3", "true"];
        let pointers = ["", "/0", "/1", "/2", "/k", "/~0", "/1/0", "/1/1", "/k/0", "/k/1", "/x"];
        for (first, second) in values.iter().flat_map(|first| values.iter().map(move |second| (first, second))) {
            for document in [
                format!("[{first},{second}]"),
                format!("\n[ {first}\t, {second} ]\r"),
                format!("{{\"0\":{first},\"k\":{second}}}"),
                format!("{{ \"k\" : {first} , \"k\" : {second} , \"1\": {first} }}"),
            ] {
                let tree: Value = serde_json::from_str(&document).unwrap();
                for pointer in pointers.iter().flat_map(|start| pointers.iter().map(move |end| format!("{start}{end}")))
                {
                    let found = get(&document, &pointer).map(|text| serde_json::from_str::<Value>(text).unwrap());
                    assert_eq!(found.as_ref(), tree.pointer(&pointer), "{pointer} in {document}");
                }
            }
        }
    }
}
