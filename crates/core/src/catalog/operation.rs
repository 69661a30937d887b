//! What an operation is: its definition, from which the wire request, the checks, the schema and the tables follow.

use serde::Serialize;

use crate::catalog::entry::Entry;
use crate::catalog::model::schema::response_schema;
use crate::catalog::model::{Answer, AnswerType};
use crate::catalog::options;
use crate::catalog::parameter::{Parameter, json_text, object_schema};
use crate::error::Error;
use crate::request::suggest::hint;
use crate::support::redact;

/// One operation of the service. Everything known of it stands here once.
#[derive(Debug)]
pub struct Definition {
    /// The name in every language, such as `get_visitor`.
    pub name: &'static str,
    /// The HTTP method, or the request key that holds it in braces.
    pub method: &'static str,
    /// The path below the base URL; names in braces are request keys.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Keys every request needs.
    pub required: &'static [Parameter],
    /// Keys a request may hold.
    pub optional: &'static [Parameter],
    /// Keys of which a request holds exactly one; empty for most.
    pub exactly_one: &'static [&'static str],
    /// What a 2xx answer holds.
    pub expected: ExpectedShape,
    /// What a 2xx answer is, in a sentence.
    pub answer_doc: &'static str,
    /// What a 2xx answer is made into.
    pub answer: AnswerType,
}

