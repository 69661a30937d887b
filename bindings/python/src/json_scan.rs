//! Finds members and elements in JSON text that was checked before, without building a tree of it.
//!
//! On text that is no JSON the functions return None or a wrong place, and never panic.

/// A part of a text.
#[derive(Clone, Copy)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Option<Span> {
        Some(Span { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
    }

    /// The same part of a text that starts `offset` further on.
    fn moved(self, offset: u32) -> Option<Span> {
        Some(Span { start: self.start.checked_sub(offset)?, end: self.end.checked_sub(offset)? })
    }

    /// The part itself.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A member of an object: its key without the quotes, its value as written.
#[derive(Clone, Copy)]
pub struct Member {
    key: Span,
    value: Span,
    /// Whether the key is written with escapes.
    escaped: bool,
}

/// A JSON object: its text, and where its members are.
pub struct Object {
    text: Box<str>,
    members: Vec<Member>,
}

impl Object {
    /// The object that `text` is.
    pub fn new(text: &str) -> Option<Object> {
        let text = text.trim();
        let (members, _) = members(text.as_bytes(), 0, &mut |_, _| None)?;
        Some(Object { text: text.into(), members })
    }

    /// The object that `text` is, and those in the array under `key`, in one pass: answers may be long.
    ///
    /// None as well when something else than objects is in that array, or there is none.
    pub fn with_objects(text: String, key: &str) -> Option<(Object, Vec<Object>)> {
        let whole = if text.trim().len() == text.len() { text } else { text.trim().to_owned() };
        let text = whole.as_str();
        let mut found = None;
        let (members, _) = members(text.as_bytes(), 0, &mut |span, at| {
            let written = span.of(text);
            if !names(written, written.contains('\\'), key) {
                return None;
            }
            found = None;
            let (objects, end) = objects_at(text, at)?;
            found = Some(objects);
            Some(end)
        })?;
        Some((Object { text: whole.into_boxed_str(), members }, found?))
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value under `key`, as written. Of several the last, as everywhere in Python.
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.members.iter().rev().find(|member| names(member.key.of(&self.text), member.escaped, key));
        found.map(|member| member.value.of(&self.text))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }
}

/// The objects in the array that `json` is. None when it is none, or holds something else.
pub fn objects(json: &str) -> Option<Vec<Object>> {
    objects_at(json, 0).map(|(objects, _)| objects)
}

/// The objects in the array at `at`, and where it ends.
fn objects_at(text: &str, at: usize) -> Option<(Vec<Object>, usize)> {
    let mut found = Vec::new();
    let end = walk(text.as_bytes(), at, |bytes, start| {
        let (mut members, end) = members(bytes, start, &mut |_, _| None)?;
        let offset = u32::try_from(start).ok()?;
        for member in &mut members {
            member.key = member.key.moved(offset)?;
            member.value = member.value.moved(offset)?;
        }
        found.push(Object { text: text.get(start..end)?.into(), members });
        Some(end)
    })?;
    Some((found, end))
}

/// The values in the array that `json` is, as written.
pub fn elements(json: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    walk(json.as_bytes(), 0, |bytes, start| {
        let end = skip_value(bytes, start)?;
        found.push(json.get(start..end)?);
        Some(end)
    })?;
    Some(found)
}

/// Whether a key as written, with escapes or without, is this one.
fn names(written: &str, escaped: bool, key: &str) -> bool {
    written == key || (escaped && unescaped(written).as_deref() == Some(key))
}

/// A JSON string without its escapes, given what stands between its quotes.
pub fn unescaped(inner: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{inner}\"")).ok()
}

/// Calls `element` at the start of each element of the array at `at`; it gives the element's end. Gives the array's.
fn walk(bytes: &[u8], at: usize, mut element: impl FnMut(&[u8], usize) -> Option<usize>) -> Option<usize> {
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

/// The members of the object at `at`, and where it ends. `special` may take over a value: given its key and its start,
/// it gives its end.
fn members(
    bytes: &[u8],
    at: usize,
    special: &mut impl FnMut(Span, usize) -> Option<usize>,
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
        let (key_end, escaped) = end_of_string(bytes, at)?;
        let key = Span::new(at + 1, key_end - 1)?;
        at = skip_space(bytes, key_end);
        if *bytes.get(at)? != b':' {
            return None;
        }
        at = skip_space(bytes, at + 1);
        let end = match special(key, at) {
            Some(end) => end,
            None => skip_value(bytes, at)?,
        };
        found.push(Member { key, value: Span::new(at, end)?, escaped });
        at = skip_space(bytes, end);
        match bytes.get(at)? {
            b',' => at = skip_space(bytes, at + 1),
            b'}' => return Some((found, at + 1)),
            _ => return None,
        }
    }
}

/// The first place from `at` on that is not white space.
pub fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Behind the closing quote of the string that opens at `at`.
fn skip_string(bytes: &[u8], at: usize) -> Option<usize> {
    end_of_string(bytes, at).map(|(end, _)| end)
}

/// Behind the closing quote of the string that opens at `at`, and whether there are escapes in it.
pub fn end_of_string(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut at = at + 1;
    let mut escaped = false;
    // Most strings are shorter than what a search with vectors pays off for.
    for _ in 0..24 {
        match *bytes.get(at)? {
            b'"' => return Some((at + 1, escaped)),
            b'\\' => {
                escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some((at + 1, escaped));
        }
        escaped = true;
        at += 2;
    }
}

/// Behind the value that starts at `at`.
fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    match *bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' | b'[' => skip_nested(bytes, at),
        _ => Some(end_of_number(bytes, at)),
    }
}

/// Behind the number, or the word, that starts at `at`.
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
