//! Typed responses. Every attribute is optional, and unknown ones are kept in `extra`.
//!
//! A value of another type than the documented one is no error: the attribute is None, and the value is in `extra`.
//!
//! ```
//! let session = upscope::parse_webhook(r#"{"id": "s_1", "length_seconds": "a minute", "later": [1]}"#)?;
//! assert_eq!(session.id.as_deref(), Some("s_1"));
//! assert_eq!(session.length_seconds, None);
//! assert_eq!(session.extra["length_seconds"], "a minute");
//! assert_eq!(session.extra["later"][0], 1);
//! # Ok::<(), upscope::Error>(())
//! ```

use std::collections::HashMap;

use serde::de::{MapAccess, SeqAccess};
use serde_json::{Map, Number, Value};

use crate::catalog::expected_shape::ExpectedShape;
use crate::support::secret::{Secret, Wipe};

mod agent;
mod onpremise_token;
pub(crate) mod read;
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

/// A documented attribute of a [`Model`].
///
/// ```
/// let attribute = &upscope::model::Session::ATTRIBUTES[0];
/// assert_eq!((attribute.name, attribute.rust_type), ("id", "String"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AttributeInfo {
    /// The name.
    pub name: &'static str,
    /// The type in Rust, such as `String` or `Vec<Session>`.
    pub rust_type: &'static str,
    /// The type of the values. Any value may be missing or null.
    pub value_type: ValueType,
    /// What it means.
    pub doc: &'static str,
}

/// The type of the values of an attribute.
///
/// ```
/// use upscope::model::{ValueType, WatchUrl};
///
/// assert!(matches!(WatchUrl::ATTRIBUTES[0].value_type, ValueType::Secret));
/// ```
#[derive(Clone, Copy)]
pub enum ValueType {
    /// Text.
    Text,
    /// An id: text, or a number from older servers.
    Id,
    /// A time as text, RFC 3339.
    Time,
    /// Text that must not be displayed.
    Secret,
    /// true or false.
    Boolean,
    /// An integer.
    Integer,
    /// An object with any members.
    AnyObject,
    /// A list of texts.
    TextList,
    /// An object. A function returns the model because models refer to each other in a cycle.
    Object(fn() -> &'static Model),
    /// A list of objects.
    ObjectList(fn() -> &'static Model),
}

/// Prints only the names of models, which refer to each other in a cycle.
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
            ValueType::TextList => "TextList",
            ValueType::Object(model) | ValueType::ObjectList(model) => model().name,
        })
    }
}

impl ValueType {
    /// The type of a list of such values.
    const fn list(self) -> ValueType {
        match self {
            ValueType::Object(model) => ValueType::ObjectList(model),
            _ => ValueType::TextList,
        }
    }
}

/// A type of object in responses.
///
/// ```
/// use upscope::model::ResponseType;
///
/// let definition = upscope::operation::find("get_visitor").expect("an operation");
/// let ResponseType::Object(model) = definition.response_type else { panic!("an object") };
/// assert!(model().attributes.iter().any(|attribute| attribute.name == "lookup_code"));
/// ```
#[derive(Debug)]
pub struct Model {
    /// The name of the type.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its attributes.
    pub attributes: &'static [AttributeInfo],
}

/// The type of a 2xx response. See [`Model`] for an example.
#[derive(Clone, Copy, Debug)]
pub enum ResponseType {
    /// Nothing but success.
    Nothing,
    /// JSON, unchanged.
    Json,
    /// An object.
    Object(fn() -> &'static Model),
    /// A list of objects.
    ObjectList(fn() -> &'static Model),
}

/// The type of the response of an operation: a model, a list of models, [`Done`] or [`Value`].
///
/// ```
/// use upscope::model::{Answer, Usage};
/// use upscope::operation::ExpectedShape;
///
/// let json = r#"{"usage": {"visitors": {"online_now": 3}}}"#.parse().expect("JSON");
/// let usage = Usage::from_answer(json, ExpectedShape::Object("usage"));
/// assert_eq!(usage.and_then(|usage| usage.visitors?.online_now), Some(3));
/// ```
pub trait Answer: Sized + std::fmt::Debug {
    /// Describes the type.
    #[doc(hidden)]
    const TYPE: ResponseType;

    /// Reads a response; None if it does not have the expected shape.
    fn from_answer(answer: Value, expected: ExpectedShape) -> Option<Self>;

    /// Validates and reads the text of a response in one pass, with the same result as [`Answer::from_answer`]. None if
    /// only other functions can tell what the response is, or what is wrong with it.
    #[doc(hidden)]
    fn from_text(text: &str, expected: ExpectedShape) -> Option<Self> {
        let _ = (text, expected);
        None
    }
}

/// The response of an operation that returns nothing but success.
///
/// ```
/// # use upscope_test_support::{Response, ScriptedServer};
/// # let server = ScriptedServer::repeating(Response::json(200, r#"{"status":"ok"}"#));
/// # let config = upscope::Config::new().api_key("secret").base_url(server.base_url()).proxy("");
/// # let client = upscope::Client::new(config)?;
/// use upscope::operations::StopSession;
///
/// let done = client.stop_session(&StopSession::new("1234"))?;
/// assert_eq!(done.extra["status"], "ok");
/// # Ok::<(), upscope::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Done {
    /// The members that the service sent nevertheless.
    pub extra: Map<String, Value>,
}

impl Answer for Done {
    const TYPE: ResponseType = ResponseType::Nothing;

