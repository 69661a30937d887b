//! A limit of the requests in any minute of the sandbox's clock.

use std::collections::VecDeque;

use crate::clock::{MINUTE, SECOND};

#[derive(Clone)]
pub(super) struct RateLimit {
    pub(super) per_minute: usize,
    /// When the latest requests passed.
    pub(super) passed_ms: VecDeque<i64>,
}

impl RateLimit {
    pub(super) fn new(per_minute: usize) -> Self {
        Self { per_minute, passed_ms: VecDeque::new() }
    }

    /// Lets a request pass, or returns after how many seconds one may pass.
    pub(super) fn pass(&mut self, now_ms: i64) -> Result<(), i64> {
        while self.passed_ms.front().is_some_and(|passed_ms| passed_ms + MINUTE <= now_ms) {
            self.passed_ms.pop_front();
        }
        match self.passed_ms.front() {
            Some(oldest_ms) if self.passed_ms.len() >= self.per_minute => {
                let wait_ms = oldest_ms + MINUTE - now_ms;
                Err((wait_ms + SECOND - 1) / SECOND)
            }
            _ => {
                self.passed_ms.push_back(now_ms);
                Ok(())
            }
        }
    }
}
