//! Template filters for Python: types, signatures and calls, in the format of the package's formatter.

use minijinja::Environment;
use minijinja::value::{Value, ViaDeserialize};
use serde::Deserialize;

use crate::layout;

const WIDTH: usize = 120;

/// The properties of a key that Python needs.
#[derive(Deserialize)]
struct Key {
    name: String,
    required: bool,
    kind: String,
    type_name: String,
    words: Vec<String>,
    positional: bool,
}

type Keys = ViaDeserialize<Vec<Key>>;

pub fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("python_type", |key: ViaDeserialize<Key>| type_of(&key));
    environment.add_filter("python_object", |name: &str| object_name(name));
    environment.add_filter("python_signature", |keys: Keys, start: &str, end: &str| signature(&keys, start, end));
    environment.add_filter("python_call", |keys: Keys, start: &str, operation: Option<&str>| {
        call(&keys, start, operation.unwrap_or_default())
    });
    environment.add_filter("python_attribute", |attribute: Value| attribute_type(&attribute));
    environment.add_filter("python_response", |response: Value| response_type(&response));
}

/// Options have a shorter name in Python.
fn object_name(name: &str) -> String {
    if name == "CallOptions" { "Options".to_owned() } else { name.to_owned() }
}

fn type_of(key: &Key) -> String {
    let literal = |words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        format!("Literal[{}]", words.join(", "))
    };
    match key.kind.as_str() {
        "time" => "datetime | str".to_owned(),
        "one_of" => literal(&key.words),
        "boolean" => "bool".to_owned(),
        "true" => "Literal[True]".to_owned(),
        "boolean_or" => format!("bool | {}", literal(&key.words)),
        "integer" => "int".to_owned(),
        "object" => object_name(&key.type_name),
        "flat_object" => "Mapping[str, str | float | bool]".to_owned(),
        "any_object" => "Mapping[str, Any]".to_owned(),
        "any" => "Any".to_owned(),
        _ => "str".to_owned(),
    }
}

/// The type in a module that does not import `typing`.
fn annotation_of(key: &Key) -> String {
    let kind = type_of(key);
    match key.kind.as_str() {
        "object" => format!("types.{kind}"),
        "time" => kind.replace("datetime", "datetime.datetime"),
        _ => kind.replace("Any", "typing.Any").replace("Literal", "typing.Literal"),
    }
}

fn parameter(key: &Key) -> String {
    let (name, kind) = (&key.name, annotation_of(key));
    match (key.required, kind.as_str()) {
        (true, _) => format!("{name}: {kind}"),
        (false, "typing.Any") => format!("{name}: {kind} = None"),
        (false, _) => format!("{name}: {kind} | None = None"),
    }
}

/// The signature of a method: the positional keys first, then the others, the timeout and the options.
fn signature(keys: &[Key], start: &str, end: &str) -> String {
    let mut parts = vec!["self".to_owned()];
    parts.extend(keys.iter().filter(|key| key.positional).map(parameter));
    parts.push("*".to_owned());
    let (options, others): (Vec<&Key>, Vec<&Key>) =
        keys.iter().filter(|key| !key.positional).partition(|key| key.name == "options");
    parts.extend(others.into_iter().map(parameter));
    parts.push("timeout: float = CLIENT_TIMEOUT".to_owned());
    parts.extend(options.into_iter().map(parameter));
    layout::call(start, &parts, end, 4, WIDTH, true)
}

/// A call whose arguments are the name of the operation, unless it is empty, and the request and the timeout as a dict.
fn call(keys: &[Key], start: &str, operation: &str) -> String {
    let names = keys.iter().map(|key| key.name.as_str()).chain(["timeout"]);
    let pairs: Vec<String> = names.map(|name| format!("\"{name}\": {name}")).collect();
    let name = if operation.is_empty() { vec![] } else { vec![format!("\"{operation}\"")] };
    let parts = [name.clone(), vec![format!("{{{}}}", pairs.join(", "))]].concat();
    let laid_out = layout::call(start, &parts, ")", 8, WIDTH, true);
    if laid_out.lines().all(|line| line.chars().count() <= WIDTH) && laid_out.lines().count() <= 3 {
        return laid_out;
    }
    let comma = if name.is_empty() { "" } else { "," };
    let name: String = name.iter().map(|name| format!("            {name},\n")).collect();
    let pairs: String = pairs.iter().map(|pair| format!("                {pair},\n")).collect();
    format!("        {start}\n{name}            {{\n{pairs}            }}{comma}\n        )")
}

fn text(value: &Value, name: &str) -> String {
    value.get_attr(name).map(|value| value.to_string()).unwrap_or_default()
}

fn attribute_type(attribute: &Value) -> String {
    let model = text(attribute, "model");
    match text(attribute, "kind").as_str() {
        "time" => "datetime".to_owned(),
        "boolean" => "bool".to_owned(),
        "integer" => "int".to_owned(),
        "any_object" => "dict[str, Any]".to_owned(),
        "texts" => "list[str]".to_owned(),
        "object" => model,
        "objects" => format!("list[{model}]"),
        _ => "str".to_owned(),
    }
}

fn response_type(response: &Value) -> String {
    match text(response, "kind").as_str() {
        "nothing" => "None".to_owned(),
        "object" => text(response, "model"),
        "objects" => format!("list[{}]", text(response, "model")),
        _ => "dict[str, typing.Any]".to_owned(),
    }
}
