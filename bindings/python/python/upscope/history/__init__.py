"""Copies all sessions to your own data tools: none lost, none twice.

    import upscope.history

    with upscope.Client() as client:
        report = upscope.history.sync(client, "sqlite:sessions.db")

Repeat it every hour or night, with cron for example: `python -m upscope history sync --to sqlite:sessions.db`.

## How it works

The service lists the sessions that changed after a time (`updated_after`), page by page, in the order of their start.
It does not return the time of the change. A *walk* reads these pages to the end.

- **Rows are replaced by `id`.** Reading a session again is harmless, so everything below may read too much, but never
  too little.
- **The watermark is a time of the service, never of this computer.** The client does not show the `Date` header, and
  the records do not have the time of their last change. But the service's clock has passed each `started_at` and
  `ended_at` that it reports. If a page reports the time *t* and arrives *d* after the start of the walk, the clock had
  reached *t - d* at that start. The largest such time is the watermark when the walk ends: a change that the walk did
  not see is later. *d* is a duration, so a wrong clock of this computer has no effect. A watermark that is too early
  only means that the next walk reads more: while no session starts or ends, it stays where it is. It is never later
  than the time of this computer, in case the service reports a time in the future.
- **The next walk begins an overlap before the watermark**, one hour by default, for changes that become visible late
  and for differences between the clocks of the service's computers.
- **Sessions that were running are asked for again until they end**, in case an end does not count as a change. A run
  first lists the ongoing sessions. If a session was running and is no longer ongoing, the walk begins before its start,
  once. At most 10,000 running sessions are remembered.
- **Sessions, watermark and the cursor of the page are committed together.** If a run is killed, its last commit is
  whole, and the next run resumes the walk after that page. It then makes a second walk, for the sessions that
  have changed on the pages before it.

| what happens | what the run does |
|---|---|
| a session changes during the walk | the next walk returns it, because it changed after the watermark |
| a session gets another `started_at`, so that the list is reordered | the run repeats the last walk, see below |
| the session that is the cursor is deleted (404) | the walk starts again, at most 5 times in a run |
| the service ignores `updated_after` | every walk reads everything, and `Report.filter_ignored` says so |
| the service ignores `ongoing_only` | sessions that were running are asked for by longer walks |
| a cursor that does not advance | `BadResponseError`; what has been copied stays |
| a session without `id` | it is not stored, and counted in `Report.without_id` |
| two programs write to one store | one of them gets `StoreBusyError` |
| a session is deleted at the service | it stays in the store; use `forget` to remove a person |

A walk continues after the session that is the cursor. If that session moves to a later place in the list meanwhile, the
walk misses those between. A later walk then finds that its `started_at` has changed, and the walk before is repeated.

## Stores

`"sqlite:FILE"`: the table `sessions` has the primary key `id` and a column for each documented attribute. Times are UTC
text `YYYY-MM-DDTHH:MM:SS.mmmZ`; lists, objects and `metadata` are JSON.

`"parquet:DIRECTORY"` (`pip install upscope[parquet]`): `sessions-*.parquet`, of 50,000 sessions each. A session is in
one file, and stays in it: files are replaced as a whole, so that reading them gives each session once at any time.
Names of files that do not contain sessions begin with `_`. Times are `timestamp[ms, UTC]`, agents are a list of
structs, and `metadata` is JSON.

`"postgresql://USER@HOST/DATABASE"` (`pip install upscope[postgresql]`): the table `sessions` in the first schema of the
search path. Times are `timestamptz`, lists and objects are `json`.

All have the column `raw`, the JSON of the whole record, with fields that are not documented. When a new version of this
package documents more attributes, it adds columns and fills them from `raw`. A store of your own implements `Store`.
"""

from __future__ import annotations

from ._forget import Receipt, forget
from ._store import Counts, Store, StoreBusyError, StoreError, open_store
from ._sync import Progress, Report, sync

__all__ = [
    "Counts",
    "Progress",
    "Receipt",
    "Report",
    "Store",
    "StoreBusyError",
    "StoreError",
    "forget",
    "open_store",
    "sync",
]
