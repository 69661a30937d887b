//! How deep a JSON text is nested, found before anything recursive touches it.

use memchr::memchr2;

/// Whether `json` is nested more than `limit` levels deep. Brackets within strings do not count.
pub fn exceeds(json: &[u8], limit: usize) -> bool {
    // What is opened is closed again, or it is no JSON.
    json.len() > 2 * limit && openings(json) > limit && is_deeper(json, limit)
}

/// How many brackets open, within strings as well: never less than the depth, and found many bytes at a time.
pub fn openings(json: &[u8]) -> usize {
    // The two differ in this bit alone.
    let is_opening = |byte: u8| byte | 0x20 == b'{';
    // Rows of a known length, each column with a count of its own, are what compilers turn into vectors. A count is a
    // byte: no more rows at a time than it can hold.
    let (rows, rest) = json.as_chunks::<64>();
    let mut count = 0;
    for rows in rows.chunks(u8::MAX.into()) {
        let mut columns = [0u8; 64];
        for row in rows {
            for (column, &byte) in columns.iter_mut().zip(row) {
                *column += u8::from(is_opening(byte));
            }
        }
        count += columns.iter().map(|&column| usize::from(column)).sum::<usize>();
    }
    count + rest.iter().filter(|&&byte| is_opening(byte)).count()
}

fn is_deeper(json: &[u8], limit: usize) -> bool {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at = behind_string(json, at),
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

/// Where the string that begins at `at` has ended. Most of an answer is within strings.
fn behind_string(json: &[u8], mut at: usize) -> usize {
    while let Some(found) = json.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if json[at - 1] == b'"' {
            return at;
        }
        // What follows a backslash is no end.
        at += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings_are_brackets_of_both_kinds() {
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(openings(&every), 2);
        assert_eq!(openings("[{\"[]".repeat(500).as_bytes()), 1500);
        // More than a column can count at a time.
        assert_eq!(openings(&[b'{'; 100_000]), 100_000);
    }

    #[test]
    fn counts_levels_and_not_what_strings_hold() {
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
