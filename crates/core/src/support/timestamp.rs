//! Times as the service writes them: RFC 3339, with any offset and any fraction.

/// A time with its UTC offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// From 0 to 9999.
    pub year: u16,
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to the last day of the month.
    pub day: u8,
    /// From 0 to 23.
    pub hour: u8,
    /// From 0 to 59.
    pub minute: u8,
    /// From 0 to 60: a leap second is 60.
    pub second: u8,
    /// The first six digits of the fraction.
    pub microsecond: u32,
    /// The offset from UTC in minutes.
    pub offset_minutes: i16,
}

impl Timestamp {
    /// Parses a time of RFC 3339; None for other text and for times that do not exist.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let text = text.as_bytes();
        let separators = [(4, b"-".as_slice()), (7, b"-"), (10, b"Tt "), (13, b":"), (16, b":")];
        if !separators.iter().all(|(at, allowed)| text.get(*at).is_some_and(|byte| allowed.contains(byte))) {
            return None;
        }
        let two_digits = |at: usize| number(text.get(at..at + 2)?).and_then(|number| u8::try_from(number).ok());
        let (microsecond, offset) = fraction(text.get(19..)?)?;
        let time = Timestamp {
            year: u16::try_from(number(&text[..4])?).ok()?,
            month: two_digits(5)?,
            day: two_digits(8)?,
            hour: two_digits(11)?,
            minute: two_digits(14)?,
            second: two_digits(17)?,
            microsecond,
            offset_minutes: parse_offset(offset)?,
        };
        let exists = (1..=12).contains(&time.month)
            && (1..=days_in(time.year, time.month)).contains(&time.day)
            && time.hour <= 23
            && time.minute <= 59
            && time.second <= 60;
        exists.then_some(time)
    }
}

/// The microseconds of an optional fraction, and the text after it.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at(length);
    let digit = |at: usize| digits.get(at).map_or(0, |byte| u32::from(byte - b'0'));
    (length > 0).then(|| ((0..6).fold(0, |microsecond, at| microsecond * 10 + digit(at)), rest))
}

/// `Z`, or a sign with hours and minutes.
fn parse_offset(text: &[u8]) -> Option<i16> {
    match text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let total = i16::try_from(hours * 60 + minutes).ok()?;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn times_of_the_service_are_parsed() {
        for (text, microsecond, offset_minutes) in [
            ("2018-03-16T15:25:59.000Z", 0, 0),
            ("2018-07-05T11:53:38.000+01:00", 0, 60),
            ("2024-02-29T00:00:00-11:30", 0, -690),
            ("2026-01-31t23:59:60z", 0, 0),
            ("2026-01-31 09:30:00.123456789Z", 123_456, 0),
            ("2026-01-31T09:30:00.5Z", 500_000, 0),
        ] {
            let time = Timestamp::parse(text).unwrap();
            assert_eq!((time.microsecond, time.offset_minutes), (microsecond, offset_minutes), "{text}");
        }
        let time = Timestamp::parse("2018-03-16T15:25:59Z").unwrap();
        assert_eq!((time.year, time.month, time.day), (2018, 3, 16));
        assert_eq!((time.hour, time.minute, time.second), (15, 25, 59));
    }

    #[test]
    fn other_text_and_times_that_do_not_exist_are_rejected() {
        for text in [
            "",
            "yesterday",
            "2026-01-31",
            "2026-01-31T09:30:00",
            "2026-02-29T09:30:00Z",
            "2026-13-01T09:30:00Z",
            "2026-01-00T09:30:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T09:60:00Z",
            "2026-01-31T09:30:61Z",
            "2026-01-31T09:30:00.Z",
            "2026-01-31T09:30:00+1:00",
            "2026-01-31T09:30:00+0100",
            "2026-01-31T09:30:00Z ",
            "+026-01-31T09:30:00Z",
            "2026-01-31T09:30é00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
