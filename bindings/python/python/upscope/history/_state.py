"""What a store keeps beside the sessions: how far the copy is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from ._store import StoreError

_VERSION = 1


@dataclass
class Walk:
    """A walk through the pages of the service that has not reached its end."""

    lower: datetime | None
    """The `updated_after` of its requests. None: all sessions."""

    since: datetime | None
    """What the store is complete from when the walk ends. None: from the first session."""

    started: datetime | None
    """A time that the service had reached when the walk began. None: unknown."""

    asked: list[str]
    """The sessions that were running and are no longer ongoing: this walk returns them once more."""

    moved: bool = False
    """Whether a session was found to have another start than before."""

    cursor: str | None = None
    """The `last_id` of the last page that is stored."""


@dataclass
class State:
    """The progress of the copy. It is stored together with the sessions of each page."""

    is_complete: bool = False
    """Whether a walk has reached its end."""

    since: datetime | None = None
    """If complete: from when on. None: from the first session."""

    watermark: datetime | None = None
    """Every change up to this time of the service is stored."""

    latest: datetime | None = None
    """The latest time that the service has reported."""

    running: dict[str, datetime | None] = field(default_factory=lambda: {})
    """The sessions that had not ended when they were stored, with their start."""

    last_lower: datetime | None = None
    """The `updated_after` of the last complete walk, or the one from which to repeat. None: all sessions."""

    must_repeat: bool = False
    """Whether to repeat from there, because the list was reordered."""

    walk: Walk | None = None

    def copy(self) -> State:
        """A copy that can be changed."""
        walk = None if self.walk is None else replace(self.walk)
        return replace(self, running=dict(self.running), walk=walk)

    def to_text(self) -> str:
        """The state as JSON."""
        walk = self.walk
        return json.dumps(
            {
                "version": _VERSION,
                "is_complete": self.is_complete,
                "since": time_to_text(self.since),
                "watermark": time_to_text(self.watermark),
                "latest": time_to_text(self.latest),
                "running": {key: time_to_text(started) for key, started in self.running.items()},
                "last_lower": time_to_text(self.last_lower),
                "must_repeat": self.must_repeat,
                "walk": walk
                and {
                    "lower": time_to_text(walk.lower),
                    "since": time_to_text(walk.since),
                    "started": time_to_text(walk.started),
                    "asked": walk.asked,
                    "moved": walk.moved,
                    "cursor": walk.cursor,
                },
            }
        )

    @staticmethod
    def from_text(text: str | None) -> State:
        """Reads what `to_text` wrote. None gives the state of an empty store."""
        if text is None:
            return State()
        try:
            values = json.loads(text)
            if values["version"] != _VERSION:
                raise StoreError(
                    f"the store was written by another version of this package (its state has the version "
                    f"{values['version']}, this package reads {_VERSION}): update the package"
                )
            walk = values["walk"]
            return State(
                is_complete=values["is_complete"],
                since=_time(values["since"]),
                watermark=_time(values["watermark"]),
                latest=_time(values["latest"]),
                running={key: _time(started) for key, started in values["running"].items()},
                last_lower=_time(values["last_lower"]),
                must_repeat=values["must_repeat"],
                walk=walk
                and Walk(
                    lower=_time(walk["lower"]),
                    since=_time(walk["since"]),
                    started=_time(walk["started"]),
                    asked=walk["asked"],
                    moved=walk["moved"],
                    cursor=walk["cursor"],
                ),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"the state in the store cannot be read ({error!r}): copy into a new store") from error


def time_to_text(time: datetime | None) -> str | None:
    """UTC, to the microsecond."""
    return None if time is None else time.astimezone(timezone.utc).isoformat(timespec="microseconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
