//! The value of the `Date` header. It is formatted once a second.

use std::time::{Duration, SystemTime};

use hyper::header::HeaderValue;

#[derive(Default)]
pub(crate) struct DateHeader {
    /// The latest value, and its second since 1970.
    latest: Option<(u64, HeaderValue)>,
}

impl DateHeader {
    pub(crate) fn at(&mut self, now_ms: i64) -> HeaderValue {
        // The header has no format for dates before 1970.
        let second = u64::try_from(now_ms).unwrap_or(0) / 1_000;
        if let Some((latest, value)) = &self.latest
            && *latest == second
        {
            return value.clone();
        }
        let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
        let value = HeaderValue::try_from(date).unwrap_or(HeaderValue::from_static(""));
        self.latest = Some((second, value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_clock_in_both_directions() {
        let mut header = DateHeader::default();
        for (now_ms, value) in [
            (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (999, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_700_000_000_000, "Tue, 14 Nov 2023 22:13:20 GMT"),
            (1_000, "Thu, 01 Jan 1970 00:00:01 GMT"),
        ] {
            assert_eq!(header.at(now_ms), value);
        }
    }
}
