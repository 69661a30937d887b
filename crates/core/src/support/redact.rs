//! Removes secrets from text for people. No other code does.
//!
//! A secret is found in any case, percent-encoded, escaped as in JSON or HTML, in base64 or hexadecimal, with line ends
//! or invisible characters within it, or cut short.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::support::secret::{HIDDEN, Secret};

/// The longest text of the service in an error, in characters.
const MAX_OUTPUT: usize = 300;

/// How many characters are searched: more than `MAX_OUTPUT`, for a secret that begins before that limit.
const MAX_SEARCHED: usize = 2000;

/// Secrets of at least this length are hidden within words, too. Shorter ones are hidden only as whole words, so that
/// the key "key" does not change "invalid_api_key".
const MIN_LENGTH_WITHIN_WORDS: usize = 8;

/// Parts of a secret are hidden, too, from this length on.
const MIN_PART: usize = 12;

/// How many layers of encoding are decoded.
const MAX_LAYERS: usize = 3;

/// Redacts text of the service for a message: removes known secrets, anything that looks like a link, a token or a key,
/// and control characters, and shortens it.
pub(crate) fn text(text: &str, known: &[Secret]) -> String {
    let text = truncate(text);
    let mut redaction = Redaction::new(text);
    redaction.hide_known(known, 0);
    redaction.hide_links();
    redaction.hide_tokens();
    redaction.output(MAX_OUTPUT)
}

/// Redacts an id and shortens it to `max` characters. Unlike [`text`], keeps what looks like a token, because ids do.
pub(crate) fn identifier(text: &str, known: &[Secret], max: usize) -> String {
    let text = truncate(text);
    let mut redaction = Redaction::new(text);
    redaction.hide_known(known, 0);
    redaction.hide_links();
    redaction.output(max)
}

/// Removes known secrets from a message of this library, except the shortest, which may be words of the message.
pub(crate) fn message(text: &str, known: &[Secret]) -> String {
    let mut redaction = Redaction::new(text);
    redaction.hide_known(known, 4);
    redaction.output(usize::MAX)
}

fn truncate(text: &str) -> &str {
    text.char_indices().nth(MAX_SEARCHED).map_or(text, |(end, _)| &text[..end])
}

/// A text, and the bytes of it that are hidden.
struct Redaction<'t> {
    text: &'t str,
    hidden: Vec<bool>,
    /// The text as written, then with one layer of encoding after another decoded.
    layers: Vec<Characters>,
}

impl<'t> Redaction<'t> {
    fn new(text: &'t str) -> Redaction<'t> {
        let mut layers = vec![Characters::of(text)];
        while let Some(decoded) = layers.last().filter(|_| layers.len() <= MAX_LAYERS).and_then(Characters::decode) {
            layers.push(decoded);
        }
        Redaction { text, hidden: vec![false; text.len()], layers }
    }

    /// Hides secrets of at least `min_length` characters.
    fn hide_known(&mut self, known: &[Secret], min_length: usize) {
        for secret in known {
            let plain = Characters::of(secret.expose()).without_whitespace();
            if plain.is_empty() || plain.len() < min_length {
                continue;
            }
            let encodings =
                if plain.len() < MIN_LENGTH_WITHIN_WORDS { Vec::new() } else { encodings(secret.expose().as_bytes()) };
            for layer in &self.layers {
                let mut spans = layer.find(&plain, plain.len().min(MIN_PART), plain.len() < MIN_LENGTH_WITHIN_WORDS);
                for pattern in &encodings {
                    spans.extend(layer.find(pattern, pattern.len(), false));
                }
                for span in spans {
                    self.hidden[span].fill(true);
                }
            }
        }
    }

    /// Hides the first link or JSON Web Token and all text after it, because its end is ambiguous.
    fn hide_links(&mut self) {
        if let Some(start) = self.layers.iter().filter_map(Characters::find_link).min() {
            self.hidden[start..].fill(true);
        }
    }

    /// Hides words that look like tokens.
    fn hide_tokens(&mut self) {
        let is_separator = |c: char| c.is_whitespace() || "\"'<>(){},;`".contains(c);
        let mut start = 0;
        for (end, separator) in self.text.match_indices(is_separator).chain([(self.text.len(), "")]) {
            let word: String = self.text[start..end].chars().filter(|c| !is_invisible(*c)).collect();
            if looks_secret(&Zeroizing::new(word)) {
                self.hidden[start..end].fill(true);
            }
            start = end + separator.len();
        }
    }

    /// The redacted text, shortened to `max` characters.
    fn output(&self, max: usize) -> String {
        let mut out = String::with_capacity(self.text.len().min(4 * MAX_OUTPUT));
        let mut is_hiding = false;
        for (count, (at, c)) in self.text.char_indices().enumerate() {
            if count == max {
                out.push('…');
                break;
            }
            if !self.hidden[at] {
                out.push(if is_invisible(c) || c.is_control() { ' ' } else { c });
            } else if !is_hiding {
                out.push_str(HIDDEN);
            }
            is_hiding = self.hidden[at];
        }
        out
    }
}

/// Whether a character is invisible to a reader. Line ends and tabs are not.
fn is_invisible(c: char) -> bool {
    let is_format = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    // The replacement for invalid UTF-8 does not split a word either.
    is_format || c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace())
}