    fn from_answer(answer: Value, _: ExpectedShape) -> Option<Self> {
        let extra = match answer {
            Value::Object(map) => map,
            other => Map::from_iter([("answer".to_owned(), other)]),
        };
        Some(Done { extra })
    }
}

impl Answer for Value {
    const TYPE: ResponseType = ResponseType::Json;

    fn from_answer(answer: Value, _: ExpectedShape) -> Option<Self> {
        Some(answer)
    }

    fn from_text(text: &str, expected: ExpectedShape) -> Option<Self> {
        if expected == ExpectedShape::Json { serde_json::from_str(text).ok() } else { None }
    }
}

/// The expected member of a response, or the whole response.
fn expected_member(answer: Value, expected: ExpectedShape) -> Option<Value> {
    match (expected, answer) {
        (ExpectedShape::Object(name) | ExpectedShape::Array(name), Value::Object(mut map)) => map.remove(name),
        (_, answer) => Some(answer),
    }
}

impl<T: Attribute + std::fmt::Debug> Answer for Vec<T> {
    const TYPE: ResponseType = match T::TYPE {
        ValueType::Object(model) => ResponseType::ObjectList(model),
        _ => ResponseType::Json,
    };

    /// Leaves out what cannot be read, such as a null in the list.
    fn from_answer(answer: Value, expected: ExpectedShape) -> Option<Self> {
        let values = expected_member(answer, expected)?;
        let list = values.as_array().map(|values| values.iter().filter_map(T::from_json).collect());
        values.wipe();
        list
    }

    fn from_text(text: &str, expected: ExpectedShape) -> Option<Self> {
        match expected {
            ExpectedShape::Array(name) => read::member(text, name),
            _ => None,
        }
    }
}

/// A type that an attribute may have. A value of another type stays in `extra`, unchanged.
pub(crate) trait Attribute: Sized {
    const TYPE: ValueType;

    fn from_string(_: &str) -> Option<Self> {
        None
    }

    fn from_number(_: &Number) -> Option<Self> {
        None
    }

    fn from_bool(_: bool) -> Option<Self> {
        None
    }

    fn from_array(_: &[Value]) -> Option<Self> {
        None
    }

    fn from_object(_: &Map<String, Value>) -> Option<Self> {
        None
    }

    /// Reads an array from text into `slot`. The result is the array if the type is another one.
    fn read_array<'de, A: SeqAccess<'de>>(_: &mut Option<Self>, elements: A) -> Result<Option<Value>, A::Error> {
        read::other_array(elements)
    }

    /// Reads an object from text into `slot`. The result is the object if the type is another one.
    fn read_object<'de, A: MapAccess<'de>>(_: &mut Option<Self>, members: A) -> Result<Option<Value>, A::Error> {
        read::other_object(members)
    }

    fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Bool(value) => Self::from_bool(*value),
            Value::Number(number) => Self::from_number(number),
            Value::String(text) => Self::from_string(text),
            Value::Array(elements) => Self::from_array(elements),
            Value::Object(members) => Self::from_object(members),
        }
    }
}

impl Attribute for String {
    const TYPE: ValueType = ValueType::Text;

    fn from_string(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    /// Older versions of the service sent numbers as ids.
    fn from_number(number: &Number) -> Option<Self> {
        Some(number.to_string())
    }
}

impl Attribute for Secret {
    const TYPE: ValueType = ValueType::Secret;

    fn from_string(text: &str) -> Option<Self> {
        Some(Secret::new(text))
    }
}

impl Attribute for bool {
    const TYPE: ValueType = ValueType::Boolean;

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Attribute for i64 {
    const TYPE: ValueType = ValueType::Integer;

    fn from_number(number: &Number) -> Option<Self> {
        number.as_i64()
    }
}

impl Attribute for HashMap<String, Value> {
    const TYPE: ValueType = ValueType::AnyObject;

    fn from_object(members: &Map<String, Value>) -> Option<Self> {
        Some(members.clone().into_iter().collect())
    }

    fn read_object<'de, A: MapAccess<'de>>(slot: &mut Option<Self>, mut members: A) -> Result<Option<Value>, A::Error> {
        let map = slot.insert(HashMap::new());
        while let Some((name, value)) = members.next_entry()? {
            if map.is_empty() {
                // Room for the few members that most objects have, so that they are hashed only once.
                map.reserve(7);
            }
            map.insert(name, value);
        }
        Ok(None)
    }
}

impl<T: Attribute> Attribute for Vec<T> {
    const TYPE: ValueType = T::TYPE.list();

    fn from_array(elements: &[Value]) -> Option<Self> {
        elements.iter().map(T::from_json).collect()
    }

