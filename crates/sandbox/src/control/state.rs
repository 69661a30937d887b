//! `GET /state` and `PUT /state`: the state in and out. `POST /save`: the state into the file of `--state`.

use super::ControlError;
use crate::app_state::AppState;
use crate::http::response::{ApiError, Response};

pub(super) fn get(app: &mut AppState) -> Result<Response, ControlError> {
    Ok(Response::json_bytes(app.saved()?))
}

pub(super) fn put(app: &mut AppState, body: &[u8]) -> Result<Response, ControlError> {
    app.load(body)?;
    Ok(Response::ok())
}

pub(super) fn save(app: &mut AppState) -> Result<Response, ControlError> {
    if app.state_file().is_none() {
        return Err("there is no file to save to; start the sandbox with --state FILE".to_owned().into());
    }
    match app.save() {
        Ok(()) => Ok(Response::ok()),
        Err(error) => Err(ApiError::with_message(500, "not_saved", error.to_string()).into()),
    }
}
