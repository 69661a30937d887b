//! The sandbox's clock: it starts with the system time or a given one, is monotonic until a reset, and can be advanced.

use std::num::NonZeroU8;
use std::str;
use std::time::Instant;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};
use time::format_description::well_known::{Iso8601, Rfc3339};

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Keeps all years within four digits.
const MAX_ADVANCE_MS: i64 = 1_000 * 365 * DAY;
/// 0001-01-01 to 9998-12-31, so that a date has four digits of the year in any time zone.
const DATE_RANGE_MS: (i64, i64) = (-62_135_596_800_000, 253_370_764_799_999);

const WITH_MILLISECONDS: EncodedConfig =
    Config::DEFAULT.set_time_precision(TimePrecision::Second { decimal_digits: NonZeroU8::new(3) }).encode();

pub(crate) struct Clock {
    started: Instant,
    /// Where a stopped clock stands before it is advanced. `None` if the clock runs.
    stopped_at_ms: Option<i64>,
    /// The time of the start or the latest reset, and the real time since the start at that moment.
    base_ms: i64,
    base_elapsed_ms: u64,
    advanced_ms: i64,
}

impl Clock {
    /// A clock that runs, or one that stands at a given time and moves only when it is advanced.
    pub(crate) fn start(stopped_at: Option<OffsetDateTime>) -> Self {
        let mut clock = Self {
            started: Instant::now(),
            stopped_at_ms: stopped_at.map(to_ms),
            base_ms: 0,
            base_elapsed_ms: 0,
            advanced_ms: 0,
        };
        clock.reset();
        clock
    }

    /// The time of the start or the latest reset. The sample data is relative to it.
    pub(crate) fn base_ms(&self) -> i64 {
        self.base_ms
    }

    pub(crate) fn now_ms(&self) -> i64 {
        let since_base_ms = match self.stopped_at_ms {
            Some(_) => 0,
            None => self.elapsed_ms() - self.base_elapsed_ms,
        };
        self.base_ms + since_base_ms as i64 + self.advanced_ms
    }

    /// Real time since the start, which nothing else changes. The request log uses it.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// By how much the clock was advanced.
    pub(crate) fn advanced_ms(&self) -> i64 {
        self.advanced_ms
    }

    /// The `elapsed_ms` at which the clock shows this time, if it is not advanced before. `None` if the clock is stopped.
    pub(crate) fn elapsed_at_ms(&self, at_ms: i64) -> Option<u64> {
        let since_base_ms = at_ms - self.base_ms - self.advanced_ms;
        let elapsed_ms = u64::try_from(since_base_ms + self.base_elapsed_ms as i64).unwrap_or(0);
        self.stopped_at_ms.is_none().then_some(elapsed_ms)
    }

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

    /// Sets by how much the clock is advanced.
    pub(crate) fn set_advanced_ms(&mut self, advanced_ms: i64) -> Result<(), String> {
        if !(0..=MAX_ADVANCE_MS).contains(&advanced_ms) {
            return Err(format!("{advanced_ms} is not from 0 to {MAX_ADVANCE_MS}"));
        }
        self.advanced_ms = advanced_ms;
        Ok(())
    }

    /// Returns to the present, or to where the clock was stopped.
    pub(crate) fn reset(&mut self) {
        self.base_ms = self.stopped_at_ms.unwrap_or_else(|| to_ms(OffsetDateTime::now_utc()));
        self.base_elapsed_ms = self.elapsed_ms();
        self.advanced_ms = 0;
    }
}

/// The UTC offset of a formatted date. Responses of the service mix both of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UtcOffset {
    Zero,
    OneHour,
}

impl From<UtcOffset> for time::UtcOffset {
    fn from(offset: UtcOffset) -> Self {
        match offset {
            UtcOffset::Zero => Self::UTC,
            UtcOffset::OneHour => Self::from_hms(1, 0, 0).unwrap_or(Self::UTC),
        }
    }
}

