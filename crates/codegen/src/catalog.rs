//! The catalogue in the form that the templates read.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use upscope::Config;
use upscope::catalog::{self, Entry, ParameterInfo, RequestObject};
use upscope::model::{Model as CoreModel, ResponseType, ValueType};
use upscope::operation::ExpectedShape;
use upscope::parameter::{Location, Parameter, ParameterType};

use crate::error_classes::ErrorClass;
use crate::flat_requests::FlatOperation;

#[derive(Serialize)]
pub struct Catalog {
    pub version: &'static str,
    pub operations: Vec<Operation>,
    /// The same operations, with flat requests.
    pub flat_operations: Vec<FlatOperation>,
    /// The objects in requests, by name.
    pub objects: BTreeMap<&'static str, Object>,
    /// The key `options` of every request.
    pub options: Key,
    /// The objects in responses, each before the objects that it contains.
    pub models: Vec<Model>,
    pub configuration: Vec<Key>,
    pub statuses: Vec<Status>,
}

#[derive(Serialize)]
pub struct Operation {
    pub name: &'static str,
    /// The type of the request.
    pub type_name: &'static str,
    /// The type of the response in Rust.
    pub response_type_name: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    /// The method, the path and the constant query. Empty for `request`.
    pub http: String,
    pub summary: &'static str,
    pub details: &'static str,
    pub changes_state: bool,
    /// Without `options`.
    pub keys: Vec<Key>,
    pub exactly_one: &'static [&'static str],
    pub response: Response,
    /// The HTTP statuses that the service documents for this operation, and their meanings.
    pub http_errors: &'static [(u16, &'static str)],
    /// A request with every key.
    pub example: Value,
}

#[derive(Clone, Serialize)]
pub struct Key {
    pub name: &'static str,
    pub doc: &'static str,
    pub required: bool,
    /// path, query, body, method or member.
    pub location: &'static str,
    /// text, time, url, one_of, boolean, true, boolean_or, integer, object, flat_object, any_object or any.
    pub kind: &'static str,
    /// The type in Rust. For an object or a choice, its name.
    pub type_name: &'static str,
    /// The words that it can be.
    pub words: &'static [&'static str],
    pub min: Option<u64>,
    pub max: Option<u64>,
    pub example: Value,
    /// The default of the service.
    pub default: Option<Value>,
    pub positional: bool,
}

#[derive(Serialize)]
pub struct Object {
    pub name: &'static str,
    pub doc: &'static str,
    pub keys: Vec<Key>,
}

#[derive(Serialize)]
pub struct Response {
    /// nothing, json, object or objects.
    pub kind: &'static str,
    /// The name of the object, or of the objects in the list.
    pub model: Option<&'static str>,
    /// object, array, text, token, done or json.
    pub shape: &'static str,
    /// The member that the operation promises.
    pub member: Option<&'static str>,
    pub doc: &'static str,
    pub example: Value,
}

#[derive(Serialize)]
pub struct Model {
    pub name: &'static str,
    pub doc: &'static str,
    pub attributes: Vec<Attribute>,
}

#[derive(Serialize)]
pub struct Attribute {
    pub name: &'static str,
    pub doc: &'static str,
    /// text, id, time, secret, boolean, integer, any_object, texts, object or objects.
    pub kind: &'static str,
    pub model: Option<&'static str>,
}

#[derive(Serialize)]
pub struct Status {
    pub value: i32,
    pub name: &'static str,
    pub doc: &'static str,
    /// Its exception class; `None` for a status that is not an error.
    pub error: Option<ErrorClass>,
}

impl Catalog {
    pub fn new() -> Catalog {
        let operations: Vec<Operation> = catalog::OPERATIONS.iter().map(|entry| Operation::new(entry)).collect();
        let mut models = Vec::new();
        for entry in catalog::OPERATIONS {
            if let ResponseType::Object(model) | ResponseType::ObjectList(model) = entry.definition.response_type {
                collect(model(), &mut models);
            }
        }
        let mut objects: BTreeMap<_, _> =
            catalog::objects().into_iter().map(|(name, object)| (name, Object::new(object))).collect();
        objects.insert(catalog::OPTIONS.name, Object::new(catalog::OPTIONS));
        let flat_operations = operations.iter().map(|operation| FlatOperation::new(operation, &objects)).collect();
        Catalog {
            version: env!("CARGO_PKG_VERSION"),
            operations,
            flat_operations,
            objects,
            options: Key::of(&catalog::OPTIONS_PARAMETER[0], catalog::OPTIONS.name),
            models: models.into_iter().map(Model::new).collect(),
            configuration: Config::keys().iter().map(|key| Key::of(key, "")).collect(),
            statuses: catalog::STATUSES
                .iter()
                .map(|status| Status {
                    value: status.value,
                    name: status.name,
                    doc: status.doc,
                    error: ErrorClass::of(status),
                })
                .collect(),
        }
    }
}

