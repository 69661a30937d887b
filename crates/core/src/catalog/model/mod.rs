//! What the service answers, as types. Every attribute may be missing, and nothing that comes is lost.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::catalog::operation::ExpectedShape;
use crate::support::secret::{Secret, Wipe};

mod agent;
mod onpremise_token;
pub(crate) mod schema;
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
    /// What its values are; any value may be missing or null.
    pub value: ValueType,
    /// What it means.
    pub doc: &'static str,
}

/// What the values of an attribute are.
#[derive(Clone, Copy)]
pub enum ValueType {
    /// Text.
    Text,
    /// An identifier: text, or a number from older servers.
    Id,
    /// Text that names a time, RFC 3339.
    Time,
    /// Text that must not be shown.
    Secret,
    /// true or false.
    Boolean,
    /// A whole number.
    Integer,
    /// An object with any content.
    AnyObject,
    /// A list of texts.
    Texts,
    /// An object. By a function, because objects hold each other in a circle.
    Object(fn() -> &'static Model),
    /// A list of objects.
    Objects(fn() -> &'static Model),
}

/// Objects by their names, as they hold each other in a circle.
impl std::fmt::Debug for ValueType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ValueType::Text => "Text",
            ValueType::Id => "Id",
            ValueType::Time => "Time",
            ValueType::Secret => "Secret",
            ValueType::Boolean => "Boolean",
            ValueType::Integer => "Integer",
            ValueType::AnyObject => "AnyObject",
            ValueType::Texts => "Texts",
            ValueType::Object(model) | ValueType::Objects(model) => model().name,
        })
    }
}

impl ValueType {
    /// A list of such values.
    const fn list(self) -> ValueType {
        match self {
            ValueType::Object(model) => ValueType::Objects(model),
            _ => ValueType::Texts,
        }
    }
}

/// An object of the service's.
#[derive(Debug)]
pub struct Model {
    /// The name of its type.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its attributes.
    pub attributes: &'static [AttributeInfo],
}

/// What an answer is made into.
#[derive(Clone, Copy, Debug)]
pub enum AnswerType {
    /// Nothing: that it was done is all there is to say.
    Nothing,
    /// JSON as it came.
    Json,
    /// An object.
    Object(fn() -> &'static Model),
    /// A list of objects.
    Objects(fn() -> &'static Model),
}

/// A type made from the answer of an operation.
pub trait Answer: Sized + std::fmt::Debug {
    /// What it is.
    #[doc(hidden)]
    const TYPE: AnswerType;

    /// Reads the answer. None when it is not what the operation promised.
    fn from_answer(answer: Value, expected: ExpectedShape) -> Option<Self>;
}

/// The answer of an operation that promises nothing: it was done.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Done {
    /// What the service said nevertheless.
    pub extra: Map<String, Value>,
}

impl Answer for Done {
    const TYPE: AnswerType = AnswerType::Nothing;

    fn from_answer(answer: Value, _: ExpectedShape) -> Option<Self> {
        let extra = match answer {
            Value::Object(map) => map,
            other => Map::from_iter([("answer".to_owned(), other)]),
        };
        Some(Done { extra })
    }
}

impl Answer for Value {
    const TYPE: AnswerType = AnswerType::Json;

    fn from_answer(answer: Value, _: ExpectedShape) -> Option<Self> {
        Some(answer)
    }
}

/// The member that the operation promised, or the whole answer.
fn promised(answer: Value, expected: ExpectedShape) -> Option<Value> {
    match (expected, answer) {
        (ExpectedShape::Object(name) | ExpectedShape::Array(name), Value::Object(mut map)) => map.remove(name),
        (_, answer) => Some(answer),
    }
}

impl<T: Attribute + std::fmt::Debug> Answer for Vec<T> {
    const TYPE: AnswerType = match T::TYPE {
        ValueType::Object(model) => AnswerType::Objects(model),
        _ => AnswerType::Json,
    };

    /// A null in the list does not spoil the others.
    fn from_answer(answer: Value, expected: ExpectedShape) -> Option<Self> {
        let values = promised(answer, expected)?;
        let list = values.as_array().map(|values| values.iter().filter_map(T::read).collect());
        values.wipe();
        list
    }
}

/// A type that an attribute may have. What cannot be read stays in `extra`, as it came.
pub(crate) trait Attribute: Sized {
    const TYPE: ValueType;

