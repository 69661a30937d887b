"""Runs a program with a server that checks the program's only request: server.py COMMAND..."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

BODY = {"name": "Ann Lee", "renamer": {"id": "7"}, "reason": "She asked for it."}
received: list[str] = []


class Handler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        correct = self.path == "/v1.3/visitors/1234/name" and body == BODY
        received.append("correct" if correct else f"{self.path} {body}")
        response = json.dumps({"visitor": {"short_id": "1234", "name": "Ann Lee"}}).encode()
        self.send_response(200 if correct else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(response)))
        self.end_headers()
        self.wfile.write(response)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **os.environ,
        "UPSCOPE_API_KEY": "key",
        "UPSCOPE_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1.3",
        "no_proxy": "*",
    }
    done = subprocess.run(sys.argv[1:], env=environment, capture_output=True, text=True, timeout=60)
    if done.returncode != 0 or received != ["correct"] or "Ann Lee" not in done.stdout:
        sys.exit(f"{sys.argv[1:]}: exit code {done.returncode}, requests {received}\n{done.stdout}{done.stderr}")


main()
