//! The typed request of an operation.

use serde::Serialize;

pub use crate::catalog::definition::Definition;
use crate::catalog::entry::Entry;
pub use crate::catalog::expected_shape::ExpectedShape;
use crate::catalog::model::Answer;

/// The typed request of an operation, and the type of its response.
///
/// ```
/// use upscope::operation::Operation;
/// use upscope::operations::GetVisitor;
///
/// fn path_of<O: Operation>(_: &O) -> &'static str {
///     O::DEFINITION.path
/// }
/// assert_eq!(path_of(&GetVisitor::new("1234")), "/visitors/{visitor_id}");
/// ```
pub trait Operation: Serialize {
    /// The type of the response.
    type Answer: Answer;

    /// The definition of the operation.
    const DEFINITION: &'static Definition;

    /// What the code generator and the tests need to know.
    #[doc(hidden)]
    const ENTRY: &'static Entry;
}