impl Operation {
    fn new(entry: &Entry) -> Operation {
        let definition = entry.definition;
        let method_and_path = format!("{}{}", definition.method, definition.path);
        let keys = definition.parameters().zip(entry.parameter_info).map(|(parameter, key)| {
            let mut key = Key::new(parameter, key);
            key.positional |= method_and_path.contains(&format!("{{{}}}", key.name));
            key
        });
        Operation {
            name: definition.name,
            type_name: entry.type_name,
            response_type_name: entry.response_type_name,
            method: definition.method,
            path: definition.path,
            http: http(entry),
            summary: definition.summary,
            details: entry.details,
            changes_state: definition.changes_state(),
            keys: keys.collect(),
            exactly_one: definition.exactly_one,
            response: Response::new(entry),
            http_errors: entry.error_statuses,
            example: catalog::example_request(entry, false),
        }
    }
}

fn http(entry: &Entry) -> String {
    let definition = entry.definition;
    if !definition.path.starts_with('/') {
        return String::new();
    }
    let constant = definition
        .parameters()
        .find(|key| key.location == Location::Query && matches!(key.parameter_type, ParameterType::True));
    let query = constant.map(|key| format!("?{}=true", key.name)).unwrap_or_default();
    format!("{} {}{query}", definition.method, definition.path)
}

impl Key {
    fn new(parameter: &'static Parameter, key: &ParameterInfo) -> Key {
        Key {
            example: catalog::example(parameter, key),
            default: key.default.and_then(|text| serde_json::from_str(text).ok()),
            positional: key.positional,
            ..Key::of(parameter, key.type_name)
        }
    }

    fn of(parameter: &Parameter, type_name: &'static str) -> Key {
        let (kind, words, min, max) = match &parameter.parameter_type {
            ParameterType::Text | ParameterType::NonEmptyText | ParameterType::PathSegment | ParameterType::Path => {
                ("text", &[][..], None, None)
            }
            ParameterType::Url => ("url", &[][..], None, None),
            ParameterType::Time => ("time", &[][..], None, None),
            ParameterType::OneOf(words) => ("one_of", *words, None, None),
            ParameterType::Boolean => ("boolean", &[][..], None, None),
            ParameterType::True => ("true", &[][..], None, None),
            ParameterType::BooleanOr(words) => ("boolean_or", *words, None, None),
            ParameterType::Integer { min, max } => ("integer", &[][..], Some(*min), Some(*max)),
            ParameterType::Object(_) => ("object", &[][..], None, None),
            ParameterType::FlatObject => ("flat_object", &[][..], None, None),
            ParameterType::AnyObject => ("any_object", &[][..], None, None),
            ParameterType::Any => ("any", &[][..], None, None),
        };
        let location = match parameter.location {
            Location::Path | Location::RawPath => "path",
            Location::Query | Location::RawQuery => "query",
            Location::Body | Location::RawBody => "body",
            Location::Method => "method",
            Location::Member => "member",
        };
        Key {
            name: parameter.name,
            doc: parameter.doc,
            required: parameter.required,
            location,
            kind,
            type_name,
            words,
            min,
            max,
            example: Value::Null,
            default: None,
            positional: false,
        }
    }
}

impl Object {
    fn new(object: &RequestObject) -> Object {
        let keys = object.parameters.iter().zip(object.parameter_info).map(|(parameter, key)| Key::new(parameter, key));
        Object { name: object.name, doc: object.doc, keys: keys.collect() }
    }
}

impl Response {
    fn new(entry: &Entry) -> Response {
        let definition = entry.definition;
        let (kind, model) = match definition.response_type {
            ResponseType::Nothing => ("nothing", None),
            ResponseType::Json => ("json", None),
            ResponseType::Object(model) => ("object", Some(model().name)),
            ResponseType::ObjectList(model) => ("objects", Some(model().name)),
        };
        let (shape, member) = match definition.expected {
            ExpectedShape::Object(name) => ("object", Some(name)),
            ExpectedShape::Array(name) => ("array", Some(name)),
            ExpectedShape::Text(name) => ("text", Some(name)),
            ExpectedShape::Token => ("token", None),
            ExpectedShape::Nothing => ("done", None),
            ExpectedShape::Json => ("json", None),
        };
        let example = serde_json::from_str(entry.example_response).unwrap_or_default();
        Response { kind, model, shape, member, doc: definition.response_doc, example }
    }
}

impl Model {
    fn new(model: &CoreModel) -> Model {
        let attributes = model.attributes.iter().map(|attribute| {
            let (kind, model) = match attribute.value_type {
                ValueType::Text => ("text", None),
                ValueType::Id => ("id", None),
                ValueType::Time => ("time", None),
                ValueType::Secret => ("secret", None),
                ValueType::Boolean => ("boolean", None),
                ValueType::Integer => ("integer", None),
                ValueType::AnyObject => ("any_object", None),
                ValueType::TextList => ("texts", None),
                ValueType::Object(model) => ("object", Some(model().name)),
                ValueType::ObjectList(model) => ("objects", Some(model().name)),
            };
            Attribute { name: attribute.name, doc: attribute.doc, kind, model }
        });
        Model { name: model.name, doc: model.doc, attributes: attributes.collect() }
    }
}

/// Adds a model and the models that it contains, unless they were added before.
fn collect(model: &'static CoreModel, models: &mut Vec<&'static CoreModel>) {
    if models.iter().any(|other| other.name == model.name) {
        return;
    }
    models.push(model);
    for attribute in model.attributes {
        if let ValueType::Object(model) | ValueType::ObjectList(model) = attribute.value_type {
            collect(model(), models);
        }
    }
}