    fn read_array<'de, A: SeqAccess<'de>>(slot: &mut Option<Self>, elements: A) -> Result<Option<Value>, A::Error> {
        read::list(slot, elements)
    }
}

/// Defines a type of object in responses: optional attributes, and `extra` for all others. `as Id` and `as Time` make the
/// value type more specific than the type in Rust.
macro_rules! model {
    (
        $(#[doc = $model_doc:literal])+
        $type:ident { $( $(#[doc = $doc:literal])+ $field:ident: $rust_type:ty $(as $value_type:ident)?, )* }
    ) => {
        $(#[doc = $model_doc])+
        ///
        /// In tests of your own code, set the attributes that they need:
        ///
        /// ```
        #[doc = concat!("let mut response = upscope::model::", stringify!($type), "::default();")]
        /// response.extra.insert("later".to_owned(), true.into());
        /// assert_eq!(response.extra["later"], true);
        /// ```
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $type {
            $( $(#[doc = $doc])+ pub $field: Option<$rust_type>, )*
            /// What else the service sent: unknown attributes, and known ones of another type.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $type {
            /// All attributes, for bindings that define their own types.
            pub const ATTRIBUTES: &'static [$crate::catalog::model::AttributeInfo] = &[
                $( $crate::catalog::model::AttributeInfo {
                    name: stringify!($field),
                    rust_type: stringify!($rust_type),
                    value_type: $crate::catalog::model::model!(@value_type $rust_type $(as $value_type)?),
                    doc: concat!($($doc),+).trim_ascii(),
                }, )*
            ];

            pub(crate) fn from_members(mut object: serde_json::Map<String, serde_json::Value>) -> Self {
                let mut model = Self::default();
                $(
                    let name = stringify!($field);
                    match object.get(name) {
                        None => {}
                        Some(serde_json::Value::Null) => {
                            object.remove(name);
                        }
                        Some(value) => {
                            model.$field = $crate::catalog::model::Attribute::from_json(value);
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
                    doc: concat!($($model_doc),+).trim_ascii(),
                    attributes: $type::ATTRIBUTES,
                };
                &MODEL
            });

            fn from_object(members: &serde_json::Map<String, serde_json::Value>) -> Option<Self> {
                Some(Self::from_members(members.clone()))
            }

            fn read_object<'de, A: serde::de::MapAccess<'de>>(
                slot: &mut Option<Self>,
                mut members: A,
            ) -> Result<Option<serde_json::Value>, A::Error> {
                use $crate::catalog::model::read::{Key, Slot};

                let model = slot.insert(Self::default());
                while let Some(Key(key)) = members.next_key()? {
                    let other = match &*key {
                        $( stringify!($field) => {
                            // Of equal keys, the last counts.
                            model.$field = None;
                            members.next_value_seed(Slot(&mut model.$field))?
                        } )*
                        _ => Some(members.next_value()?),
                    };
                    if let Some(other) = other {
                        model.extra.insert(key.into_owned(), other);
                    } else if !model.extra.is_empty() {
                        model.extra.remove(&*key);
                    }
                }
                Ok(None)
            }
        }

        /// Prints the names of the members of `extra`, but not their values, which may be secrets.
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type))
                    $( .field(stringify!($field), &self.$field) )*
                    .field("extra", &self.extra.keys())
                    .finish()
            }
        }
    };
    (@value_type $rust_type:ty as $value_type:ident) => { $crate::catalog::model::ValueType::$value_type };
    (@value_type $rust_type:ty) => { <$rust_type as $crate::catalog::model::Attribute>::TYPE };
}

/// The type of a response that is an object of type `T`, or has one as its expected member.
pub(crate) const fn object_response<T: Attribute>() -> ResponseType {
    match T::TYPE {
        ValueType::Object(model) => ResponseType::Object(model),
        _ => ResponseType::Json,
    }
}

/// Implements [`Answer`] for a model that is the response of an operation, or its expected member.
macro_rules! response {
    ($type:ident) => {
        impl $crate::catalog::model::Answer for $type {
            const TYPE: $crate::catalog::model::ResponseType = $crate::catalog::model::object_response::<$type>();

            fn from_answer(
                answer: serde_json::Value,
                expected: $crate::catalog::expected_shape::ExpectedShape,
            ) -> Option<Self> {
                match $crate::catalog::model::expected_member(answer, expected)? {
                    serde_json::Value::Object(object) => Some(Self::from_members(object)),
                    _ => None,
                }
            }

            fn from_text(text: &str, expected: $crate::catalog::expected_shape::ExpectedShape) -> Option<Self> {
                match expected {
                    $crate::catalog::expected_shape::ExpectedShape::Object(name) => {
                        $crate::catalog::model::read::member(text, name)
                    }
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {model, response};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_another_type_are_kept() {
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
        let debug = format!("{url:?}");
        assert!(!debug.contains("x.example"), "{debug}");
        assert_eq!(url.watch_url.unwrap().expose(), "https://x.example/session/abc");
    }
}