/// What a 2xx answer must hold to be handed out. Anything may be added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedShape {
    /// An object with this member, itself an object.
    Object(&'static str),
    /// An object with this member, an array.
    Array(&'static str),
    /// An object with this member, a string.
    Text(&'static str),
    /// An object with the boolean `authorized`, and the string `token` when it is true.
    Token,
    /// Nothing: an empty or plain-text body counts as `{}`.
    Nothing,
    /// JSON; an empty body counts as `{}`.
    Json,
}

impl Definition {
    /// Whether the call can change something at the service.
    pub fn changes_state(&self) -> bool {
        self.method != "GET"
    }

    /// Every key of a request but `options`.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        self.required.iter().chain(self.optional)
    }

    /// This definition as JSON: an element of [`operations_json`].
    fn to_json(&self) -> String {
        let mut request = object_schema(self.parameters().chain(options::PARAMETER));
        if !self.exactly_one.is_empty() {
            let one_of: Vec<String> =
                self.exactly_one.iter().map(|name| format!(r#"{{"required":["{name}"]}}"#)).collect();
            request += &format!(r#","oneOf":[{}]"#, one_of.join(","));
        }
        let Definition { name, method, path, .. } = self;
        let (summary, changes) = (json_text(self.summary), self.changes_state());
        let response = response_schema(self);
        format!(
            r#"{{"name":"{name}","method":"{method}","path":"{path}","summary":{summary},"changes_state":{changes},"request":{{{request}}},"response":{response}}}"#
        )
    }
}

/// A typed request of one operation, and the type of its answer.
pub trait Operation: Serialize {
    /// What the service answers.
    type Answer: Answer;

    /// The operation's definition.
    const DEFINITION: &'static Definition;

    /// What the catalogue says besides.
    #[doc(hidden)]
    const ENTRY: &'static Entry;
}

/// All operations as a JSON array of `{name, method, path, summary, changes_state, request, response}`.
pub fn operations_json() -> String {
    let all: Vec<String> = crate::catalog::operations::ALL.iter().map(|definition| definition.to_json()).collect();
    format!("[{}]", all.join(","))
}

/// The operation of this name.
pub fn find(name: &str) -> Option<&'static Definition> {
    crate::catalog::operations::ALL.iter().copied().find(|definition| definition.name == name)
}

/// The name of the operation of this name: static, and known to exist.
pub fn name_of(name: &str) -> Result<&'static str, Error> {
    find(name).map(|definition| definition.name).ok_or_else(|| unknown(name))
}

/// The error for a name that no operation has.
pub(crate) fn unknown(name: &str) -> Error {
    let names: Vec<&str> = crate::catalog::operations::ALL.iter().map(|definition| definition.name).collect();
    let hint = hint(name, &names, str::to_owned).unwrap_or_default();
    Error::invalid_argument(format!("There is no operation \"{}\": {hint}", redact::text(name, &[])))
}

/// Defines an operation once: its typed request, its definition, the client's method and its entry in the catalogue.
///
/// ```text
/// /// One sentence: the summary.
/// /// More about it, as long as need be.
/// "METHOD" "/path/{key}" as name(Type) -> Answer, ExpectedShape;
/// required { /// What the key means.
///            Place key: type = Kind => "example"; }
/// optional { /// What the key means.
///            Place key: type = Kind => "example", default "what the service assumes", [positional]; }
/// /// What the answer is.
/// answer "an example of it";
/// refused { 404 "What the service means by this status."; }
/// ```
///
/// An example is text, or JSON where the key's kind is not text; objects have those of their members. `[positional]`
/// keys come first in the signatures of languages with named arguments, as those in the path do.
macro_rules! operation {
    (
        #[doc = $summary:literal]
        $(#[doc = $details:literal])*
        $method:literal $path:literal as $name:ident($type:ident) -> $answer:ty, $expected:expr
        $(, exactly one of [$($one:literal),+])?;
        required { $(
            $(#[doc = $rdoc:literal])+
            $rplace:ident $rfield:ident: $rtype:ty = $rkind:expr $(=> $rexample:literal)? $(, [$rpositional:ident])?;
        )* }
        optional { $(
            $(#[doc = $odoc:literal])+
            $oplace:ident $ofield:ident: $otype:ty = $okind:expr
                $(=> $oexample:literal)? $(, default $odefault:literal)? $(, [$opositional:ident])?;
        )* }
        $(#[doc = $answer_doc:literal])+
        answer $answer_example:literal;
        $(refused { $( $status:literal $problem:literal; )* })?
    ) => {
        #[doc = $summary]
        $(#[doc = $details])*
        #[derive(Clone, Debug, serde::Serialize)]
        #[non_exhaustive]
        pub struct $type {
            $( $(#[doc = $rdoc])+ pub $rfield: $rtype, )*
            $( $(#[doc = $odoc])+ #[serde(skip_serializing_if = "Option::is_none")] pub $ofield: Option<$otype>, )*
            /// Options for this call only.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub options: Option<$crate::catalog::options::CallOptions>,
        }

        #[allow(clippy::new_without_default)]
        impl $type {
            /// A request with what it needs; everything else is left to the service's defaults.
            pub fn new($( $rfield: impl Into<$rtype> ),*) -> Self {
                Self {
                    $( $rfield: $rfield.into(), )*
                    $( $ofield: None, )*
                    options: None,
                }
            }
            $(
                $(#[doc = $odoc])+
                pub fn $ofield(mut self, value: impl Into<$otype>) -> Self {
                    self.$ofield = Some(value.into());
                    self
                }
            )*
            /// Options for this call only.
            pub fn options(mut self, options: $crate::catalog::options::CallOptions) -> Self {
                self.options = Some(options);
                self
            }
        }

        impl $crate::catalog::operation::Operation for $type {
            type Answer = $answer;
            const DEFINITION: &'static $crate::catalog::operation::Definition = &$crate::catalog::operation::Definition {
                name: stringify!($name),
                method: $method,
                path: $path,
                summary: $summary.trim_ascii(),
                required: &[ $( $crate::catalog::parameter::Parameter {
                    name: stringify!($rfield),
                    doc: concat!($($rdoc),+).trim_ascii(),
                    required: true,
                    place: $crate::catalog::parameter::Place::$rplace,
                    kind: $rkind,
                }, )* ],
                optional: &[ $( $crate::catalog::parameter::Parameter {
                    name: stringify!($ofield),
                    doc: concat!($($odoc),+).trim_ascii(),
                    required: false,
                    place: $crate::catalog::parameter::Place::$oplace,
                    kind: $okind,
                }, )* ],
                exactly_one: &[ $($($one),+)? ],
                expected: $expected,
                answer_doc: concat!($($answer_doc),+).trim_ascii(),
                answer: <$answer as $crate::catalog::model::Answer>::TYPE,
            };
            const ENTRY: &'static $crate::catalog::entry::Entry = &$crate::catalog::entry::Entry {
                definition: Self::DEFINITION,
                type_name: stringify!($type),
                details: concat!($($details, "\n",)*).trim_ascii(),
                keys: &[
                    $( $crate::catalog::entry::Key {
                        type_name: stringify!($rtype),
                        object: <$rtype as $crate::catalog::entry::RequestType>::OBJECT,
                        example: $crate::catalog::entry::given(&[$($rexample)?]),
                        default: None,
                        positional: $crate::catalog::entry::given(&[$(stringify!($rpositional))?]).is_some(),
                    }, )*
                    $( $crate::catalog::entry::Key {
                        type_name: stringify!($otype),
                        object: <$otype as $crate::catalog::entry::RequestType>::OBJECT,
                        example: $crate::catalog::entry::given(&[$($oexample)?]),
                        default: $crate::catalog::entry::given(&[$($odefault)?]),
                        positional: $crate::catalog::entry::given(&[$(stringify!($opositional))?]).is_some(),
                    }, )*
                ],
                example_answer: $answer_example,
                refused: &[$($( ($status, $problem), )*)?],
                read: |answer| {
                    let answer = <$answer as $crate::catalog::model::Answer>::from_answer(answer, $expected)?;
                    Some(format!("{answer:?}"))
                },
            };
        }

        impl $crate::client::Client {
            #[doc = $summary]
            $(#[doc = $details])*
            pub fn $name(&self, request: &$type) -> Result<$answer, $crate::error::Error> {
                self.send(request)
            }
        }
    };
}

/// Defines an object within a request once: its type, its parameters and its entry in the catalogue.
macro_rules! object {
    (
        $(#[doc = $about:literal])+
        $type:ident;
        required { $(
            $(#[doc = $rdoc:literal])+
            $rfield:ident: $rtype:ty = $rkind:expr $(=> $rexample:literal)?;
        )* }
        optional { $(
            $(#[doc = $odoc:literal])+
            $ofield:ident: $otype:ty = $okind:expr $(=> $oexample:literal)? $(, default $odefault:literal)?;
        )* }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, serde::Serialize)]
        #[non_exhaustive]
        pub struct $type {
            $( $(#[doc = $rdoc])+ pub $rfield: $rtype, )*
            $( $(#[doc = $odoc])+ #[serde(skip_serializing_if = "Option::is_none")] pub $ofield: Option<$otype>, )*
        }

        #[allow(clippy::new_without_default)]
        impl $type {
            pub(crate) const PARAMETERS: &'static [$crate::catalog::parameter::Parameter] = &[
                $( $crate::catalog::parameter::Parameter {
                    name: stringify!($rfield),
                    doc: concat!($($rdoc),+).trim_ascii(),
                    required: true,
                    place: $crate::catalog::parameter::Place::Member,
                    kind: $rkind,
                }, )*
                $( $crate::catalog::parameter::Parameter {
                    name: stringify!($ofield),
                    doc: concat!($($odoc),+).trim_ascii(),
                    required: false,
                    place: $crate::catalog::parameter::Place::Member,
                    kind: $okind,
                }, )*
            ];

            /// The object with what it needs.
            pub fn new($( $rfield: impl Into<$rtype> ),*) -> Self {
                Self { $( $rfield: $rfield.into(), )* $( $ofield: None, )* }
            }
            $(
                $(#[doc = $odoc])+
                pub fn $ofield(mut self, value: impl Into<$otype>) -> Self {
                    self.$ofield = Some(value.into());
                    self
                }
            )*
        }

        impl $type {
            pub(crate) const DEFINITION: &'static $crate::catalog::entry::Object = &$crate::catalog::entry::Object {
                name: stringify!($type),
                doc: concat!($($about),+).trim_ascii(),
                parameters: Self::PARAMETERS,
                keys: &[
                    $( $crate::catalog::entry::Key {
                        type_name: stringify!($rtype),
                        object: <$rtype as $crate::catalog::entry::RequestType>::OBJECT,
                        example: $crate::catalog::entry::given(&[$($rexample)?]),
                        default: None,
                        positional: false,
                    }, )*
                    $( $crate::catalog::entry::Key {
                        type_name: stringify!($otype),
                        object: <$otype as $crate::catalog::entry::RequestType>::OBJECT,
                        example: $crate::catalog::entry::given(&[$($oexample)?]),
                        default: $crate::catalog::entry::given(&[$($odefault)?]),
                        positional: false,
                    }, )*
                ],
            };
        }

        impl $crate::catalog::entry::RequestType for $type {
            const OBJECT: Option<&'static $crate::catalog::entry::Object> = Some(Self::DEFINITION);
        }
    };
}

pub(crate) use {object, operation};
