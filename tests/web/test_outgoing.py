"""The door for outgoing calls: what it refuses, in every form that an address can take."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web import outgoing
from kizuna.web.outgoing import Door, Limits, Refused, Unanswered

HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0.0.0.0", "0", "0x7f000001",
    "0x7f.0.0.1", "0x7f.1", "2130706433", "017700000001", "0177.0.0.1", "0177.1", "00127.0.0.1",
    "127.0.0.1.", "127.000.000.001", "localhost", "localhost.", "LOCALHOST", "10.0.0.1",
    "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.254",
    "100.64.0.1", "100.127.255.254", "100.100.100.200", "169.254.169.254", "169.254.170.2",
    "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.43518", "192.0.0.192",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[::7f00:1]",
    "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]", "[2002:c0a8:101::]", "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:db8::1]", "[2001:10::1]", "[2001:20::1]",
    "[3fff::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[febf::1]", "[fec0::1]",
    "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[ff02::1]", "[ff0e::1]", "[100::1]",
    "[5f00::1]", "[4000::1]", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "ｌｏｃａｌｈｏｓｔ",
    "%31%32%37.0.0.1", "127%2e0.0.1", "[::1%25lo]",
]  # fmt: skip
URLS = [
    *(f"{scheme}://{host}/hook" for host in HOSTS for scheme in ("http", "https")),
    "http://127.0.0.1:80@93.184.216.34/", "http://93.184.216.34@127.0.0.1/",
    "http://93.184.216.34#@127.0.0.1/", "http://127.0.0.1\\@93.184.216.34/",
    "http://93.184.216.34\\@127.0.0.1/", "http://127.0.0.1%00.example.com/",
    "http://127.0.0.1\t/", "http://exa\nmple.com/", " http://127.0.0.1/", "http:127.0.0.1/",
    "http:///127.0.0.1/", "http://", "https://", "//127.0.0.1/", "127.0.0.1", "",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://127.0.0.1/", "dict://127.0.0.1:11211/",
    "http://127.0.0.1:6379/", "https://127.0.0.1:0/", "https://127.0.0.1:99999/", "https://[::1/",
    "https://user:secret@93.184.216.34/", "https://exa mple.com/", "https://a..b/",
    "https://-a.example/",
    "https://93.184.216.34/\r\nX-Injected: 1", "http://93.184.216.34/",
    "https://" + "a" * 3000 + ".com/",
]  # fmt: skip
CLOUD = ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "168.63.129.16", "0.0.0.0"]


class KnockedError(Exception):
    """A socket was about to be connected."""


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every connection fail the test."""

    def connect(*_given: Any, **_named: Any) -> socket.socket:
        raise KnockedError

    monkeypatch.setattr(socket, "create_connection", connect)


@pytest.mark.parametrize("url", URLS, ids=ascii)
def test_no_form_of_an_address_within_is_ever_called(watched: None, url: str) -> None:
    with pytest.raises((Refused, Unanswered)) as caught:
        Door().call(url, headers={})
    assert not isinstance(caught.value, Unanswered) or caught.value.code == "unknown_host"


def test_there_are_more_than_sixty_forms() -> None:
    assert len(set(HOSTS)) > 60


def knocks(url: str) -> bool:
    try:
        Door().call(url, headers={})
    except KnockedError:
        return True
    except (Refused, Unanswered):
        return False
    return True


@pytest.mark.parametrize("twin", ["is_global", "by_text"])
def test_the_forms_find_a_door_that_trusts_too_much(
    watched: None, monkeypatch: pytest.MonkeyPatch, twin: str
) -> None:
    def by_text(ip: outgoing.IP) -> bool:
        return not str(ip).startswith(("127.", "10.", "192.168."))

    trusting = {"is_global": lambda ip: ip.is_global, "by_text": by_text}
    monkeypatch.setattr(outgoing, "is_public", trusting[twin])
    monkeypatch.setattr(outgoing, "NEVER", ())
    assert any(knocks(url) for url in URLS)


@given(st.ip_addresses(v=4))
def test_what_python_calls_private_is_never_public(ip: ipaddress.IPv4Address) -> None:
    dressed = ipaddress.IPv6Address("::ffff:" + str(ip))
    through = ipaddress.IPv6Address(int(outgoing.NAT64.network_address) | int(ip))
    public = ip.is_global and not ip.is_multicast and not ip.is_reserved
    assert public or not outgoing.is_public(ip)
    assert not outgoing.is_public(dressed)
    assert outgoing.is_public(through) == outgoing.is_public(ip)


@pytest.mark.parametrize(
    "text", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808"]
)
def test_the_public_network_is_open(text: str) -> None:
    assert outgoing.is_public(ipaddress.ip_address(text))


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names answered with these addresses, one list a look-up; give who was asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, *_more: Any, **_named: Any) -> list[Any]:
        if host[0].isdigit():
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.8", "::1", "fe80::1%eth0", *CLOUD])
def test_a_name_with_one_address_within_is_refused(
    watched: None, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    names(monkeypatch, ["93.184.216.34", inside])
    with pytest.raises(Refused):
        Door().call("https://hooks.example.com/", headers={})


def test_a_name_that_changes_its_answer_leads_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, called = names(monkeypatch, ["93.184.216.34"], ["127.0.0.1"]), []

    def connect(where: tuple[str, int], **_more: Any) -> socket.socket:
        called.append(where)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unanswered, match="connect"):
        Door().call("https://hooks.example.com/", headers={})
    assert (asked, called) == (["hooks.example.com"], [("93.184.216.34", 443)])


