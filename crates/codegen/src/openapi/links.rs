//! The `links` of responses: which values of a response, or of its request, are parameters of further operations. Tools
//! that test or explore the API follow them.

use serde_json::{Map, Value, json};

use crate::catalog::{Catalog, Operation};

/// Attributes of responses that identify something: model, attribute, the parameter with the same meaning, and whether the
/// operation must be the one that returned it.
const IDENTIFIERS: &[(&str, &str, &str, bool)] = &[
    ("Visitor", "short_id", "visitor_id", false),
    ("Session", "visitor_id", "visitor_id", false),
    ("SessionPage", "last_id", "after_id", true),
];

/// The links of the 2xx response of an operation: a link to each operation that takes an identifier from it.
pub(super) fn links(operation: &Operation, catalog: &Catalog) -> Map<String, Value> {
    let mut links = Map::new();
    for (model, attribute, parameter, only_itself) in IDENTIFIERS {
        let Some(pointer) = pointer_to(operation, model, catalog) else { continue };
        let expression = format!("$response.body#{pointer}/{attribute}");
        add(&mut links, catalog, parameter, &expression, |target| !only_itself || target.name == operation.name);
    }
    // What the request named can be used again.
    for key in operation.keys.iter().filter(|key| key.location == "path") {
        let expression = format!("$request.path.{}", key.name);
        add(&mut links, catalog, key.name, &expression, |target| target.name != operation.name);
    }
    links
}

/// Adds a link to each selected operation that has the parameter, unless there is a link to it.
fn add(
    links: &mut Map<String, Value>,
    catalog: &Catalog,
    parameter: &str,
    expression: &str,
    is_selected: impl Fn(&Operation) -> bool,
) {
    for target in &catalog.operations {
        let has_parameter = target.keys.iter().any(|key| key.name == parameter && key.location != "body");
        if has_parameter && target.path.starts_with('/') && is_selected(target) && !links.contains_key(target.name) {
            links.insert(
                target.name.to_owned(),
                json!({"operationId": target.name, "parameters": {parameter: expression}}),
            );
        }
    }
}

/// The JSON pointer to the first object of a model in a response; `None` if there is none.
fn pointer_to(operation: &Operation, model: &str, catalog: &Catalog) -> Option<String> {
    let response = &operation.response;
    let returned = response.model?;
    // The response is the object itself, unless the object is the expected member, or in the expected list.
    let start = match (response.kind, response.shape, response.member) {
        ("objects", _, Some(member)) => format!("/{member}/0"),
        ("object", "object", Some(member)) => format!("/{member}"),
        _ => String::new(),
    };
    if returned == model {
        return Some(start);
    }
    let attributes = &catalog.models.iter().find(|other| other.name == returned)?.attributes;
    let list = attributes.iter().find(|attribute| attribute.kind == "objects" && attribute.model == Some(model))?;
    Some(format!("{start}/{}/0", list.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "operation parameter expression" of each link.
    fn links_of(name: &str) -> Vec<String> {
        let catalog = Catalog::new();
        let operation = catalog.operations.iter().find(|operation| operation.name == name).unwrap();
        let links = links(operation, &catalog);
        let describe = |(target, link): (&String, &Value)| {
            let parameters = link["parameters"].as_object().unwrap().iter();
            parameters.map(|(name, value)| format!("{target} {name} {}", value.as_str().unwrap())).collect::<String>()
        };
        links.iter().map(describe).collect()
    }

    #[test]
    fn links_lead_from_identifiers_to_operations_that_take_them() {
        assert!(
            links_of("list_visitors").contains(&"get_visitor visitor_id $response.body#/visitors/0/short_id".into())
        );
        assert!(
            links_of("get_visitor").contains(&"create_watch_url visitor_id $response.body#/visitor/short_id".into())
        );
        assert!(links_of("delete_visitor").contains(&"get_visitor visitor_id $request.path.visitor_id".into()));
        let sessions = links_of("list_sessions");
        assert!(sessions.contains(&"list_sessions after_id $response.body#/last_id".into()), "{sessions:?}");
        let visitor = "stop_session visitor_id $response.body#/cobrowsing_sessions/0/visitor_id";
        assert!(sessions.contains(&visitor.into()), "{sessions:?}");
        for name in ["get_usage", "delete_all_visitors", "authorize_onpremise_session"] {
            assert_eq!(links_of(name), Vec::<String>::new(), "{name}");
        }
    }
}
