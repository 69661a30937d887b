"""Answers every request on a connection with the same bytes: `server.py FILE [DELAY_MS]` prints its port."""

from __future__ import annotations

import socket
import sys
import threading
import time
from pathlib import Path


def serve(connection: socket.socket, answer: bytes, delay: float) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = b""
    while True:
        more = connection.recv(65536)
        if not more:
            return
        received += more
        while b"\r\n\r\n" in received:
            received = received.partition(b"\r\n\r\n")[2]
            if delay:
                time.sleep(delay)
            connection.sendall(answer)


def close_with_stdin(listener: socket.socket) -> None:
    sys.stdin.read()
    listener.close()


def main() -> None:
    body = Path(sys.argv[1]).read_bytes()
    delay = float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.0
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    # Ends with whoever started it.
    threading.Thread(target=close_with_stdin, args=(listener,), daemon=True).start()
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(connection, head.encode() + body, delay), daemon=True).start()


if __name__ == "__main__":
    main()