/// Whether a word looks like a key or a token: it is long and mixes letters with digits or cases.
fn looks_secret(word: &str) -> bool {
    let is_long = word.len() >= 20;
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    is_long && letters > 0 && (digits > 2 || (word.bytes().any(|b| b.is_ascii_uppercase()) && !is_camel_case(word)))
}

/// Whether a word is a name such as `allowAgentRedirect`.
fn is_camel_case(word: &str) -> bool {
    let mut humps = word.split(|c: char| c.is_ascii_uppercase());
    // The part before the first capital letter may be short.
    let _ = humps.next();
    word.bytes().all(|b| b.is_ascii_alphabetic()) && humps.all(|hump| hump.len() >= 2)
}

/// The visible characters of a text in lower case, each with its span of bytes in the original text.
struct Characters {
    /// May hold a secret.
    chars: Zeroizing<Vec<char>>,
    spans: Vec<Range<usize>>,
}

impl Characters {
    fn with_capacity(capacity: usize) -> Characters {
        Characters { chars: Zeroizing::new(Vec::with_capacity(capacity)), spans: Vec::with_capacity(capacity) }
    }

    fn of(text: &str) -> Characters {
        let mut characters = Characters::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            characters.push(c, at..at + c.len_utf8());
        }
        characters
    }

    fn push(&mut self, c: char, span: Range<usize>) {
        if !is_invisible(c) {
            self.chars.push(c.to_lowercase().next().unwrap_or(c));
            self.spans.push(span);
        }
    }

    fn without_whitespace(&self) -> Zeroizing<Vec<char>> {
        let mut chars = Zeroizing::new(Vec::with_capacity(self.chars.len()));
        chars.extend(self.chars.iter().filter(|c| !c.is_whitespace()));
        chars
    }

    /// Decodes one layer of encoding; None if there is none.
    fn decode(&self) -> Option<Characters> {
        let mut out = Characters::with_capacity(self.chars.len());
        let mut is_encoded = false;
        let mut at = 0;
        while at < self.chars.len() {
            let (c, length) = decode_escape(&self.chars[at..]).unwrap_or((self.chars[at], 1));
            is_encoded |= length > 1;
            out.push(c, self.spans[at].start..self.spans[at + length - 1].end);
            at += length;
        }
        is_encoded.then_some(out)
    }

    /// Finds at least `min_length` consecutive characters of `pattern`; if `whole_word`, not within a word.
    fn find(&self, pattern: &[char], min_length: usize, whole_word: bool) -> Vec<Range<usize>> {
        let is_word =
            |at: Option<usize>| at.and_then(|at| self.chars.get(at)).is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let mut found = Vec::new();
        for start in 0..self.chars.len() {
            let may_begin = |from: &usize| pattern[*from] == self.chars[start];
            for from in (0..=pattern.len() - min_length).filter(may_begin) {
                let (count, end) = self.match_prefix(start, &pattern[from..]);
                if count >= min_length && !(whole_word && (is_word(start.checked_sub(1)) || is_word(Some(end)))) {
                    found.push(self.spans[start].start..self.spans[end - 1].end);
                }
            }
        }
        found
    }

    /// The number of characters from `start` on that match the start of `pattern`, and the end of the match. The match
    /// may contain white space.
    fn match_prefix(&self, start: usize, pattern: &[char]) -> (usize, usize) {
        let (mut count, mut end) = (0, start);
        for (at, c) in self.chars.iter().enumerate().skip(start) {
            if pattern.get(count) == Some(c) {
                count += 1;
                end = at + 1;
            } else if count == 0 || count == pattern.len() || !c.is_whitespace() {
                break;
            }
        }
        (count, end)
    }

    /// The first byte of the first link or JSON Web Token.
    fn find_link(&self) -> Option<usize> {
        let start = (0..self.chars.len()).find_map(|at| {
            let rest = &self.chars[at..];
            let next = |n: usize| rest.get(n).copied().unwrap_or(' ');
            match rest[0] {
                ':' if self.match_prefix(at, &[':', '/', '/']).0 == 3 => Some(self.word_before(at, "+-.")),
                '/' if next(1) == '/' && next(2).is_alphanumeric() => Some(at),
                '/' => self.host_before(at),
                '?' if next(1).is_alphanumeric() => self.host_before(at),
                'e' if rest.starts_with(&['e', 'y', 'j']) && self.word_before(at, "") == at => Some(at),
                _ => None,
            }
        })?;
        Some(self.spans[start].start)
    }

    /// The start of the letters, digits and `others` before `end`.
    fn word_before(&self, end: usize, others: &str) -> usize {
        let is_part = |c: &char| c.is_alphanumeric() || others.contains(*c);
        self.chars[..end].iter().rposition(|c| !is_part(c)).map_or(0, |at| at + 1)
    }

    /// The start of a host name, with or without a port, before `end`.
    fn host_before(&self, end: usize) -> Option<usize> {
        let digits = self.chars[..end].iter().rev().take_while(|c| c.is_ascii_digit()).count();
        let end = match (end - digits).checked_sub(1) {
            Some(colon) if digits > 0 && self.chars[colon] == ':' => colon,
            _ => end,
        };
        let start = self.word_before(end, ".-");
        if start.checked_sub(1).is_some_and(|at| self.chars[at] == '@') {
            return None; // An e-mail address.
        }
        let name: String = self.chars[start..end].iter().collect();
        let (_, domain) = name.rsplit_once('.').filter(|(name, _)| !name.is_empty())?;
        (domain.len() >= 2 && domain.bytes().all(|b| b.is_ascii_alphabetic())).then_some(start)
    }
}

