//! Copies of responses, whose size the service chooses. If memory runs out, the call fails instead of the program.

use std::collections::TryReserveError;

use crate::error::{Error, ErrorCode};

/// A clone that fails instead of aborting if memory runs out.
pub trait TryClone: Sized {
    /// Copies the value, with room for the NUL that C needs at its end.
    fn try_clone(&self) -> Result<Self, TryReserveError>;
}

impl TryClone for String {
    fn try_clone(&self) -> Result<String, TryReserveError> {
        let mut copy = String::new();
        copy.try_reserve_exact(self.len() + 1)?;
        copy.push_str(self);
        Ok(copy)
    }
}

impl<T: TryClone> TryClone for Option<T> {
    fn try_clone(&self) -> Result<Option<T>, TryReserveError> {
        self.as_ref().map(T::try_clone).transpose()
    }
}

/// The error of a call whose response arrived and does not fit in memory.
pub(crate) fn out_of_memory(operation: &'static str, changes_state: bool) -> Error {
    let message = format!("{operation} was answered, but this program ran out of memory while returning the answer.");
    Error::new(ErrorCode::Connection, message).in_operation(operation).with_outcome(1, !changes_state, changes_state)
}

/// The error in place of one whose text does not fit in memory.
pub(crate) fn out_of_memory_for_error() -> Error {
    Error::internal("The call failed, and this program ran out of memory while writing the error.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_room_for_a_nul() {
        for text in ["", "{}"] {
            let copy = text.to_owned().try_clone().unwrap();
            assert!(copy == text && copy.capacity() > text.len(), "{}", copy.capacity());
        }
        assert_eq!(None::<String>.try_clone(), Ok(None));
    }
}
