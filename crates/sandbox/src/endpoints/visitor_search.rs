//! The search syntax of the visitor list.

use std::str;

use crate::store::{SearchTerm, Visitor, Visitors};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SearchQuery {
    Everyone,
    Online(bool),
    Exact(SearchTerm),
    Words(Vec<String>),
}

impl SearchQuery {
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        let after = |prefix: &str| text.strip_prefix(prefix);
        if text.is_empty() {
            Self::Everyone
        } else if text.eq_ignore_ascii_case("online") {
            Self::Online(true)
        } else if text.eq_ignore_ascii_case("-online") {
            Self::Online(false)
        } else if let Some(address) = after("ip:") {
            Self::Exact(SearchTerm::IpAddress(address.into()))
        } else if let Some(id) = after("id:") {
            Self::Exact(SearchTerm::UniqueId(id.into()))
        } else if let Some(id) = after("integration_id:") {
            Self::Exact(SearchTerm::Integration(id.into()))
        } else if let Some(tag) = after("#") {
            Self::Exact(SearchTerm::tag(tag))
        } else if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Exact(SearchTerm::LookupCode(text.into()))
        } else if is_email(text) {
            Self::Exact(SearchTerm::email(text))
        } else {
            Self::Words(text.to_lowercase().split_whitespace().map(str::to_owned).collect())
        }
    }

    /// The visitors that match, the one seen last first. Only words are compared with each visitor.
    pub(crate) fn find<'a>(&'a self, visitors: &'a Visitors) -> Box<dyn Iterator<Item = &'a Visitor> + 'a> {
        match self {
            Self::Everyone => Box::new(visitors.by_last_seen()),
            Self::Online(true) => Box::new(visitors.online_by_last_seen()),
            Self::Online(false) => Box::new(visitors.offline_by_last_seen()),
            Self::Exact(term) => Box::new(visitors.with_term(term)),
            Self::Words(words) => Box::new(
                visitors
                    .by_last_seen()
                    .filter(|visitor| words.iter().all(|word| fuzzy_matches(visitor.search_text(), word))),
            ),
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

/// assumed: a "fuzzy" search matches parts of words, and words of four or more characters with one typo: a character that
/// is replaced, added or missing, or two neighbours that are swapped.
fn fuzzy_matches(search_text: &str, word: &str) -> bool {
    if search_text.contains(word) {
        return true;
    }
    let (bytes, length) = (word.as_bytes(), count_characters(word.as_bytes()));
    length >= 4
        && search_text.as_bytes().split(is_separator).any(|candidate| {
            // Much faster than the distance. A typo leaves the first or the last character as it is.
            count_characters(candidate).abs_diff(length) <= 1
                && (candidate.first() == bytes.first() || candidate.last() == bytes.last())
                && str::from_utf8(candidate).is_ok_and(|candidate| strsim::osa_distance(candidate, word) <= 1)
        })
}

/// The text has no other white space.
fn is_separator(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | b'@' | b'.' | b'-' | b'_')
}

/// Each character has one byte that does not continue another one.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_each_kind_of_search() {
        assert_eq!(SearchQuery::parse("  "), SearchQuery::Everyone);
        assert_eq!(SearchQuery::parse("-online"), SearchQuery::Online(false));
        assert_eq!(SearchQuery::parse("0042"), SearchQuery::Exact(SearchTerm::LookupCode("0042".into())));
        assert_eq!(SearchQuery::parse("#Client"), SearchQuery::Exact(SearchTerm::Tag("client".into())));
        assert_eq!(SearchQuery::parse("id:user123"), SearchQuery::Exact(SearchTerm::UniqueId("user123".into())));
        assert_eq!(SearchQuery::parse("a@b.co"), SearchQuery::Exact(SearchTerm::Email("a@b.co".into())));
        assert_eq!(
            SearchQuery::parse("integration_id:acmechat:1234"),
            SearchQuery::Exact(SearchTerm::Integration("acmechat:1234".into()))
        );
        for words in ["a@b", "@b.co", "a@b..co", "00421", "004", "onlin"] {
            assert!(matches!(SearchQuery::parse(words), SearchQuery::Words(_)), "{words}");
        }
    }

    #[test]
    fn finds_the_same_as_the_distance_to_each_word() {
        let letters = ['a', 'b', 'é', '王', '.'];
        let mut rng = fastrand::Rng::with_seed(1);
        let mut text = |length: usize| (0..length).map(|_| letters[rng.usize(..letters.len())]).collect::<String>();
        let mut found = 0;
        for number in 0..20_000 {
            let (search_text, word) = (text(number % 9), text(number % 7));
            let is_found = search_text.contains(&word)
                || word.chars().count() >= 4
                    && search_text.split('.').any(|candidate| strsim::osa_distance(candidate, &word) <= 1);
            assert_eq!(fuzzy_matches(&search_text, &word), is_found, "{word:?} in {search_text:?}");
            found += usize::from(is_found);
        }
        assert!((2_000..18_000).contains(&found), "{found}");
    }

    #[test]
    fn allows_one_typo() {
        let search_text = "josé müller\nanna@example.com";
        for word in ["jose", "muller", "mülller", "müler", "exam", "anna", "nana", "jsoé", "examlpe"] {
            assert!(fuzzy_matches(search_text, word), "{word}");
        }
        for word in ["jo5", "mullr", "anne", "xyz", "elxampe", "osjé"] {
            assert_eq!(fuzzy_matches(search_text, word), word == "anne", "{word}");
        }
    }
}
