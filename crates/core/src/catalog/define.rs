//! The macros that define operations and the objects within their requests, and what the definitions need.

pub(crate) use crate::catalog::expected_shape::ExpectedShape;
pub(crate) use crate::catalog::parameter::ParameterType;

/// Defines an operation: its typed request, its definition, the client's method and its entry in the catalogue.
///
/// ```text
/// /// One sentence: the summary.
/// /// Optional details, of any length.
/// "METHOD" "/path/{key}" as name(Type) -> ResponseType, ExpectedShape;
/// required { /// What the key means.
///            Location key: type = ParameterType => "example"; }
/// optional { /// What the key means.
///            Location key: type = ParameterType => "example", default "the service's default", [positional]; }
/// /// What the response means.
/// response "an example";
/// errors { 404 "What this status means."; }
/// ```
///
/// An example is text, or JSON if the key is not text. Objects have the examples of their members. `[positional]` keys
/// come first in the signatures of languages with named arguments, as keys in the path do.
macro_rules! operation {
    (
        #[doc = $summary:literal]
        $(#[doc = $details:literal])*
        $method:literal $path:literal as $name:ident($type:ident) -> $response:ty, $expected:expr
        $(, exactly one of [$($one:literal),+])?;
        required { $(
            $(#[doc = $rdoc:literal])+
            $rlocation:ident $rfield:ident: $rtype:ty = $rparameter_type:expr $(=> $rexample:literal)? $(, [$rpositional:ident])?;
        )* }
        optional { $(
            $(#[doc = $odoc:literal])+
            $olocation:ident $ofield:ident: $otype:ty = $oparameter_type:expr
                $(=> $oexample:literal)? $(, default $odefault:literal)? $(, [$opositional:ident])?;
        )* }
        $(#[doc = $response_doc:literal])+
        response $example_response:literal;
        $(errors { $( $status:literal $meaning:literal; )* })?
    ) => {
        #[doc = $summary]
        $(#[doc = $details])*
        ///
        #[doc = concat!(
            "The request of [`Client::", stringify!($name), "`](crate::Client::", stringify!($name), "), which has an example."
        )]
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
            /// A request with the required keys. The service's defaults apply to all others.
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
            type Answer = $response;
            const DEFINITION: &'static $crate::catalog::definition::Definition = &$crate::catalog::definition::Definition {
                name: stringify!($name),
                method: $method,
                path: $path,
                summary: $summary.trim_ascii(),
                required: &[ $( $crate::catalog::parameter::Parameter {
                    name: stringify!($rfield),
                    doc: concat!($($rdoc),+).trim_ascii(),
                    required: true,
                    location: $crate::catalog::parameter::Location::$rlocation,
                    parameter_type: $rparameter_type,
                }, )* ],
                optional: &[ $( $crate::catalog::parameter::Parameter {
                    name: stringify!($ofield),
                    doc: concat!($($odoc),+).trim_ascii(),
                    required: false,
                    location: $crate::catalog::parameter::Location::$olocation,
                    parameter_type: $oparameter_type,
                }, )* ],
                exactly_one: &[ $($($one),+)? ],
                expected: $expected,
                response_doc: concat!($($response_doc),+).trim_ascii(),
                response_type: <$response as $crate::catalog::model::Answer>::TYPE,
            };
            const ENTRY: &'static $crate::catalog::entry::Entry = &$crate::catalog::entry::Entry {
                definition: Self::DEFINITION,
                type_name: stringify!($type),
                response_type_name: stringify!($response),
                details: concat!($($details, "\n",)*).trim_ascii(),
                parameter_info: &[
                    $( $crate::catalog::entry::ParameterInfo {
                        type_name: stringify!($rtype),
                        object: <$rtype as $crate::catalog::entry::FieldType>::OBJECT,
                        example: $crate::catalog::entry::at_most_one(&[$($rexample)?]),
                        default: None,
                        positional: $crate::catalog::entry::at_most_one(&[$(stringify!($rpositional))?]).is_some(),
                    }, )*
                    $( $crate::catalog::entry::ParameterInfo {
                        type_name: stringify!($otype),
                        object: <$otype as $crate::catalog::entry::FieldType>::OBJECT,
                        example: $crate::catalog::entry::at_most_one(&[$($oexample)?]),
                        default: $crate::catalog::entry::at_most_one(&[$($odefault)?]),
                        positional: $crate::catalog::entry::at_most_one(&[$(stringify!($opositional))?]).is_some(),
                    }, )*
                ],
                example_response: $example_response,
                error_statuses: &[$($( ($status, $meaning), )*)?],
                debug_response: |json| {
                    let response = <$response as $crate::catalog::model::Answer>::from_answer(json, $expected)?;
                    Some(format!("{response:?}"))
                },
            };
        }
    };
}

/// Defines an object within a request: its type with an example in Rust, its parameters and its entry in the catalogue.
macro_rules! object {
    (
        $(#[doc = $about:literal])+
        $type:ident;
        example $example:literal;
        required { $(
            $(#[doc = $rdoc:literal])+
            $rfield:ident: $rtype:ty = $rparameter_type:expr $(=> $rexample:literal)?;
        )* }
        optional { $(
            $(#[doc = $odoc:literal])+
            $ofield:ident: $otype:ty = $oparameter_type:expr $(=> $oexample:literal)? $(, default $odefault:literal)?;
        )* }
    ) => {
        $(#[doc = $about])+
        #[doc = concat!("\n```\n", $example, "\n```")]
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
                    location: $crate::catalog::parameter::Location::Member,
                    parameter_type: $rparameter_type,
                }, )*
                $( $crate::catalog::parameter::Parameter {
                    name: stringify!($ofield),
                    doc: concat!($($odoc),+).trim_ascii(),
                    required: false,
                    location: $crate::catalog::parameter::Location::Member,
                    parameter_type: $oparameter_type,
                }, )*
            ];

            /// An object with the required keys.
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
            pub(crate) const DEFINITION: &'static $crate::catalog::entry::RequestObject = &$crate::catalog::entry::RequestObject {
                name: stringify!($type),
                doc: concat!($($about),+).trim_ascii(),
                parameters: Self::PARAMETERS,
                parameter_info: &[
                    $( $crate::catalog::entry::ParameterInfo {
                        type_name: stringify!($rtype),
                        object: <$rtype as $crate::catalog::entry::FieldType>::OBJECT,
                        example: $crate::catalog::entry::at_most_one(&[$($rexample)?]),
                        default: None,
                        positional: false,
                    }, )*
                    $( $crate::catalog::entry::ParameterInfo {
                        type_name: stringify!($otype),
                        object: <$otype as $crate::catalog::entry::FieldType>::OBJECT,
                        example: $crate::catalog::entry::at_most_one(&[$($oexample)?]),
                        default: $crate::catalog::entry::at_most_one(&[$($odefault)?]),
                        positional: false,
                    }, )*
                ],
            };
        }

        impl $crate::catalog::entry::FieldType for $type {
            const OBJECT: Option<&'static $crate::catalog::entry::RequestObject> = Some(Self::DEFINITION);
        }
    };
}

pub(crate) use {object, operation};
