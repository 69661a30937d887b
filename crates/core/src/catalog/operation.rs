//! The typed request of an operation.

use serde::Serialize;

pub use crate::catalog::definition::Definition;
use crate::catalog::entry::Entry;
pub use crate::catalog::expected_shape::ExpectedShape;
use crate::catalog::model::Answer;

/// The typed request of an operation, and the type of its response.
pub trait Operation: Serialize {
    /// The type of the response.
    type Answer: Answer;

    /// The definition of the operation.
    const DEFINITION: &'static Definition;

    /// What the code generator and the tests need to know.
    #[doc(hidden)]
    const ENTRY: &'static Entry;
}
