//! Finds operations by name.

use std::collections::BTreeMap;

use crate::catalog::definition::Definition;
use crate::catalog::entry::{Entry, RequestObject};
use crate::catalog::operations;
use crate::catalog::options::CallOptions;
use crate::catalog::schema::definition_json;
use crate::error::Error;
use crate::support::redact;
use crate::support::suggest::suggest;

/// All operations, in the order of the documentation.
pub static OPERATIONS: &[&Entry] = operations::ENTRIES;

/// `options`, which every request accepts.
pub static OPTIONS: &RequestObject = CallOptions::DEFINITION;

/// The entry of an operation.
pub fn find_entry(name: &str) -> Option<&'static Entry> {
    OPERATIONS.iter().copied().find(|entry| entry.definition.name == name)
}

/// The definition of an operation.
///
/// ```
/// let definition = upscope::operation::find("get_usage").expect("an operation");
/// assert_eq!((definition.method, definition.path), ("GET", "/usage"));
/// assert!(upscope::operation::find("get_usages").is_none());
/// ```
pub fn find(name: &str) -> Option<&'static Definition> {
    operations::ALL.iter().copied().find(|definition| definition.name == name)
}

/// The name of an operation with a static lifetime. An error if there is no such operation.
///
/// ```
/// assert_eq!(upscope::operation::name_of("get_usage")?, "get_usage");
/// assert!(upscope::operation::name_of("get_usages").is_err());
/// # Ok::<(), upscope::Error>(())
/// ```
pub fn name_of(name: &str) -> Result<&'static str, Error> {
    find(name).map(|definition| definition.name).ok_or_else(|| unknown_operation(name))
}

/// The error for an unknown name.
pub(crate) fn unknown_operation(name: &str) -> Error {
    let names: Vec<&str> = operations::ALL.iter().map(|definition| definition.name).collect();
    let suggestion = suggest(name, &names, str::to_owned).unwrap_or_default();
    Error::invalid_argument(format!("There is no operation \"{}\": {suggestion}", redact::text(name, &[])))
}

/// All operations as a JSON array of `{name, method, path, summary, changes_state, request, response}`.
///
/// ```
/// assert!(upscope::operation::operations_json().starts_with(r#"[{"name":"get_usage","method":"GET","#));
/// ```
pub fn operations_json() -> String {
    let all: Vec<String> = operations::ALL.iter().map(|definition| definition_json(definition)).collect();
    format!("[{}]", all.join(","))
}

/// The objects of requests, by name.
pub fn objects() -> BTreeMap<&'static str, &'static RequestObject> {
    let infos = OPERATIONS.iter().flat_map(|entry| entry.parameter_info);
    infos.filter_map(|info| info.object).map(|object| (object.name, object)).collect()
}
