//! Times of the service as aware `datetime`s: RFC 3339, any offset, any fraction.

use pyo3::prelude::*;
use upscope::Timestamp;

use crate::imports;

/// The time that `text` names; None when it names none.
pub fn datetime<'py>(py: Python<'py>, text: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(parts) = Timestamp::parse(text) else {
        return Ok(None);
    };
    let imports = imports::get(py)?;
    let seconds = |seconds: i32| imports.timedelta.bind(py).call1((0, seconds));
    let zone = match parts.offset_minutes {
        0 => imports.utc.bind(py).clone(),
        minutes => imports.timezone.bind(py).call1((seconds(i32::from(minutes) * 60)?,))?,
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
    // The year 0.
    let Ok(time) = made else {
        return Ok(None);
    };
    if leap {
        return Ok(time.add(seconds(1)?).ok());
    }
    Ok(Some(time))
}
