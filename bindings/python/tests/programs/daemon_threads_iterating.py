"""Daemon threads walk through the sessions, with a page fetched ahead, when the program ends."""
# stdout: ready

import threading

import upscope

client = upscope.Client()
ready = threading.Barrier(4)


def work() -> None:
    sessions = client.iter_sessions()
    next(sessions)
    ready.wait(10)
    while True:
        for session in sessions:
            session.started_at, session.metadata, session.to_dict()
        sessions = client.iter_sessions()


for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
ready.wait(10)
print("ready")
