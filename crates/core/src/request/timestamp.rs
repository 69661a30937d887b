//! RFC 3339 timestamps, as the service writes them: any offset, any fraction.

/// Whether `text` is an RFC 3339 timestamp that exists in the calendar.
pub(crate) fn is_rfc3339(text: &str) -> bool {
    Timestamp::parse(text).is_some()
}

/// The parts of an RFC 3339 timestamp that exists in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60: 60 is a leap second.
    pub second: u8,
    /// The fraction of the second, without the digits after the sixth.
    pub microsecond: u32,
    /// The offset from UTC.
    pub offset_minutes: i16,
}

impl Timestamp {
    /// Parses a timestamp.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let (date, rest) = text.as_bytes().split_at_checked(10)?;
        let year = digits(&date[..4])?;
        let month = digits(&date[5..7])?;
        let day = digits(&date[8..])?;
        let separators = date[4] == b'-' && date[7] == b'-';
        if !separators || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        let (&separator, rest) = rest.split_first()?;
        if !matches!(separator, b'T' | b't' | b' ') {
            return None;
        }
        let (clock, rest) = rest.split_at_checked(8)?;
        let (hour, minute, second) = (digits(&clock[..2])?, digits(&clock[3..5])?, digits(&clock[6..])?);
        if clock[2] != b':' || clock[5] != b':' || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (microsecond, rest) = fraction(rest)?;
        Some(Timestamp {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            hour: u8::try_from(hour).ok()?,
            minute: u8::try_from(minute).ok()?,
            second: u8::try_from(second).ok()?,
            microsecond,
            offset_minutes: offset_minutes(rest)?,
        })
    }
}

/// The microseconds at the start of `text`, and what follows them.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let length = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (fraction, rest) = text.split_at(length);
    if fraction.is_empty() {
        return None;
    }
    let kept = &fraction[..length.min(6)];
    let missing = u32::try_from(6 - kept.len()).ok()?;
    Some((digits(kept)? * 10_u32.pow(missing), rest))
}

/// `Z`, or hours and minutes with their sign.
fn offset_minutes(text: &[u8]) -> Option<i16> {
    match text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), offset @ ..] if offset.len() == 5 && offset[2] == b':' => {
            let (hours, minutes) = (digits(&offset[..2])?, digits(&offset[3..])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let total = i16::try_from(hours * 60 + minutes).ok()?;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, is_rfc3339};

    #[test]
    fn accepts_the_timestamps_of_the_service() {
        for text in [
            "2018-03-16T15:25:59.000Z",
            "2018-07-05T11:53:38.000+01:00",
            "2024-02-29T00:00:00-11:30",
            "2026-01-31t23:59:60z",
            "2026-01-31 09:30:00.123456789Z",
        ] {
            assert!(is_rfc3339(text), "{text}");
        }
    }

    #[test]
    fn rejects_anything_but_a_timestamp_with_an_offset() {
        for text in [
            "",
            "yesterday",
            "2026-01-31",
            "2026-01-31T09:30:00",
            "2026-02-29T09:30:00Z",
            "2026-13-01T09:30:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T09:30:00.Z",
            "2026-01-31T09:30:00+1:00",
            "2026-01-31T09:30:00+0100",
            "2026-01-31T09:30:00Z ",
            "+026-01-31T09:30:00Z",
            "2026-01-31T09:30é00Z",
        ] {
            assert!(!is_rfc3339(text), "{text}");
        }
    }

    #[test]
    fn parses_every_part() {
        let parsed = Timestamp::parse("2018-07-05t11:53:60.1234567-11:30");
        let expected = Timestamp {
            year: 2018,
            month: 7,
            day: 5,
            hour: 11,
            minute: 53,
            second: 60,
            microsecond: 123_456,
            offset_minutes: -690,
        };
        assert_eq!(parsed, Some(expected));
        let microsecond = |text| Timestamp::parse(text).map(|parsed| parsed.microsecond);
        assert_eq!(microsecond("2018-07-05 11:53:38.5z"), Some(500_000));
        assert_eq!(microsecond("2018-07-05 11:53:38z"), Some(0));
    }
}
