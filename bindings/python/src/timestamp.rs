//! Timestamps of the service as timezone-aware `datetime`s.

use pyo3::prelude::*;
use upscope::Timestamp;

use crate::imports;

/// The `datetime` of an RFC 3339 timestamp. None if `text` is not one, or Python cannot represent it.
pub fn to_datetime<'py>(py: Python<'py>, text: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(timestamp) = Timestamp::parse(text) else {
        return Ok(None);
    };
    let imports = imports::get(py)?;
    let seconds = |seconds: i32| imports.timedelta.bind(py).call1((0, seconds));
    let timezone = match timestamp.offset_minutes {
        0 => imports.utc.bind(py).clone(),
        minutes => imports.timezone.bind(py).call1((seconds(i32::from(minutes) * 60)?,))?,
    };
    // Python has no leap seconds: use the following second.
    let is_leap_second = timestamp.second == 60;
    let second = if is_leap_second { 59 } else { timestamp.second };
    let datetime = imports.datetime.bind(py).call1((
        timestamp.year,
        timestamp.month,
        timestamp.day,
        timestamp.hour,
        timestamp.minute,
        second,
        timestamp.microsecond,
        timezone,
    ));
    // Python has no year 0.
    let Ok(datetime) = datetime else {
        return Ok(None);
    };
    if is_leap_second {
        return Ok(datetime.add(seconds(1)?).ok());
    }
    Ok(Some(datetime))
}
