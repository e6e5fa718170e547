"""The one door through which the application calls addresses that people have typed in.

A name is looked up once. Where one of its addresses is not public the call is refused; otherwise
the connection goes to an address that was checked, so that a name which answers differently the
second time leads nowhere else. No redirect is followed, no proxy is asked, everything ends in time.
"""

from __future__ import annotations

import io
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Buffer, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

type IP = ipaddress.IPv4Address | ipaddress.IPv6Address
type Net = ipaddress.IPv4Network | ipaddress.IPv6Network

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC: tuple[Net, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # a cloud's own service, on an address that looks like any other
        "168.63.129.16/32",
        # Teredo and others, documentation, 6to4
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
NEVER: tuple[Net, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/32", "169.254.0.0/16", "100.100.100.200/32", "192.0.0.192/32",
        "168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8",
        "fd00:ec2::254/128",
    )
)  # fmt: skip
"""Where clouds tell machines their secrets, and what is no place at all: nobody may allow these."""

NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")
NUMBERS = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")
LONGEST_URL = 2_000
PIECE = 16_384


class Refused(Exception):  # noqa: N818  -- said to a person, no fault of the program
    """The address is not called: `code` says why."""

    def __init__(self, code: str, host: str = "", address: str = "") -> None:
        super().__init__(f"{code} {host} {address}".strip())
        self.code, self.host, self.address = code, host, address


class Unanswered(Exception):  # noqa: N818  -- the other side's doing
    """Nothing came back that is an answer: `code` is unknown_host, connect, tls, late or broken."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, seconds for all of it, and bytes of an answer that are read."""

    connect: float = 5.0
    total: float = 15.0
    answer: int = 65_536


