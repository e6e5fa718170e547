"""A real receiver on loopback, well-behaved or not."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Came:
    """A request that arrived."""

    path: str
    id: str
    timestamp: str
    signatures: list[str]
    body: bytes


class Server(ThreadingHTTPServer):
    """Takes many calls at once."""

    request_queue_size = 128
    block_on_close = False


@dataclass
class Receiver:
    """Answers with `answers`, one after another, then with 204; `habit` is what it does wrong."""

    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    habit: str = ""
    came: list[Came] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = Server(("127.0.0.1", 0), handler_of(self))
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}/"

    def stop(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()

    def status_for(self, came: Came) -> int:
        """Choose what is answered."""
        self.came.append(came)
        return self.answers.pop(0) if self.answers else 204

    def misbehave(self, line: socket.socket) -> bool:
        """Do what is wrong; tell whether that was all."""
        if self.habit == "hang":
            time.sleep(1.5)
        elif self.habit == "drip":
            drip(line)
        elif self.habit == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
        return bool(self.habit)


def drip(line: socket.socket) -> None:
    """Send a letter now and then."""
    try:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 60:
            line.sendall(bytes([letter]))
            time.sleep(0.03)
    except OSError:
        pass


def handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    """Make what answers for a receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.misbehave(self.connection):
                self.close_connection = True
                return
            said = self.headers
            signatures = said["webhook-signature"].split(" ")
            came = Came(self.path, said["webhook-id"], said["webhook-timestamp"], signatures, body)
            self.send_response(receiver.status_for(came))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            pass

    return Handler
