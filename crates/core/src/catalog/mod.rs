//! What the library knows about the service: its operations, their requests and their responses.

mod define;
pub(crate) mod definition;
mod entry;
mod example;
pub(crate) mod expected_shape;
pub mod model;
pub mod operation;
pub mod operations;
pub(crate) mod options;
pub mod parameter;
pub(crate) mod registry;
mod schema;
mod status;

pub use entry::{Entry, FieldType, ParameterInfo, RequestObject};
pub use example::{example, example_request};
pub use options::PARAMETER as OPTIONS_PARAMETER;
pub use registry::{OPERATIONS, OPTIONS, find_entry, objects};
pub use status::{STATUSES, Status};
