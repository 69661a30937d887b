//! Times as the service writes them: RFC 3339, any offset, any fraction.

/// Whether `text` is a time of RFC 3339 that exists in the calendar.
pub(crate) fn is_rfc3339(text: &str) -> bool {
    parse(text.as_bytes()).is_some()
}

fn parse(text: &[u8]) -> Option<()> {
    let (date, rest) = text.split_at_checked(10)?;
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
    let in_clock = digits(&clock[..2])? <= 23 && digits(&clock[3..5])? <= 59 && digits(&clock[6..])? <= 60;
    if !in_clock || clock[2] != b':' || clock[5] != b':' {
        return None;
    }
    let rest = match rest.split_first() {
        Some((b'.', fraction)) => {
            let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            &fraction[length..]
        }
        _ => rest,
    };
    match rest {
        [b'Z' | b'z'] => Some(()),
        [b'+' | b'-', offset @ ..] if offset.len() == 5 && offset[2] == b':' => {
            (digits(&offset[..2])? <= 23 && digits(&offset[3..])? <= 59).then_some(())
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
    use super::is_rfc3339;

    #[test]
    fn takes_what_the_service_writes() {
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
    fn refuses_what_is_no_time_with_an_offset() {
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
}
