//! The definition of an operation. The HTTP request, the validation, the schemas and all generated code follow from it.

use crate::catalog::expected_shape::ExpectedShape;
use crate::catalog::model::ResponseType;
use crate::catalog::parameter::Parameter;

/// An operation of the service.
///
/// ```
/// let definition = upscope::operation::find("create_watch_url").expect("an operation");
/// assert!(definition.changes_state());
/// assert_eq!(definition.required[0].name, "visitor_id");
/// println!("{}", definition.summary);
/// ```
#[derive(Debug)]
pub struct Definition {
    /// The name in every language, such as `get_visitor`.
    pub name: &'static str,
    /// The HTTP method, or in braces the request key that holds it.
    pub method: &'static str,
    /// The path below the base URL. Names in braces are request keys.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The keys that every request needs.
    pub required: &'static [Parameter],
    /// The keys that a request may have.
    pub optional: &'static [Parameter],
    /// The keys of which a request has exactly one; empty for most operations.
    pub exactly_one: &'static [&'static str],
    /// What a 2xx response must contain.
    pub expected: ExpectedShape,
    /// The meaning of a 2xx response, in a sentence.
    pub response_doc: &'static str,
    /// The type of a 2xx response.
    pub response_type: ResponseType,
}

impl Definition {
    /// Whether a call can change something at the service.
    ///
    /// ```
    /// let definition = upscope::operation::find("get_usage").expect("an operation");
    /// assert!(!definition.changes_state());
    /// ```
    pub fn changes_state(&self) -> bool {
        self.method != "GET"
    }

    /// All keys of a request except `options`.
    ///
    /// ```
    /// let definition = upscope::operation::find("list_visitors").expect("an operation");
    /// let names: Vec<_> = definition.parameters().map(|parameter| parameter.name).collect();
    /// assert_eq!(names, ["search", "max_results"]);
    /// ```
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        self.required.iter().chain(self.optional)
    }
}
