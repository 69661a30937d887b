//! The twelve permissions of a watch link.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::json::ObjectReader;

struct Permission {
    name: &'static str,
    /// The documented default. The JavaScript SDK of the sandbox disables nothing.
    default: bool,
    /// The name of the feature in a session's `features_used`.
    /// assumed: the names of features are not documented.
    feature: Option<&'static str>,
}

const fn permission(name: &'static str, default: bool, feature: Option<&'static str>) -> Permission {
    Permission { name, default, feature }
}

const COUNT: usize = 12;

/// In the order in which features are listed in `features_used`.
const PERMISSIONS: [Permission; COUNT] = [
    permission("allow_draw", true, Some("draw")),
    permission("allow_click", true, Some("click")),
    permission("allow_scroll", true, Some("scroll")),
    permission("allow_type", true, Some("type")),
    permission("allow_console", false, Some("console")),
    permission("allow_agent_redirect", true, None),
    permission("allow_audio", true, None),
    permission("allow_confetti", true, None),
    permission("allow_notes", true, None),
    permission("allow_show_agent_screen", true, None),
    permission("allow_request_visitor_screen", true, None),
    permission("hide_private_details", false, None),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permissions([bool; COUNT]);

impl Default for Permissions {
    fn default() -> Self {
        Self(std::array::from_fn(|index| PERMISSIONS[index].default))
    }
}

impl Permissions {
    /// Reads the member `permissions` of a request. assumed: unknown permissions are ignored.
    pub(crate) fn parse(body: &ObjectReader) -> Result<Self, String> {
        let mut permissions = Self::default();
        let Some(given) = body.object("permissions")? else {
            return Ok(permissions);
        };
        for (permission, granted) in PERMISSIONS.iter().zip(&mut permissions.0) {
            if let Some(value) = given.members().get(permission.name) {
                let type_error = || given.type_error(permission.name, value, "true or false");
                *granted = value.as_bool().ok_or_else(type_error)?;
            }
        }
        Ok(permissions)
    }

    pub(crate) fn json(&self) -> Value {
        let members = PERMISSIONS.iter().zip(self.0);
        Value::Object(
            members.map(|(permission, granted)| (permission.name.to_owned(), granted.into())).collect::<Map<_, _>>(),
        )
    }

    pub(super) fn names(&self) -> BTreeMap<String, bool> {
        PERMISSIONS.iter().zip(self.0).map(|(permission, granted)| (permission.name.to_owned(), granted)).collect()
    }

    /// Those that are not given have their defaults. Unlike in a request, each must be known.
    pub(super) fn from_names(given: &BTreeMap<String, bool>) -> Result<Self, String> {
        let mut permissions = Self::default();
        for (name, granted) in given {
            let index = PERMISSIONS.iter().position(|permission| permission.name == name);
            permissions.0[index.ok_or_else(|| format!("{name} is not a permission"))?] = *granted;
        }
        Ok(permissions)
    }

    /// assumed: a session uses every feature that its permissions allow.
    pub(crate) fn features(&self) -> Vec<&'static str> {
        let granted = PERMISSIONS.iter().zip(self.0).filter(|(_, granted)| *granted);
        granted.filter_map(|(permission, _)| permission.feature).collect()
    }
}
