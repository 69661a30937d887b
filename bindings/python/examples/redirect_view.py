"""A web server that redirects an agent to a new watch link.

Start it with `redirect_view.py [PORT]`, then open http://127.0.0.1:8000/watch/VISITOR_ID?agent=AGENT_ID. It reads the
API key from UPSCOPE_API_KEY. A real server identifies the agent by its own login, and admits only agents.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import upscope

# One client for all requests: it reuses its connections, and threads can share it.
client = upscope.Client(timeout=10)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        target = urlsplit(self.path)
        action, _, visitor_id = target.path.strip("/").partition("/")
        agent_id = parse_qs(target.query).get("agent", [""])[0]
        if action != "watch" or not visitor_id or not agent_id:
            self.respond(404, "Not found.")
            return
        try:
            link = client.create_watch_url(unquote(visitor_id), agent={"id": agent_id})
        except upscope.NotFoundError:
            self.respond(404, "This visitor does not exist.")
        except upscope.PaymentRequiredError:
            self.respond(503, "All seats of the subscription are in use. Try again later.")
        except upscope.UpscopeError as error:
            # For the log, not for the agent.
            print(f"{error.code}: {error}", file=sys.stderr)
            self.respond(502, "The co-browsing service failed. Try again later.")
        else:
            self.send_response(303)
            self.send_header("Location", link.watch_url or "")
            # The link is a secret: it must not be cached.
            self.send_header("Cache-Control", "no-store")
            self.end_headers()

    def respond(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing, so that a later change cannot log the link by accident."""


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/watch/VISITOR_ID?agent=AGENT_ID", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