    fn read(value: &Value) -> Option<Self>;
}

impl Attribute for String {
    const TYPE: ValueType = ValueType::Text;

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
    const TYPE: ValueType = ValueType::Secret;

    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(Secret::new)
    }
}

impl Attribute for bool {
    const TYPE: ValueType = ValueType::Boolean;

    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Attribute for i64 {
    const TYPE: ValueType = ValueType::Integer;

    fn read(value: &Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Attribute for HashMap<String, Value> {
    const TYPE: ValueType = ValueType::AnyObject;

    fn read(value: &Value) -> Option<Self> {
        Some(value.as_object()?.clone().into_iter().collect())
    }
}

impl<T: Attribute> Attribute for Vec<T> {
    const TYPE: ValueType = T::TYPE.list();

    fn read(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::read).collect()
    }
}

/// Defines an object of the service's: attributes that may all be missing, and `extra` for everything else.
/// `as Id` and `as Time` say more of a text than its type in Rust does.
macro_rules! model {
    (
        $(#[doc = $about:literal])+
        $type:ident { $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty $(as $value:ident)?, )* }
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
            pub const ATTRIBUTES: &'static [$crate::catalog::model::AttributeInfo] = &[
                $( $crate::catalog::model::AttributeInfo {
                    name: stringify!($field),
                    kind: stringify!($kind),
                    value: $crate::catalog::model::model!(@value $kind $(as $value)?),
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
                            model.$field = $crate::catalog::model::Attribute::read(value);
                            if model.$field.is_some() {
                                $crate::support::secret::Wipe::wipe(object.remove(name));
                            }
                        }
                    }
                )*
                model.extra = object;
                model
            }
        }

        impl $crate::catalog::model::Attribute for $type {
            const TYPE: $crate::catalog::model::ValueType = $crate::catalog::model::ValueType::Object(|| {
                static MODEL: $crate::catalog::model::Model = $crate::catalog::model::Model {
                    name: stringify!($type),
                    doc: concat!($($about),+).trim_ascii(),
                    attributes: $type::ATTRIBUTES,
                };
                &MODEL
            });

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
    (@value $kind:ty as $value:ident) => { $crate::catalog::model::ValueType::$value };
    (@value $kind:ty) => { <$kind as $crate::catalog::model::Attribute>::TYPE };
}

/// What an object of this type is as an answer.
pub(crate) const fn object_answer<T: Attribute>() -> AnswerType {
    match T::TYPE {
        ValueType::Object(model) => AnswerType::Object(model),
        _ => AnswerType::Json,
    }
}

/// Defines an object that is the answer of an operation, or its one member.
macro_rules! answer {
    ($type:ident) => {
        impl $crate::catalog::model::Answer for $type {
            const TYPE: $crate::catalog::model::AnswerType = $crate::catalog::model::object_answer::<$type>();

            fn from_answer(
                answer: serde_json::Value,
                expected: $crate::catalog::operation::ExpectedShape,
            ) -> Option<Self> {
                match $crate::catalog::model::promised(answer, expected)? {
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
        let visitor = Visitor::from_answer(answer, ExpectedShape::Object("visitor")).unwrap();
        assert_eq!(visitor.short_id.as_deref(), Some("12"));
        assert_eq!((visitor.name, visitor.is_online, visitor.tags), (None, None, None));
        assert_eq!(Value::Object(visitor.extra), json!({"is_online": "yes", "tags": ["a", {"b": 1}], "later": [1]}));
    }

    #[test]
    fn debug_shows_no_link() {
        let answer = json!({"watch_url": "https://x.example/session/abc", "link": "https://x.example/session/def"});
        let url = WatchUrl::from_answer(answer, ExpectedShape::Text("watch_url")).unwrap();
        let shown = format!("{url:?}");
        assert!(!shown.contains("x.example"), "{shown}");
        assert_eq!(url.watch_url.unwrap().expose(), "https://x.example/session/abc");
    }
}