/// Decodes the escape at the start of `chars`: the character, and the length of the escape.
fn decode_escape(chars: &[char]) -> Option<(char, usize)> {
    match (chars.first()?, chars.get(1)?) {
        ('%', _) => Some((decode_number(chars.get(1..3)?, 16)?, 3)),
        ('\\', 'u') => Some((decode_number(chars.get(2..6)?, 16)?, 6)),
        ('\\', 'x') => Some((decode_number(chars.get(2..4)?, 16)?, 4)),
        ('\\', c @ ('\\' | '/' | '"' | '\'')) => Some((*c, 2)),
        ('&', _) => {
            let length = chars.iter().take(12).position(|c| *c == ';')?;
            let c = match &chars[1..length] {
                ['#', 'x', digits @ ..] => decode_number(digits, 16)?,
                ['#', digits @ ..] => decode_number(digits, 10)?,
                ['a', 'm', 'p'] => '&',
                ['c', 'o', 'l', 'o', 'n'] => ':',
                ['s', 'o', 'l'] => '/',
                _ => return None,
            };
            Some((c, length + 1))
        }
        _ => None,
    }
}

fn decode_number(digits: &[char], radix: u32) -> Option<char> {
    let add = |number: u32, c: &char| number.checked_mul(radix)?.checked_add(c.to_digit(radix)?);
    digits.iter().try_fold(0, add).and_then(char::from_u32)
}

