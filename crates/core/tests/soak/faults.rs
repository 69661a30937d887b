//! The faults of the sandbox: a random one for each request.

use serde_json::{Value, json};

use super::random::Random;

/// More than the requests of one round.
const MANY: usize = 8000;

const STATUSES: [u64; 17] = [301, 400, 401, 402, 404, 408, 409, 410, 422, 429, 429, 500, 501, 502, 503, 504, 507];

pub fn list(random: &mut Random) -> Value {
    (0..MANY).map(|_| one(random)).collect()
}

fn one(random: &mut Random) -> Value {
    let mut fault = match random.below(100) {
        0..50 => json!({}),
        50..75 => {
            let wait = *random.pick(&[None, Some("0"), Some("0"), Some("1"), Some("60")]);
            let headers = wait.map_or(json!({}), |wait| json!({"Retry-After": wait}));
            json!({"status": random.pick(&STATUSES), "headers": headers, "body": {"status": "error", "error": "soak"}})
        }
        // A 200 with an invalid body: a login page, or truncated JSON.
        75..80 => json!({"status": 200, "body": random.pick(&["<html>log in</html>", "{\"visi", "[[["])}),
        80..87 => json!({"drop": "before_response"}),
        87..94 => json!({"drop": "mid_body"}),
        _ => json!({"drop": "after_response"}),
    };
    if random.chance(250) {
        fault["delay_ms"] = json!(if random.chance(150) { random.below(2500) } else { random.below(300) });
    }
    if fault.get("status").is_some() && random.chance(150) {
        fault["drop"] = json!(random.pick(&["before_response", "mid_body", "after_response"]));
    }
    fault
}
