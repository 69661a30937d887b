"""Daemon threads iterate over the sessions, with a prefetched page, when the program ends."""
# stdout: ready

import threading

import upscope

client = upscope.Client()
ready = threading.Barrier(4)


def iterate_repeatedly() -> None:
    sessions = client.iter_sessions()
    next(sessions)
    ready.wait(10)
    while True:
        for session in sessions:
            session.started_at, session.metadata, session.to_dict()
        sessions = client.iter_sessions()


for _ in range(3):
    threading.Thread(target=iterate_repeatedly, daemon=True).start()
ready.wait(10)
print("ready")
