"""A shop's site on one port, and on another what takes its events, which may be out of order."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from project import SOURCE

SCRIPT = SOURCE / "web/capture/snippet/static/snippet/kizuna-events.js"
PAGE = """<!doctype html><title>{title}</title><meta charset="utf-8">
<script>window.kizuna = window.kizuna || [];</script>
<script defer src="{origin}/k.js" data-key="wk" {more}></script><a href="/next">next</a>"""


@dataclass
class Taker:
    """Takes events and keeps the calls; answers with `status`."""

    status: int = 200
    calls: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Give each message once, however often it came."""
        found = {m["messageId"]: m for call in self.calls for m in call["batch"]}
        return sorted(found.values(), key=lambda message: message["originalTimestamp"])


@dataclass
class Shop:
    """The site: every path is a page with the script, by `tag` where that is given."""

    more: str = ""
    tag: str = ""
    taker: Taker = field(default_factory=Taker)

    def __post_init__(self) -> None:
        self.site, self.inlet = _server(_site(self)), _server(_inlet(self.taker))

    @property
    def url(self) -> str:
        """Where the site is: another origin than the one that takes its events."""
        return f"http://localhost:{self.site.server_port}"

    @property
    def to(self) -> str:
        """Where the events go."""
        return f"http://127.0.0.1:{self.inlet.server_port}"

    def close(self) -> None:
        """End both."""
        for server in (self.site, self.inlet):
            server.shutdown()
            server.server_close()


def small() -> int:
    """Give the size of the script as it travels."""
    return len(gzip.compress(SCRIPT.read_bytes()))


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    block_on_close = False


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_said: Any) -> None:
        pass

    def answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


def _server(handler: type[_Quiet]) -> _Server:
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def _site(shop: Shop) -> type[_Quiet]:
    class Site(_Quiet):
        def do_GET(self) -> None:
            title = self.path.partition("?")[0]
            page = shop.tag or PAGE.format(title=title, origin=shop.to, more=shop.more)
            self.answer(200, "text/html", page.encode())

    return Site


def _inlet(taker: Taker) -> type[_Quiet]:
    class Inlet(_Quiet):
        def do_GET(self) -> None:
            self.answer(200, "text/javascript", SCRIPT.read_bytes())

        def do_OPTIONS(self) -> None:
            taker.asked.append(self.path)
            self.answer(204, "text/plain", b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if taker.status == 200:
                taker.calls.append(json.loads(body) | {"path": self.path})
            origin = self.headers["Origin"]
            self.answer(taker.status, "text/plain", b"{}", Access_Control_Allow_Origin=origin)

    return Inlet
