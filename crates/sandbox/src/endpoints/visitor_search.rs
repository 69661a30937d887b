//! The search syntax of the visitor list.

use crate::store::Visitor;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SearchQuery {
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

impl SearchQuery {
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

    pub(crate) fn matches(&self, visitor: &Visitor) -> bool {
        let equals = |name: &str, value: &str| visitor.text(name) == Some(value);
        match self {
            Self::Everyone => true,
            Self::Online(online) => visitor.flag("is_online") == *online,
            Self::Email(email) => visitor.text("email").is_some_and(|value| value.to_lowercase() == *email),
            Self::IpAddress(address) => equals("ip_address", address),
            Self::UniqueId(id) => equals("unique_id", id),
            Self::LookupCode(code) => equals("lookup_code", code),
            Self::Tag(tag) => visitor.texts("tags").any(|value| value.to_lowercase() == *tag),
            // assumed: `integration` has the name of the service and the id there: "acmechat:1234".
            Self::Integration(id) => equals("integration", id),
            Self::Words(words) => words.iter().all(|word| fuzzy_matches(visitor.search_text(), word)),
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
    let length = word.chars().count();
    let is_separator = |c: char| c.is_whitespace() || "@.-_".contains(c);
    length >= 4
        && search_text.split(is_separator).any(|candidate| {
            // Counting is much faster than the distance.
            candidate.chars().count().abs_diff(length) <= 1 && strsim::osa_distance(candidate, word) <= 1
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_each_kind_of_search() {
        assert_eq!(SearchQuery::parse("  "), SearchQuery::Everyone);
        assert_eq!(SearchQuery::parse("-online"), SearchQuery::Online(false));
        assert_eq!(SearchQuery::parse("0042"), SearchQuery::LookupCode("0042".into()));
        assert_eq!(SearchQuery::parse("#Client"), SearchQuery::Tag("client".into()));
        assert_eq!(SearchQuery::parse("id:user123"), SearchQuery::UniqueId("user123".into()));
        assert_eq!(SearchQuery::parse("a@b.co"), SearchQuery::Email("a@b.co".into()));
        assert_eq!(
            SearchQuery::parse("integration_id:acmechat:1234"),
            SearchQuery::Integration("acmechat:1234".into())
        );
        for words in ["a@b", "@b.co", "a@b..co", "00421", "004", "onlin"] {
            assert!(matches!(SearchQuery::parse(words), SearchQuery::Words(_)), "{words}");
        }
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
