//! `GET /session/{token}`: the page behind a watch link. Needs no key; the link is the permission.

use crate::answer::Answer;
use crate::state::{Found, State};
use crate::world::World;

pub(crate) fn open(world: &mut World, method: &str, token: &str) -> Answer {
    if method != "GET" {
        return Answer::wrong_method("GET");
    }
    let now_ms = world.now_ms();
    let state: &mut State = &mut world.state;
    let link = match state.links.find(token, now_ms) {
        Found::Valid(link) if state.visitors.get(&link.visitor_id).is_some() => link,
        Found::Valid(_) | Found::Nothing => return Answer::page(404, "There is no such session."),
        Found::Expired => return Answer::page(410, "This link has expired."),
    };
    match state.open(&link, now_ms) {
        Ok(position) => {
            let id = state.sessions.at(position).id();
            Answer::page(200, &format!("Session {id} is under way.")).applied()
        }
        Err(refusal) => refusal.into(),
    }
}
