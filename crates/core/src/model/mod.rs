//! What the service answers, as types. Every attribute may be missing, and nothing that comes is lost.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::operation::Promise;
use crate::secret::{Secret, Wipe};

mod agent;
mod onpremise_token;
mod session;
mod session_page;
mod usage;
mod visitor;
mod watch_url;

pub use agent::Agent;
pub use onpremise_token::OnpremiseToken;
pub use session::{Session, Team};
pub use session_page::SessionPage;
pub use usage::{AgentUsage, SessionCountUsage, SessionSecondsUsage, Usage, VisitorUsage};
pub use visitor::Visitor;
pub use watch_url::WatchUrl;

/// What is known of an attribute.
#[derive(Clone, Copy, Debug)]
pub struct AttributeInfo {
    /// Its name.
    pub name: &'static str,
    /// Its type in Rust, such as `String` or `Vec<Session>`; any value may be missing.
    pub kind: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// A type made from the answer of an operation.
pub trait Answer: Sized {
    /// Reads the answer. None when it is not what the operation promised.
    fn from_answer(answer: Value, promise: Promise) -> Option<Self>;
}

/// The answer of an operation that promises nothing: it was done.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Done {
    /// What the service said nevertheless.
    pub extra: Map<String, Value>,
}

impl Answer for Done {
    fn from_answer(answer: Value, _: Promise) -> Option<Self> {
        let extra = match answer {
            Value::Object(map) => map,
            other => Map::from_iter([("answer".to_owned(), other)]),
        };
        Some(Done { extra })
    }
}

impl Answer for Value {
    fn from_answer(answer: Value, _: Promise) -> Option<Self> {
        Some(answer)
    }
}

/// The member that the operation promised, or the whole answer.
fn promised(answer: Value, promise: Promise) -> Option<Value> {
    match (promise, answer) {
        (Promise::Object(name) | Promise::Array(name), Value::Object(mut map)) => map.remove(name),
        (_, answer) => Some(answer),
    }
}

impl<T: Attribute> Answer for Vec<T> {
    /// A null in the list does not spoil the others.
    fn from_answer(answer: Value, promise: Promise) -> Option<Self> {
        let values = promised(answer, promise)?;
        let list = values.as_array().map(|values| values.iter().filter_map(T::read).collect());
        values.wipe();
        list
    }
}

/// A type that an attribute may have. What cannot be read stays in `extra`, as it came.
pub(crate) trait Attribute: Sized {
    fn read(value: &Value) -> Option<Self>;
}

impl Attribute for String {
    /// A number counts as its text: identifiers were numbers in older versions of the service.
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Attribute for Secret {
    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(Secret::new)
    }
}

impl Attribute for bool {
    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Attribute for i64 {
    fn read(value: &Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Attribute for HashMap<String, Value> {
    fn read(value: &Value) -> Option<Self> {
        Some(value.as_object()?.clone().into_iter().collect())
    }
}

impl<T: Attribute> Attribute for Vec<T> {
    fn read(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::read).collect()
    }
}

/// Defines an object of the service's: attributes that may all be missing, and `extra` for everything else.
macro_rules! model {
    (
        $(#[doc = $about:literal])+
        $type:ident { $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty, )* }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $type {
            $( $(#[doc = $doc])+ pub $field: Option<$kind>, )*
            /// What else the service sent: attributes that are not known here, and those of an unexpected type.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $type {
            /// Every attribute, for bindings that make their own types.
            pub const ATTRIBUTES: &'static [$crate::model::AttributeInfo] = &[
                $( $crate::model::AttributeInfo {
                    name: stringify!($field),
                    kind: stringify!($kind),
                    doc: concat!($($doc),+).trim_ascii(),
                }, )*
            ];

            pub(crate) fn from_object(mut object: serde_json::Map<String, serde_json::Value>) -> Self {
                let mut model = Self::default();
                $(
                    let name = stringify!($field);
                    match object.get(name) {
                        None => {}
                        Some(serde_json::Value::Null) => {
                            object.remove(name);
                        }
                        Some(value) => {
                            model.$field = $crate::model::Attribute::read(value);
                            if model.$field.is_some() {
                                $crate::secret::Wipe::wipe(object.remove(name));
                            }
                        }
                    }
                )*
                model.extra = object;
                model
            }
        }

        impl $crate::model::Attribute for $type {
            fn read(value: &serde_json::Value) -> Option<Self> {
                value.as_object().map(|object| Self::from_object(object.clone()))
            }
        }

        /// Shows the names of what is in `extra`, not the values: they could hold anything.
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type))
                    $( .field(stringify!($field), &self.$field) )*
                    .field("extra", &self.extra.keys())
                    .finish()
            }
        }
    };
}

/// Defines an object that is the answer of an operation, or its one member.
macro_rules! answer {
    ($type:ident) => {
        impl $crate::model::Answer for $type {
            fn from_answer(answer: serde_json::Value, promise: $crate::operation::Promise) -> Option<Self> {
                match $crate::model::promised(answer, promise)? {
                    serde_json::Value::Object(object) => Some(Self::from_object(object)),
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {answer, model};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_read_is_kept() {
        let answer = json!({"visitor": {
            "short_id": 12, "name": null, "is_online": "yes", "tags": ["a", {"b": 1}], "later": [1],
        }});
        let visitor = Visitor::from_answer(answer, Promise::Object("visitor")).unwrap();
        assert_eq!(visitor.short_id.as_deref(), Some("12"));
        assert_eq!((visitor.name, visitor.is_online, visitor.tags), (None, None, None));
        assert_eq!(Value::Object(visitor.extra), json!({"is_online": "yes", "tags": ["a", {"b": 1}], "later": [1]}));
    }

    #[test]
    fn debug_shows_no_link() {
        let answer = json!({"watch_url": "https://x.example/session/abc", "link": "https://x.example/session/def"});
        let url = WatchUrl::from_answer(answer, Promise::Text("watch_url")).unwrap();
        let shown = format!("{url:?}");
        assert!(!shown.contains("x.example"), "{shown}");
        assert_eq!(url.watch_url.unwrap().expose(), "https://x.example/session/abc");
    }
}