/// A date as the service formats it, with milliseconds. A date outside the four-digit years becomes the nearest one in them.
#[derive(Clone, Copy)]
pub(crate) struct Date {
    pub(crate) at_ms: i64,
    pub(crate) offset: UtcOffset,
}

impl Date {
    fn with_text<T>(self, action: impl FnOnce(&str) -> T) -> T {
        let at_ms = self.at_ms.clamp(DATE_RANGE_MS.0, DATE_RANGE_MS.1);
        let seconds = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(SECOND));
        let date = seconds.and_then(|date| date.replace_millisecond(at_ms.rem_euclid(SECOND) as u16));
        let mut buffer = [0; 29];
        let mut rest = &mut buffer[..];
        // No step fails within the range.
        let length = date.ok().and_then(|date| {
            date.to_offset(self.offset.into()).format_into(&mut rest, &Iso8601::<WITH_MILLISECONDS>).ok()
        });
        action(str::from_utf8(&buffer[..length.unwrap_or(0)]).unwrap_or_default())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

pub(crate) fn rfc3339(at_ms: i64, offset: UtcOffset) -> String {
    Date { at_ms, offset }.with_text(str::to_owned)
}

/// Parses a date within the years that `rfc3339` formats.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    let at_ms = parse_any_rfc3339(text)?;
    (DATE_RANGE_MS.0..=DATE_RANGE_MS.1).contains(&at_ms).then_some(at_ms)
}

/// Also dates that cannot be written with every offset. They can be compared.
pub(crate) fn parse_any_rfc3339(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(to_ms)
}

fn to_ms(date: OffsetDateTime) -> i64 {
    // All dates of the library fit.
    date.unix_timestamp_nanos().div_euclid(1_000_000) as i64
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
    fn formats_every_millisecond_exactly() {
        for ms in 0..SECOND {
            let at = 1_700_000_059_000 + ms;
            assert_eq!(rfc3339(at, UtcOffset::Zero), format!("2023-11-14T22:14:19.{ms:03}Z"));
            assert_eq!(parse_rfc3339(&rfc3339(at, UtcOffset::OneHour)), Some(at));
        }
    }

    #[test]
    fn all_dates_have_four_digit_years() {
        for (at, text) in [
            (i64::MIN, "0001-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (i64::MAX, "9998-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(at, UtcOffset::Zero), text);
        }
        assert_eq!(rfc3339(i64::MAX, UtcOffset::OneHour), "9999-01-01T00:59:59.999+01:00");
        assert_eq!(parse_rfc3339("9999-06-01T00:00:00Z"), None);
        assert!(parse_any_rfc3339("9999-06-01T00:00:00Z") > Some(DATE_RANGE_MS.1));
    }

    #[test]
    fn refuses_to_advance_beyond_four_digit_years() {
        let mut clock = Clock::start(None);
        assert!(clock.advance(u64::MAX).is_err());
        assert!(clock.advance(DAY as u64).is_ok());
        assert!(clock.now_ms() >= clock.base_ms() + DAY);
        for advanced_ms in [-1, MAX_ADVANCE_MS + 1] {
            assert!(clock.set_advanced_ms(advanced_ms).is_err());
        }
        assert_eq!(clock.advanced_ms(), DAY);
    }

    #[test]
    fn a_reset_returns_to_the_present_or_to_where_the_clock_was_stopped() {
        let present = || to_ms(OffsetDateTime::now_utc());
        let mut running = Clock::start(None);
        running.advance(DAY as u64).unwrap();
        running.base_ms -= DAY;
        running.reset();
        assert!((present() - MINUTE..=present()).contains(&running.now_ms()));

        let at = OffsetDateTime::from_unix_timestamp(1_000_000).unwrap();
        let mut stopped = Clock::start(Some(at));
        stopped.started = Instant::now().checked_sub(std::time::Duration::from_secs(1)).unwrap();
        assert_eq!(stopped.now_ms(), 1_000_000_000);
        stopped.advance(5).unwrap();
        assert_eq!(stopped.now_ms(), 1_000_000_005);
        stopped.reset();
        assert_eq!(stopped.now_ms(), 1_000_000_000);
    }
}
