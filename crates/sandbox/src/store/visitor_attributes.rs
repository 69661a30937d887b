//! The documented attributes of a visitor.

use serde::Serialize;
use serde_json::{Map, Value};

/// The values of the documented attributes. The fields are sorted like the members of a JSON object in memory, so that the
/// text of a visitor is the same whether it was built from this or from an object.
#[derive(Serialize)]
pub(crate) struct DocumentedAttributes<'a> {
    pub(crate) added_at: &'a str,
    pub(crate) api_key: &'a str,
    pub(crate) browser_name: Option<&'a str>,
    pub(crate) call_name: Option<&'a str>,
    pub(crate) device_name: Option<&'a str>,
    pub(crate) device_type: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) identities: Option<&'a [&'a str]>,
    pub(crate) integration: Option<&'a str>,
    pub(crate) ip_address: &'a str,
    pub(crate) is_in_session: bool,
    pub(crate) is_online: bool,
    pub(crate) is_supported: bool,
    pub(crate) is_waiting_for_call: bool,
    pub(crate) js_configuration: bool,
    pub(crate) last_seen_at: &'a str,
    pub(crate) last_url: Option<&'a str>,
    pub(crate) location_city: Option<&'a str>,
    pub(crate) location_country: Option<&'a str>,
    pub(crate) location_country_name: Option<&'a str>,
    pub(crate) lookup_code: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) nickname: Option<&'a str>,
    pub(crate) short_id: &'a str,
    pub(crate) tags: &'a [&'a str],
    pub(crate) unique_id: Option<&'a str>,
    pub(crate) watch_link: &'a str,
}

impl<'a> DocumentedAttributes<'a> {
    /// The values of a new visitor.
    pub(crate) fn new(short_id: &'a str, watch_link: &'a str, now: &'a str) -> Self {
        Self {
            added_at: now,
            api_key: "sandbox-public-key",
            browser_name: None,
            call_name: None,
            device_name: None,
            device_type: None,
            email: None,
            identities: None,
            integration: None,
            ip_address: "192.0.2.1",
            is_in_session: false,
            is_online: false,
            is_supported: true,
            is_waiting_for_call: false,
            js_configuration: true,
            last_seen_at: now,
            last_url: None,
            location_city: None,
            location_country: None,
            location_country_name: None,
            lookup_code: None,
            name: None,
            nickname: None,
            short_id,
            tags: &[],
            unique_id: None,
            watch_link,
        }
    }
}

/// Reads attributes by name, whatever holds them.
pub(super) trait Attributes {
    fn text(&self, name: &str) -> Option<&str>;
    fn texts(&self, name: &str) -> Vec<&str>;
    fn is_online(&self) -> bool;
}

impl Attributes for Map<String, Value> {
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn is_online(&self) -> bool {
        self.get("is_online") == Some(&Value::Bool(true))
    }
}

impl Attributes for DocumentedAttributes<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "call_name" => self.call_name,
            "email" => self.email,
            "integration" => self.integration,
            "ip_address" => Some(self.ip_address),
            "last_seen_at" => Some(self.last_seen_at),
            "location_city" => self.location_city,
            "location_country_name" => self.location_country_name,
            "lookup_code" => self.lookup_code,
            "name" => self.name,
            "nickname" => self.nickname,
            "short_id" => Some(self.short_id),
            "unique_id" => self.unique_id,
            _ => None,
        }
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        match name {
            "identities" => self.identities.unwrap_or_default().to_vec(),
            "tags" => self.tags.to_vec(),
            _ => Vec::new(),
        }
    }

    fn is_online(&self) -> bool {
        self.is_online
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_sorted_and_read_like_the_members_of_an_object() {
        let attributes = DocumentedAttributes {
            call_name: Some("c"),
            email: Some("e"),
            identities: Some(&["i", "j"]),
            integration: Some("n"),
            location_city: Some("l"),
            location_country_name: Some("m"),
            lookup_code: Some("0042"),
            name: Some("a"),
            nickname: Some("b"),
            tags: &["t"],
            unique_id: Some("u"),
            is_online: true,
            ..DocumentedAttributes::new("V", "w", "d")
        };
        let object = serde_json::to_value(&attributes).unwrap();
        assert_eq!(object.to_string(), serde_json::to_string(&attributes).unwrap());
        let object = object.as_object().unwrap();
        for name in super::super::visitors::INDEXED_TEXTS {
            assert!(attributes.text(name).is_some(), "{name}");
            assert_eq!(attributes.text(name), object.text(name), "{name}");
        }
        for name in ["identities", "tags"] {
            assert_eq!(attributes.texts(name), object.texts(name), "{name}");
        }
        assert_eq!(attributes.is_online(), object.is_online());
    }
}
