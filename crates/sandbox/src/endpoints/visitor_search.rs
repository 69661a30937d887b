//! The search syntax of the visitor list.

use crate::state::Visitor;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Query {
    Everyone,
    Online(bool),
    Email(String),
    IpAddress(String),
    UniqueId(String),
    LookupCode(String),
    Tag(String),
    Integration(String),
    Words(Vec<String>),
}

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        let after = |prefix: &str| text.strip_prefix(prefix).map(str::to_owned);
        if text.is_empty() {
            Self::Everyone
        } else if text.eq_ignore_ascii_case("online") {
            Self::Online(true)
        } else if text.eq_ignore_ascii_case("-online") {
            Self::Online(false)
        } else if let Some(address) = after("ip:") {
            Self::IpAddress(address)
        } else if let Some(id) = after("id:") {
            Self::UniqueId(id)
        } else if let Some(id) = after("integration_id:") {
            Self::Integration(id)
        } else if let Some(tag) = after("#") {
            Self::Tag(tag.to_lowercase())
        } else if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::LookupCode(text.to_owned())
        } else if is_email(text) {
            Self::Email(text.to_lowercase())
        } else {
            Self::Words(text.to_lowercase().split_whitespace().map(str::to_owned).collect())
        }
    }

    pub(crate) fn finds(&self, visitor: &Visitor) -> bool {
        let is = |name: &str, wanted: &str| visitor.text(name) == Some(wanted);
        match self {
            Self::Everyone => true,
            Self::Online(wanted) => visitor.flag("is_online") == *wanted,
            Self::Email(email) => visitor.text("email").is_some_and(|own| own.to_lowercase() == *email),
            Self::IpAddress(address) => is("ip_address", address),
            Self::UniqueId(id) => is("unique_id", id),
            Self::LookupCode(code) => is("lookup_code", code),
            Self::Tag(tag) => visitor.texts("tags").any(|own| own.to_lowercase() == *tag),
            // assumed: `integration` holds the service and its id, as in "acmechat:1234".
            Self::Integration(id) => is("integration", id),
            Self::Words(words) => words.iter().all(|word| resembles(visitor.folded(), word)),
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !text.contains(char::is_whitespace)
        && !local.is_empty()
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
}

/// assumed: "fuzzy" finds any part of a word, and forgives one slip in a longer one.
fn resembles(folded: &str, word: &str) -> bool {
    if folded.contains(word) {
        return true;
    }
    let word: Vec<char> = word.chars().collect();
    let apart = |c: char| c.is_whitespace() || "@.-_".contains(c);
    word.len() >= 4
        && folded.split(apart).any(|own| {
            let own: Vec<char> = own.chars().collect();
            within_one_slip(&own, &word)
        })
}

/// One character replaced, added or left out.
fn within_one_slip(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same_start = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short_rest, long_rest) = (&short[same_start..], &long[same_start..]);
    match long.len() - short.len() {
        0 => short_rest.get(1..).unwrap_or_default() == long_rest.get(1..).unwrap_or_default(),
        1 => short_rest == &long_rest[1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_told_from_free_text() {
        assert_eq!(Query::parse("  "), Query::Everyone);
        assert_eq!(Query::parse("-online"), Query::Online(false));
        assert_eq!(Query::parse("0042"), Query::LookupCode("0042".into()));
        assert_eq!(Query::parse("#Client"), Query::Tag("client".into()));
        assert_eq!(Query::parse("id:user123"), Query::UniqueId("user123".into()));
        assert_eq!(Query::parse("a@b.co"), Query::Email("a@b.co".into()));
        assert_eq!(Query::parse("integration_id:acmechat:1234"), Query::Integration("acmechat:1234".into()));
        for words in ["a@b", "@b.co", "a@b..co", "00421", "004", "onlin"] {
            assert!(matches!(Query::parse(words), Query::Words(_)), "{words}");
        }
    }

    #[test]
    fn one_slip_is_forgiven() {
        let folded = "josé müller\nanna@example.com";
        for word in ["jose", "muller", "mülller", "müler", "exam", "anna"] {
            assert!(resembles(folded, word), "{word}");
        }
        for word in ["jo5", "mullr", "anne", "xyz"] {
            assert_eq!(resembles(folded, word), word == "anne", "{word}");
        }
    }
}
