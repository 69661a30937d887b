//! The depth of nested JSON, measured before anything parses it recursively.

use memchr::memchr2;

/// Whether `json` is nested more than `limit` levels deep. Brackets within strings do not count.
pub fn exceeds(json: &[u8], limit: usize) -> bool {
    // Valid JSON has a closing bracket for each opening one.
    json.len() > 2 * limit && count_open_brackets(json) > limit && is_deeper(json, limit)
}

/// Counts the opening brackets, also within strings: an upper bound of the depth, which vector instructions can count.
pub fn count_open_brackets(json: &[u8]) -> usize {
    // `[` and `{` differ only in this bit.
    let is_open_bracket = |byte: u8| byte | 0x20 == b'{';
    // Compilers vectorize rows of a fixed length with one count per column. A count is a byte, which limits the rows
    // that are counted at a time.
    let (rows, rest) = json.as_chunks::<64>();
    let mut count = 0;
    for rows in rows.chunks(u8::MAX.into()) {
        let mut columns = [0u8; 64];
        for row in rows {
            for (column, &byte) in columns.iter_mut().zip(row) {
                *column += u8::from(is_open_bracket(byte));
            }
        }
        count += columns.iter().map(|&column| usize::from(column)).sum::<usize>();
    }
    count + rest.iter().filter(|&&byte| is_open_bracket(byte)).count()
}

fn is_deeper(json: &[u8], limit: usize) -> bool {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(json, at),
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// The position after the object or array whose opening bracket is at `at`. The JSON must be valid.
pub(crate) fn end_of_brackets(json: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(json, at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    json.len()
}

/// The position after the string whose text begins at `at`. Most of a response is within strings.
pub(crate) fn end_of_string(json: &[u8], mut at: usize) -> usize {
    while let Some(found) = json.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if json[at - 1] == b'"' {
            return at;
        }
        // The byte after a backslash does not end the string.
        at += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_open_brackets_are_counted() {
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(count_open_brackets(&every), 2);
        assert_eq!(count_open_brackets("[{\"[]".repeat(500).as_bytes()), 1500);
        // More rows than a column can count at a time.
        assert_eq!(count_open_brackets(&[b'{'; 100_000]), 100_000);
    }

    #[test]
    fn brackets_within_strings_do_not_count() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(!exceeds(nested(128).as_bytes(), 128));
        assert!(exceeds(nested(129).as_bytes(), 128));
        assert!(!exceeds(br#"["[[[[","\"[[[\\"]"#, 1));
        assert!(!exceeds(b"[[],[],[]]", 2));
        assert!(exceeds(br#"["\\",[["\"",["#, 3));
        for cut in [&b"[\""[..], b"[\"\\", b"[\"a\\\"", b"\"", b""] {
            assert!(!exceeds(cut, 1));
        }
    }
}
