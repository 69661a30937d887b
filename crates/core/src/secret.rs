//! Secrets: kept from every text, wiped on drop. The one place that hides them.

use std::fmt;

use zeroize::Zeroizing;

/// What stands where a secret was.
const HIDDEN: &str = "[hidden]";

/// Longest text of the service that an error carries, in characters.
const MAX_FOREIGN_TEXT: usize = 300;

/// Text that is a password to something: a key, a token, a watch link. It is wiped from memory when it is dropped,
/// and its `Debug` form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over the value.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(value.into()))
    }

    /// The value itself, to be sent and not to be shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Makes text that came from outside fit for a message: the known secrets, whatever looks like a link, a token
/// or a key, and control characters are taken out, and the length is bounded.
pub(crate) fn clean(text: &str, known: &[&Secret]) -> String {
    let mut text = text.replace(char::is_control, " ");
    for secret in known {
        text = without(&text, secret.expose());
    }
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().take(MAX_FOREIGN_TEXT) {
        if c.is_whitespace() || "\"'<>(){},;`".contains(c) {
            push_word(&mut out, &mut word);
            out.push(c);
        } else {
            word.push(c);
        }
    }
    if text.chars().nth(MAX_FOREIGN_TEXT).is_some() {
        // The last word is cut short and no longer looks like what it was: leave it out.
        out.push('…');
    } else {
        push_word(&mut out, &mut word);
    }
    out
}

/// The text without a secret. A short one is taken out only where it stands alone: a key such as "key" is no reason to
/// spoil "invalid_api_key".
fn without(text: &str, secret: &str) -> String {
    const LONG: usize = 12;
    let within_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret).filter(|_| !secret.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let alone = !before.ends_with(within_word) && !after.starts_with(within_word);
        out.push_str(before);
        out.push_str(if alone || secret.len() >= LONG { HIDDEN } else { secret });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn push_word(out: &mut String, word: &mut String) {
    out.push_str(if looks_secret(word) { HIDDEN } else { word });
    word.clear();
}

/// Links carry tokens, and a long word that mixes letters with digits is a key or a token more often than prose.
fn looks_secret(word: &str) -> bool {
    if word.contains("://") {
        return true;
    }
    let long = word.len() >= 20;
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    long && letters > 0 && (digits > 2 || word.bytes().any(|b| b.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_known_secrets_links_and_tokens_and_keeps_codes() {
        let key = Secret::new("sk live");
        let said =
            "bad key sk live at https://x.example/session/a964 for eyJhbGciOiJIUzI1NiJ9.e30.abc (invalid_api_key)";
        assert_eq!(clean(said, &[&key]), "bad key [hidden] at [hidden] for [hidden] (invalid_api_key)");
        assert_eq!(clean("please_contact_the_support_team", &[]), "please_contact_the_support_team");
        assert_eq!(clean("line\r\nbreak", &[]), "line  break");
        assert_eq!(clean("bad key sk\tlive", &[&key]), "bad key [hidden]");
    }

    #[test]
    fn a_short_key_spoils_no_code() {
        let key = Secret::new("key");
        assert_eq!(clean("invalid_api_key: key", &[&key]), "invalid_api_key: [hidden]");
        assert_eq!(clean("xsecret-key-123456x", &[&Secret::new("secret-key-123456")]), "x[hidden]x");
    }

    #[test]
    fn debug_prints_nothing_of_the_value() {
        assert_eq!(format!("{:?}", Secret::new("sk_live_1")), "[hidden]");
    }
}
