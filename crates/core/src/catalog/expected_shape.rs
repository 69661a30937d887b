//! What a 2xx response must contain.

/// What a 2xx response must contain. Anything else in it is allowed.
///
/// ```
/// use upscope::operation::{ExpectedShape, find};
///
/// let definition = find("list_visitors").expect("an operation");
/// assert_eq!(definition.expected, ExpectedShape::Array("visitors"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedShape {
    /// An object with this member, an object.
    Object(&'static str),
    /// An object with this member, an array.
    Array(&'static str),
    /// An object with this member, a string.
    Text(&'static str),
    /// An object with the boolean `authorized`, and the string `token` if that is true.
    Token,
    /// Nothing: an empty or plain-text body counts as `{}`.
    Nothing,
    /// Any JSON: an empty body counts as `{}`.
    Json,
}
