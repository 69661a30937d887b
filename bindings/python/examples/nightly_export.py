"""Copies all sessions to the SQLite file sessions.db, or brings it up to date. The API key is in UPSCOPE_API_KEY."""

import upscope.history

with upscope.Client(timeout=120, max_retries=8) as client:
    print(upscope.history.sync(client, "sqlite:sessions.db"))
