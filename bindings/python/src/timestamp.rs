//! Times of the service as aware `datetime`s: RFC 3339, any offset, any fraction.

use pyo3::prelude::*;

use crate::imports;

/// The time that `text` names; None when it names none.
pub fn datetime<'py>(py: Python<'py>, text: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(parts) = Parts::read(text.as_bytes()) else {
        return Ok(None);
    };
    let imports = imports::get(py)?;
    let seconds = |seconds: i32| imports.timedelta.bind(py).call1((0, seconds));
    let zone = match parts.offset_minutes {
        0 => imports.utc.bind(py).clone(),
        minutes => imports.timezone.bind(py).call1((seconds(minutes * 60)?,))?,
    };
    // Python knows no leap second: it is the second after.
    let leap = parts.second == 60;
    let second = if leap { 59 } else { parts.second };
    let made = imports.datetime.bind(py).call1((
        parts.year,
        parts.month,
        parts.day,
        parts.hour,
        parts.minute,
        second,
        parts.microsecond,
        zone,
    ));
    // 30 February, or the year 0.
    let Ok(time) = made else {
        return Ok(None);
    };
    if leap {
        return Ok(time.add(seconds(1)?).ok());
    }
    Ok(Some(time))
}

struct Parts {
    year: i32,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
    offset_minutes: i32,
}

impl Parts {
    fn read(text: &[u8]) -> Option<Parts> {
        let number = |from: usize, to: usize| digits(text.get(from..to)?);
        let separators = [(4, b"-".as_slice()), (7, b"-"), (10, b"Tt "), (13, b":"), (16, b":")];
        if !separators.iter().all(|(at, allowed)| text.get(*at).is_some_and(|byte| allowed.contains(byte))) {
            return None;
        }
        let mut rest = text.get(19..)?;
        let mut microsecond = 0;
        if let Some(fraction) = rest.strip_prefix(b".") {
            let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            // Six digits are what a datetime holds.
            for at in 0..6 {
                microsecond = microsecond * 10 + fraction[..length].get(at).map_or(0, |byte| u32::from(byte - b'0'));
            }
            rest = &fraction[length..];
        }
        Some(Parts {
            year: i32::try_from(number(0, 4)?).ok()?,
            month: u8::try_from(number(5, 7)?).ok()?,
            day: u8::try_from(number(8, 10)?).ok()?,
            hour: u8::try_from(number(11, 13)?).ok()?,
            minute: u8::try_from(number(14, 16)?).ok()?,
            second: u8::try_from(number(17, 19)?).ok()?,
            microsecond,
            offset_minutes: offset(rest)?,
        })
    }
}

/// `Z`, or hours and minutes with their sign.
fn offset(text: &[u8]) -> Option<i32> {
    match text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = digits(&[*h1, *h2])?;
            let minutes = digits(&[*m1, *m2])?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let total = i32::try_from(hours * 60 + minutes).ok()?;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}
