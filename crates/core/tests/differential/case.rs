//! A response to compare the two clients with.

use upscope_test_support::{Response, Step};

#[derive(Clone, Debug)]
pub struct Case {
    pub response: Vec<u8>,
    pub end: End,
    /// The server writes the response in two parts, which meet here.
    pub split: usize,
}

/// How the connection ends after the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Fin,
    Reset,
}

impl Case {
    pub fn new(response: Vec<u8>, end: End) -> Case {
        Case { response, end, split: 0 }
    }

    pub fn script(&self) -> Response {
        let (first, second) = self.response.split_at(self.split);
        let end = match self.end {
            End::Fin => Step::Close,
            End::Reset => Step::Reset,
        };
        Response(vec![Step::Write(first.into()), Step::Write(second.into()), end])
    }
}
