//! The sandbox's clock: it starts with the system time, is monotonic, and can be advanced.

use std::time::Instant;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Keeps all years within four digits.
const MAX_ADVANCE_MS: i64 = 1_000 * 365 * DAY;

pub(crate) struct Clock {
    started: Instant,
    start_ms: i64,
    advanced_ms: i64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let now = OffsetDateTime::now_utc();
        Self { started: Instant::now(), start_ms: (now.unix_timestamp_nanos() / 1_000_000) as i64, advanced_ms: 0 }
    }

    /// When the sandbox started. The sample data is relative to it, so that a reset restores identical data.
    pub(crate) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.start_ms + self.elapsed_ms() as i64 + self.advanced_ms
    }

    /// Real time since the start, which `advance` does not change. The request log uses it.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// The `elapsed_ms` at which the clock shows this time, if it is not advanced before.
    pub(crate) fn elapsed_at_ms(&self, at_ms: i64) -> u64 {
        u64::try_from(at_ms - self.start_ms - self.advanced_ms).unwrap_or(0)
    }

    /// Time never goes backwards, so sessions stay sorted by their start.
    pub(crate) fn advance(&mut self, duration_ms: u64) -> Result<(), String> {
        let total = i64::try_from(duration_ms)
            .ok()
            .and_then(|duration| duration.checked_add(self.advanced_ms))
            .filter(|total| *total <= MAX_ADVANCE_MS);
        match total {
            Some(total) => {
                self.advanced_ms = total;
                Ok(())
            }
            None => Err("advance_ms would move the clock more than 1000 years ahead".to_owned()),
        }
    }

    pub(crate) fn reset(&mut self) {
        self.advanced_ms = 0;
    }
}

/// The UTC offset of a formatted date. Responses of the service mix both of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UtcOffset {
    Zero,
    OneHour,
}

pub(crate) fn rfc3339(at_ms: i64, offset: UtcOffset) -> String {
    let (shift_ms, suffix) = match offset {
        UtcOffset::Zero => (0, "Z"),
        UtcOffset::OneHour => (HOUR, "+01:00"),
    };
    let local_ms = at_ms + shift_ms;
    let date = OffsetDateTime::from_unix_timestamp(local_ms.div_euclid(SECOND)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{suffix}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        date.hour(),
        date.minute(),
        date.second(),
        local_ms.rem_euclid(SECOND),
    )
}

pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(date.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_parses_both_utc_offsets() {
        let at = parse_rfc3339("2018-03-16T15:25:59.040Z").unwrap();
        assert_eq!(rfc3339(at, UtcOffset::Zero), "2018-03-16T15:25:59.040Z");
        assert_eq!(rfc3339(at, UtcOffset::OneHour), "2018-03-16T16:25:59.040+01:00");
        assert_eq!(parse_rfc3339(&rfc3339(at, UtcOffset::OneHour)), Some(at));
        assert_eq!(parse_rfc3339("2018-03-16"), None);
    }

    #[test]
    fn refuses_to_advance_beyond_four_digit_years() {
        let mut clock = Clock::start();
        assert!(clock.advance(u64::MAX).is_err());
        assert!(clock.advance(DAY as u64).is_ok());
        assert!(clock.now_ms() >= clock.start_ms() + DAY);
    }
}