@pytest.mark.parametrize("text", CLOUD)
def test_nobody_may_allow_what_tells_a_machine_its_secrets(watched: None, text: str) -> None:
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(Refused, match="never"):
        Door(allowed=(text, "0.0.0.0/0", "::/0")).call(f"http://{host}/", headers={})


@pytest.mark.parametrize(
    ("allowed", "opens"),
    [
        ("10.0.0.0/8", True),
        ("10.1.2.3", True),
        ("10.1.2.3:8443", True),
        ("10.1.2.3:80", False),
        ("10.2.0.0/16", False),
        ("example.com", False),
    ],
)
def test_the_operator_opens_a_place_within(allowed: str, opens: bool) -> None:
    door = Door(allowed=(allowed,))
    if opens:
        assert door.check("https://10.1.2.3:8443/").port == 8443
    else:
        with pytest.raises(Refused, match="private"):
            door.check("https://10.1.2.3:8443/")


def test_without_tls_only_what_the_operator_names_is_called() -> None:
    with pytest.raises(Refused, match="plain"):
        Door().check("http://93.184.216.34/")
    assert Door(allowed=("93.184.216.34",)).check("http://93.184.216.34/").port == 80


@contextmanager
def serving(
    answer: Callable[[BaseHTTPRequestHandler], None], tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Answer on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def within(**more: Any) -> Door:
    return Door(allowed=("127.0.0.1",), **more)


def test_a_call_gives_status_headers_and_as_much_of_the_body_as_is_wanted() -> None:
    came: dict[str, Any] = {}

    def answer(request: BaseHTTPRequestHandler) -> None:
        came["body"] = request.rfile.read(int(request.headers["Content-Length"]))
        came["host"], came["path"] = request.headers["Host"], request.path
        request.send_response(418)
        request.send_header("Retry-After", "7")
        request.end_headers()
        request.wfile.write(b"x" * 100_000)

    with serving(answer) as port:
        door = within(limits=Limits(answer=1000))
        found = door.call(f"http://127.0.0.1:{port}/a?b=c#d", body=b"{}", headers={"X-A": "1"})
    assert (found.status, found.headers["retry-after"], len(found.body)) == (418, "7", 1000)
    assert came == {"body": b"{}", "host": f"127.0.0.1:{port}", "path": "/a?b=c"}


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        request.send_response(307)
        request.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        request.end_headers()

    with serving(answer) as port:
        assert within().call(f"http://127.0.0.1:{port}/", headers={}).status == 307
    assert asked == ["/"]


def drip(request: BaseHTTPRequestHandler) -> None:
    """Send a letter now and then, for ever: no wait between two is long."""
    try:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10_000:
            request.wfile.write(bytes([letter]))
            time.sleep(0.05)
    except OSError:
        pass


def hang(request: BaseHTTPRequestHandler) -> None:
    request.connection.recv(1)
    time.sleep(2)


@pytest.mark.parametrize("slow", [drip, hang])
def test_slowness_ends_in_time(slow: Callable[[BaseHTTPRequestHandler], None]) -> None:
    with serving(slow) as port:
        began = time.monotonic()
        with pytest.raises(Unanswered, match="late"):
            within(limits=Limits(total=0.5)).call(f"http://127.0.0.1:{port}/", headers={})
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500, b"\x16\x03\x01"]
)
def test_an_answer_that_is_none_is_told_as_such(said: bytes) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(said)

    with serving(answer) as port, pytest.raises(Unanswered, match="broken"):
        within().call(f"http://127.0.0.1:{port}/", headers={})


@pytest.mark.parametrize("name", ["X-A\r\nX-B", "X-A"])
def test_no_header_smuggles_another_in(name: str) -> None:
    with serving(drip) as port, pytest.raises(Unanswered, match="broken"):
        within().call(f"http://127.0.0.1:{port}/", headers={name: "1\r\nX-C: 2"})


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name; give the server's side and that of who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    hidden = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "both.pem").write_bytes(hidden + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


def test_tls_asks_for_the_name_and_holds_the_server_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    hosts: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        hosts.append(request.headers["Host"])
        request.send_response(204)
        request.end_headers()

    server, trust = certificate(tmp_path, "hooks.example.com")
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    names(monkeypatch, ["127.0.0.1"])
    with serving(answer, server) as port:
        door = within(tls=trust)
        assert door.call(f"https://hooks.example.com:{port}/", headers={}).status == 204
        with pytest.raises(Unanswered, match="tls"):
            door.call(f"https://other.example.com:{port}/", headers={})
        with pytest.raises(Unanswered, match="tls"):
            within().call(f"https://hooks.example.com:{port}/", headers={})
    assert asked[:2] == ["hooks.example.com", "other.example.com"]
    assert hosts == [f"hooks.example.com:{port}"]