/// A secret in hexadecimal, and in base64 at each offset within the encoded bytes. In lower case.
fn encodings(secret: &[u8]) -> Vec<Zeroizing<Vec<char>>> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let chars = |digits: &mut dyn Iterator<Item = char>| {
        let mut chars = Zeroizing::new(Vec::with_capacity(2 * secret.len()));
        chars.extend(digits);
        chars
    };
    let bit = |at: usize| secret.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let hexadecimal = |shift: u8| move |byte: &u8| char::from_digit(u32::from(byte >> shift & 15), 16);
    let mut all = vec![chars(
        &mut secret.iter().flat_map(|byte| [4, 0].into_iter().filter_map(move |shift| hexadecimal(shift)(byte))),
    )];
    // Base64 digits have six bits. The first and the last digit may contain bits that are not of the secret.
    for first in [0, 2, 4] {
        let starts = (first..).step_by(6).take_while(|at| at + 6 <= 8 * secret.len());
        let digits = starts.map(|at| DIGITS[(0..6).fold(0, |digit, n| digit << 1 | bit(at + n))]);
        let digits: Zeroizing<Vec<u8>> = Zeroizing::new(digits.map(|digit| digit.to_ascii_lowercase()).collect());
        all.push(chars(&mut digits.iter().map(|digit| char::from(*digit))));
        // The alphabet for URLs.
        let url_safe = |digit: &u8| match digit {
            b'+' => '-',
            b'/' => '_',
            digit => char::from(*digit),
        };
        all.push(chars(&mut digits.iter().map(url_safe)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(input: &str, key: &str) -> String {
        text(input, &[Secret::new(key)])
    }

    #[test]
    fn known_secrets_links_and_tokens_are_hidden_and_codes_are_kept() {
        for (input, output) in [
            ("bad key sk live (invalid_api_key)", "bad key [hidden] (invalid_api_key)"),
            ("bad key SK\tLive", "bad key [hidden]"),
            ("please_contact_the_support_team", "please_contact_the_support_team"),
            ("line\r\nbreak", "line  break"),
            ("see https://x.example/session/a964 (or ask)", "see [hidden]"),
            ("token eyJhbGciOiJIUzI1NiJ9.e30.abc is old", "token [hidden]"),
            ("token 3f786850e387550fdab836ed7e6dc881de23001b is old", "token [hidden] is old"),
            ("o.upscope.io/w/ab is over", "[hidden]"),
            ("at //o.upscope.io", "at [hidden]"),
            ("o.upscope.io:8443/w", "[hidden]"),
            ("o.upscope.io?t=1", "[hidden]"),
            ("No route matches [GET] \"/v1.3/visitors\"", "No route matches [GET] \"/v1.3/visitors\""),
            ("send application/json, and/or nothing.", "send application/json, and/or nothing."),
            ("is allowRequestVisitorScreen a permission?", "is allowRequestVisitorScreen a permission?"),
            ("&#99999999999; is no character, &#4294967299; too", "&#99999999999; is no character, &#4294967299; too"),
        ] {
            assert_eq!(redacted(input, "sk live"), output);
        }
    }

    #[test]
    fn a_link_is_hidden_to_the_end_of_the_text() {
        for link in [
            "https://o.example/w?a=1&amp;token=XYZ",
            "https://o.example/w?a=1;token=XYZ",
            "https://o.example/w?a=1,token=XYZ",
            "https://o.example/w(XYZ)",
            "https://o.example/w'XYZ'",
            "https://o.example/w{XYZ}",
            "https://o.example/\nXYZ",
            "https:\\/\\/o.example\\/XYZ",
            "https%3A%2F%2Fo%2Eexample%2FXYZ",
            "https%253a%252f%252fXYZ",
            "https\\u003a\\u002f\\u002fXYZ",
            "https&#58;&#x2f;&sol;XYZ",
            "ht\u{0}tps:\u{200b}/\u{1}/XYZ",
        ] {
            assert_eq!(redacted(&format!("The link ({link}"), "k"), "The link ([hidden]");
        }
    }

    #[test]
    fn a_short_key_is_hidden_only_as_a_whole_word() {
        assert_eq!(redacted("invalid_api_key: key", "key"), "invalid_api_key: [hidden]");
        assert_eq!(redacted("xsecret-keyx", "secret-key"), "x[hidden]x");
        assert_eq!(message("The request is no key.", &[Secret::new("key")]), "The request is no key.");
        assert_eq!(message("No \"k3y-1\" in api_k3y-1.", &[Secret::new("k3y-1")]), "No \"[hidden]\" in api_k3y-1.");
    }

    #[test]
    fn a_part_of_a_key_is_hidden() {
        assert_eq!(redacted("key sk_live_0123… is unknown", "sk_live_0123456789"), "key [hidden]… is unknown");
        assert_eq!(redacted("ends in 0123456789ab.", "sk_live_0123456789ab"), "ends in [hidden].");
        // At the end of the shortened text.
        let before = "no ".repeat(MAX_OUTPUT / 3 - 1);
        assert_eq!(
            redacted(&format!("{before}sk_live_0123456789"), "sk_live_0123456789"),
            format!("{before}[hidden]…")
        );
    }

    #[test]
    fn ids_that_look_like_tokens_are_kept() {
        let key = [Secret::new("sk_live_0123456789")];
        let id = "a964e00a-c685-4d54-98d4-ea0bcb154d57";
        assert_eq!(identifier(id, &key, 64), id);
        assert_eq!(identifier(id, &key, 8), "a964e00a…");
        assert_eq!(identifier("SK_live_0123456789", &key, 64), HIDDEN);
        assert_eq!(identifier("https://o.example/a", &key, 64), HIDDEN);
    }

    /// Pseudo-random numbers, the same in each run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % limit as u64) as usize
        }

        fn text(&mut self, length: usize, of: &str) -> String {
            let of: Vec<char> = of.chars().collect();
            (0..length).map(|_| of[self.below(of.len())]).collect()
        }
    }

    /// A character in one of several encodings.
    fn encode(c: char, encoding: usize, random: &mut Random) -> String {
        let code = c as u32;
        match encoding {
            0 => c.to_string(),
            1 => format!("%{code:02x}"),
            2 => format!("%25{code:02X}"),
            3 => format!("\\u{code:04x}"),
            4 => format!("&#{code};"),
            5 if random.below(2) == 0 => c.to_ascii_uppercase().to_string(),
            5 => c.to_ascii_lowercase().to_string(),
            6 => format!("{}{c}", ["", "", "\u{0}", "\u{200b}", "\n", "\r\n "][random.below(6)]),
            _ => encode(c, random.below(7), random),
        }
    }

    #[test]
    fn a_secret_is_hidden_in_every_encoding() {
        const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        const AROUND: &str = "ab1 %\\&;\"'(){}<>,.:/=?#_-é\n\u{0}😀";
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        for round in 0..2_000 {
            let length = 8 + random.below(40);
            let encoding = round % 8;
            // A mix of encodings is ambiguous if the secret contains the first characters of escapes.
            let marks = if encoding == 7 { "" } else { "%&\\" };
            let secret = random.text(length, &format!("{LETTERS}_-./+{marks}"));
            let encoded: String = secret.chars().map(|c| encode(c, encoding, &mut random)).collect();
            let (before, after) = (random.below(20), random.below(20));
            let input = format!("{}{encoded}{}", random.text(before, AROUND), random.text(after, AROUND));
            let known = [Secret::new(secret.clone())];
            for output in [text(&input, &known), identifier(&input, &known, 300), message(&input, &known)] {
                let visible: String = output.chars().filter(|c| !c.is_whitespace()).collect();
                assert!(output.contains(HIDDEN), "{secret:?} in {input:?} gives {output:?}");
                assert!(
                    !visible.to_lowercase().contains(&secret.to_lowercase()),
                    "{secret:?} in {input:?}: {output:?}"
                );
            }
        }
    }

    #[test]
    fn a_secret_in_base64_or_hexadecimal_is_hidden() {
        let known = [Secret::new("proxy-p4ssword")];
        // With 0, 1 and 2 bytes before and after it, and in hexadecimal.
        for input in [
            "cHJveHktcDRzc3dvcmQ=",
            "OnByb3h5LXA0c3N3b3Jk",
            "dTpwcm94eS1wNHNzd29yZDp4",
            "70726F78792d7034737377 6f7264",
        ] {
            let output = identifier(&format!("Basic {input}!"), &known, 100);
            assert!(output.starts_with("Basic ") && output.contains(HIDDEN) && output.len() < 24, "{input}: {output}");
        }
        let known = [Secret::new("~~~???~~~???")];
        assert_eq!(identifier("fn5-Pz8_fn5-Pz8_", &known, 100), HIDDEN);
        assert_eq!(identifier("fn5+Pz8/fn5+Pz8/", &known, 100), HIDDEN);
    }

    #[test]
    fn text_without_a_secret_is_unchanged() {
        let mut random = Random(7);
        let words = [
            "visitor_id",
            "must",
            "be",
            "a",
            "string;",
            "\"en\"",
            "(or",
            "'de')",
            "100%",
            "R&D",
            "é",
            "1.5,",
            "/usage",
        ];
        for _ in 0..2_000 {
            let chosen: Vec<&str> = (0..random.below(30)).map(|_| words[random.below(words.len())]).collect();
            let input = chosen.join(" ");
            assert_eq!(redacted(&input, "sk_live_0123456789"), input);
        }
    }
}