@dataclass(frozen=True, slots=True)
class Door:
    """What may be called beside the public network.

    Attributes
    ----------
    allowed : names, addresses or networks that the operator names, each with `:port` where only
        that is meant. Only these may be called without TLS.
    limits : how long it may take and how much is read.
    tls : whom to trust; by default, whom the machine trusts.

    """

    allowed: Sequence[str] = ()
    limits: Limits = Limits()
    tls: ssl.SSLContext | None = field(default=None, compare=False)

    def check(self, url: str) -> Place:
        """Read an address, look its name up once, and refuse what may not be called."""
        place = read(url)
        found = looked_up(place)
        for ip in found:
            self._check(place, ip)
        if not place.tls and not all(self._names(place, ip) for ip in found):
            raise Refused("plain", place.host)
        return Place(place.tls, place.host, place.port, place.target, tuple(found))

    def call(
        self, url: str, *, method: str = "POST", body: bytes = b"", headers: Mapping[str, str]
    ) -> Answer:
        """Call an address and give the answer, whatever its status; a redirect is an answer."""
        place, began = self.check(url), time.monotonic()
        line = self._line(place, began + self.limits.total)
        try:
            return self._exchange(line, place, method, body, headers)
        except TimeoutError:
            raise Unanswered("late") from None
        except (OSError, HTTPException, ValueError) as error:
            raise Unanswered("broken", type(error).__name__) from error
        finally:
            line.hang_up()

    def _exchange(
        self, line: Line, place: Place, method: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        http = HTTPConnection(place.host, place.port)
        http.sock = line
        sent = {"Host": place.authority, "Connection": "close", **headers}
        http.request(method, place.target, body or None, sent)
        came = http.getresponse()
        names = {name.lower(): value for name, value in came.getheaders()}
        return Answer(came.status, names, came.read(self.limits.answer))

    def _line(self, place: Place, deadline: float) -> Line:
        line = Line(self._connected(place, deadline), deadline)
        if not place.tls:
            return line
        context = self.tls or ssl.create_default_context()
        try:
            line.left()
            line.sock = context.wrap_socket(line.sock, server_hostname=place.host)
        except TimeoutError:
            line.hang_up()
            raise Unanswered("late") from None
        except OSError as error:
            line.hang_up()
            raise Unanswered("tls", str(getattr(error, "reason", "") or "")) from error
        return line

    def _connected(self, place: Place, deadline: float) -> socket.socket:
        """Connect to the first of the checked addresses that takes it."""
        for ip in place.addresses:
            left = min(self.limits.connect, deadline - time.monotonic())
            if left <= 0:
                break
            try:
                return socket.create_connection((str(ip), place.port), timeout=left)
            except OSError:
                continue
        raise Unanswered("connect")

    def _check(self, place: Place, ip: IP) -> None:
        if any(_within(ip, net) or _within(inner(ip), net) for net in NEVER):
            raise Refused("never", place.host, str(ip))
        if not is_public(ip) and not self._names(place, ip):
            raise Refused("private", place.host, str(ip))

    def _names(self, place: Place, ip: IP) -> bool:
        return any(_fits(text, place, ip) for text in self.allowed)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads: host, port, what is asked for there, and the addresses of the host."""

    tls: bool
    host: str
    port: int
    target: str
    addresses: tuple[IP, ...] = ()

    @property
    def authority(self) -> str:
        """The `Host` header: the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers in lower case, the body as far as it is read."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Line:
    """A connection on which every step has only as long as is left: slow is no way to stay."""

    sock: socket.socket
    deadline: float

    def left(self) -> None:
        """Give the next step what is left; raise TimeoutError where nothing is."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        self.sock.settimeout(seconds)

    def sendall(self, data: bytes) -> None:
        """Send all of it in time."""
        rest = memoryview(data)
        while rest:
            self.left()
            rest = rest[self.sock.send(rest[:PIECE]) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Give what `http.client` reads from."""
        return io.BufferedReader(Incoming(self))

    def close(self) -> None:
        """Stay: `http.client` lets go of a line before it has read the answer."""

    def hang_up(self) -> None:
        """Close the connection."""
        self.sock.close()


class Incoming(io.RawIOBase):
    """Bytes of a line."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def readable(self) -> bool:
        """Say that it is for reading."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Read what has come, in time."""
        self.line.left()
        return self.line.sock.recv_into(buffer)


def read(url: str) -> Place:
    """Read a URL strictly: what two readers could understand differently is refused."""
    if len(url) > LONGEST_URL or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        url = _in_ascii(url)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Refused("unreadable") from None
    if parts.scheme not in ("http", "https"):
        raise Refused("scheme")
    if "@" in parts.netloc:
        raise Refused("user", host)
    if port == 0:
        raise Refused("unreadable", host)
    tls = parts.scheme == "https"
    return Place(tls, _host(host), port or (443 if tls else 80), _target(parts))


def _in_ascii(url: str) -> str:
    """Write a host in other letters as the network knows it; refuse everything else that is odd."""
    found = re.fullmatch(r"(https?://)([^/?#\x00-\x20\x7f\\@]+)([!-\[\]-~]*)", url)
    if found is None or len(url) > LONGEST_URL:
        raise Refused("unreadable")
    host, colon, port = found[2].partition(":")
    try:
        return found[1] + host.encode("idna").decode("ascii") + colon + port + found[3]
    except UnicodeError:
        raise Refused("unreadable") from None


def _host(host: str) -> str:
    """Give a host that means one thing only: a name, or an address as it is usually written."""
    if ":" in host:
        return _address(host)
    if not NAME.fullmatch(host) or len(host) > 253:
        raise Refused("unreadable", host)
    return _address(host) if NUMBERS.fullmatch(host) else host


def _address(host: str) -> str:
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        raise Refused("unreadable", host) from None
    if getattr(ip, "scope_id", None):
        raise Refused("unreadable", host)
    return str(ip)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def looked_up(place: Place) -> list[IP]:
    """Find all addresses of a host, those of version 4 first."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unanswered("unknown_host", place.host) from None
    texts = dict.fromkeys(str(where[0]).partition("%")[0] for *_rest, where in found)
    return sorted(map(ipaddress.ip_address, texts), key=lambda ip: ip.version)


def is_public(ip: IP) -> bool:
    """Tell addresses of the public network, by the registries of special ones."""
    found = inner(ip)
    if isinstance(found, ipaddress.IPv6Address) and found not in PUBLIC_6:
        return False
    # an address of version 4 in the clothes of version 6 comes by no honest way but NAT64
    dressed = found is not ip and ip not in NAT64
    return not dressed and not any(_within(found, net) for net in NOT_PUBLIC)


def inner(ip: IP) -> IP:
    """Give the address of version 4 that an address of version 6 leads to, where it does."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64 or (int(ip) >> 32 == 0 and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else ip)


def _within(ip: IP, net: Net) -> bool:
    return ip.version == net.version and ip in net


def _fits(text: str, place: Place, ip: IP) -> bool:
    name, port = _named(text)
    if port not in ("", str(place.port)):
        return False
    return name.lower() == place.host or _holds(name, ip)


def _named(text: str) -> tuple[str, str]:
    """Read `name`, `name:port`, `[v6]:port`; a bare address of version 6 has colons too."""
    name, _colon, port = text.rpartition(":")
    if port.isdigit() and name and (":" not in name or name.startswith("[")):
        return name.strip("[]"), port
    return text.strip("[]"), ""


def _holds(text: str, ip: IP) -> bool:
    try:
        return _within(ip, ipaddress.ip_network(text, strict=False))
    except ValueError:
        return False
