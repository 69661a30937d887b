//! Finds members and elements in JSON text that is known to be valid, without building a tree.
//!
//! Given invalid JSON, the functions return None or a wrong range, and never panic.

/// A range of bytes in a text.
#[derive(Clone, Copy)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Option<Span> {
        Some(Span { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    }

    /// The same range in a text that starts `offset` bytes later.
    fn relative_to(self, offset: u32) -> Option<Span> {
        Some(Span { start: self.start.checked_sub(offset)?, end: self.end.checked_sub(offset)? })
    }

    /// The text in this range.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A member of an object: its key without the quotes, and its value as written.
#[derive(Clone, Copy)]
pub struct Member {
    key: Span,
    value: Span,
    /// Whether the key contains escapes.
    key_has_escapes: bool,
}

/// A JSON object: its text, and the positions of its members.
pub struct JsonObject {
    text: Box<str>,
    members: Vec<Member>,
}

impl JsonObject {
    /// Parses an object.
    pub fn parse(text: &str) -> Option<JsonObject> {
        let text = text.trim();
        let (members, _) = scan_members(text.as_bytes(), 0, &mut |_, _| None)?;
        Some(JsonObject { text: text.into(), members })
    }

    /// Parses an object and the objects in its array `key`, in one pass, because responses may be long.
    ///
    /// Returns None also if there is no such array, or it contains anything but objects.
    pub fn parse_with_array(text: String, key: &str) -> Option<(JsonObject, Vec<JsonObject>)> {
        let trimmed = if text.trim().len() == text.len() { text } else { text.trim().to_owned() };
        let text = trimmed.as_str();
        let mut found = None;
        let (members, _) = scan_members(text.as_bytes(), 0, &mut |span, at| {
            let written = span.slice(text);
            if !key_matches(written, written.contains('\\'), key) {
                return None;
            }
            found = None;
            let (objects, end) = scan_objects(text, at)?;
            found = Some(objects);
            Some(end)
        })?;
        Some((JsonObject { text: trimmed.into_boxed_str(), members }, found?))
    }

    /// The JSON text of the object.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of `key`, as written. The last of several, as in `json.loads`.
    pub fn get(&self, key: &str) -> Option<&str> {
        let is_key = |member: &&Member| key_matches(member.key.slice(&self.text), member.key_has_escapes, key);
        self.members.iter().rev().find(is_key).map(|member| member.value.slice(&self.text))
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }
}

/// The objects in an array. None if `json` is not an array or contains anything but objects.
pub fn objects(json: &str) -> Option<Vec<JsonObject>> {
    scan_objects(json, 0).map(|(objects, _)| objects)
}

/// The objects in the array at `at`, and the end of the array.
fn scan_objects(text: &str, at: usize) -> Option<(Vec<JsonObject>, usize)> {
    let mut found = Vec::new();
    let end = for_each_element(text.as_bytes(), at, |bytes, start| {
        let (mut members, end) = scan_members(bytes, start, &mut |_, _| None)?;
        let offset = u32::try_from(start).ok()?;
        for member in &mut members {
            member.key = member.key.relative_to(offset)?;
            member.value = member.value.relative_to(offset)?;
        }
        found.push(JsonObject { text: text.get(start..end)?.into(), members });
        Some(end)
    })?;
    Some((found, end))
}

/// The elements of an array, as written.
pub fn elements(json: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    for_each_element(json.as_bytes(), 0, |bytes, start| {
        let end = skip_value(bytes, start)?;
        found.push(json.get(start..end)?);
        Some(end)
    })?;
    Some(found)
}

/// Whether the key that is written as `written` equals `key`.
fn key_matches(written: &str, has_escapes: bool, key: &str) -> bool {
    written == key || (has_escapes && unescape(written).as_deref() == Some(key))
}

/// The value of a JSON string, given the text between its quotes.
pub fn unescape(inner: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{inner}\"")).ok()
}

/// Calls `element` with the start of each element of the array at `at`. It returns the end of the element. Returns the end
/// of the array.
fn for_each_element(bytes: &[u8], at: usize, mut element: impl FnMut(&[u8], usize) -> Option<usize>) -> Option<usize> {
    let mut at = skip_space(bytes, at);
    if *bytes.get(at)? != b'[' {
        return None;
    }
    at = skip_space(bytes, at + 1);
    if *bytes.get(at)? == b']' {
        return Some(at + 1);
    }
    loop {
        at = skip_space(bytes, element(bytes, at)?);
        match bytes.get(at)? {
            b',' => at = skip_space(bytes, at + 1),
            b']' => return Some(at + 1),
            _ => return None,
        }
    }
}

/// The members of the object at `at`, and the end of the object. `scan_value` is called with the key and the start of each
/// value. It returns the end of the value, or None to skip it.
fn scan_members(
    bytes: &[u8],
    at: usize,
    scan_value: &mut impl FnMut(Span, usize) -> Option<usize>,
) -> Option<(Vec<Member>, usize)> {
    let mut at = skip_space(bytes, at);
    let mut found = Vec::with_capacity(16);
    if *bytes.get(at)? != b'{' {
        return None;
    }
    at = skip_space(bytes, at + 1);
    if *bytes.get(at)? == b'}' {
        return Some((found, at + 1));
    }
    loop {
        if *bytes.get(at)? != b'"' {
            return None;
        }
        let (key_end, key_has_escapes) = end_of_string(bytes, at)?;
        let key = Span::new(at + 1, key_end - 1)?;
        at = skip_space(bytes, key_end);
        if *bytes.get(at)? != b':' {
            return None;
        }
        at = skip_space(bytes, at + 1);
        let end = match scan_value(key, at) {
            Some(end) => end,
            None => skip_value(bytes, at)?,
        };
        found.push(Member { key, value: Span::new(at, end)?, key_has_escapes });
        at = skip_space(bytes, end);
        match bytes.get(at)? {
            b',' => at = skip_space(bytes, at + 1),
            b'}' => return Some((found, at + 1)),
            _ => return None,
        }
    }
}

/// The position of the first byte from `at` on that is not white space.
pub fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The position after the closing quote of the string at `at`.
fn skip_string(bytes: &[u8], at: usize) -> Option<usize> {
    end_of_string(bytes, at).map(|(end, _)| end)
}

/// The position after the closing quote of the string at `at`, and whether the string contains escapes.
pub fn end_of_string(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut at = at + 1;
    let mut has_escapes = false;
    // Most strings are too short for a vectorized search to pay off.
    for _ in 0..24 {
        match *bytes.get(at)? {
            b'"' => return Some((at + 1, has_escapes)),
            b'\\' => {
                has_escapes = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some((at + 1, has_escapes));
        }
        has_escapes = true;
        at += 2;
    }
}

/// The position after the value at `at`.
fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    match *bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' | b'[' => skip_nested(bytes, at),
        _ => Some(end_of_number(bytes, at)),
    }
}

/// The position after the number or literal at `at`.
pub fn end_of_number(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = rest.iter().position(|b| matches!(b, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r'));
    at + length.unwrap_or(rest.len())
}

fn skip_nested(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at = skip_string(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
