"""A server that sends scripted responses, one for each request."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import upscope

NO_RESPONSE = b"no response"
"""Never responds. The connection stays open until the server stops."""


def response(body: Any, status: str = "200 OK", headers: str = "") -> bytes:
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\n{headers}\r\n".encode() + data


class ScriptedServer:
    """Sends the next response for each request, and repeats the last one."""

    def __init__(self, *responses: bytes) -> None:
        self.responses = list(responses)
        self.requests: list[bytes] = []
        self.request_received = threading.Event()
        self.connection_closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1.3"

    def __enter__(self) -> ScriptedServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def client(self, **settings: Any) -> upscope.Client:
        return upscope.Client(**{"api_key": "scripted-key", "base_url": self.base_url, **settings})

    def async_client(self, **settings: Any) -> upscope.AsyncClient:
        return upscope.AsyncClient(**{"api_key": "scripted-key", "base_url": self.base_url, **settings})

    def open_connections(self) -> int:
        """The number of connections that the clients have not closed."""
        self.connection_closed.clear()
        return sum(1 for connection in self._connections if connection.fileno() >= 0)

    def send_to_all(self, data: bytes) -> None:
        """Sends data on every connection."""
        for connection in self._connections:
            connection.sendall(data)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        received = b""
        while True:
            while not _is_complete(received):
                try:
                    more = connection.recv(65536)
                except OSError:
                    more = b""
                if not more:
                    connection.close()
                    self.connection_closed.set()
                    return
                received += more
            self.requests.append(received)
            received = b""
            response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
            if response != NO_RESPONSE:
                try:
                    connection.sendall(response)
                except OSError:
                    return
            # Set after the response was sent, because a test may continue then.
            self.request_received.set()


def _is_complete(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return False
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(body) >= int(lengths[0] if lengths else 0)
