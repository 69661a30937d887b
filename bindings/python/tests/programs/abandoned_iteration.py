"""Abandons an iteration over the sessions while the next page is being fetched."""
# stdout: s_1

import os

import upscope

client = upscope.Client(base_url=os.environ["SLOW_URL"])
sessions = client.iter_sessions()
print(next(sessions).id)
