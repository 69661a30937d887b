//! Runs the conformance vectors through the core.

use upscope_core::{Client, Config, Error};
use upscope_test_support::executor::{SentRequests, run_all};
use upscope_test_support::vectors::{Outcome, Vector};

/// Runs all vectors. Returns the requests that every other language must send too.
pub fn run_through_core() -> SentRequests {
    run_all("core", |vector, config| match call(vector, config) {
        Ok((status, text)) => Outcome { status, text },
        Err(error) => Outcome { status: error.code() as i32, text: error.to_json() },
    })
}

fn call(vector: &Vector, config: &str) -> Result<(i32, String), Error> {
    if vector.operation == "@parse_webhook" {
        return upscope_core::parse_webhook_json(&vector.request).map(|text| (0, text));
    }
    let client = Client::new(Config::from_json(config)?)?;
    if vector.operation == "@pages" {
        let pages = client.session_pages(&vector.request)?;
        let mut all = Vec::new();
        while let Some(page) = pages.next_page()? {
            all.push(page);
        }
        return Ok((100, format!("[{}]", all.join(","))));
    }
    client.call(&vector.operation, &vector.request).map(|text| (0, text))
}
