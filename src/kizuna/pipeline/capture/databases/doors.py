"""Which places may be reached: the public network, what the operator names, never the machine.

A name is looked up once; the connection then goes to that very address, so that a name which
answers differently the second time leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kizuna.pipeline.capture.databases.addresses import Address
from kizuna.pipeline.capture.databases.refusals import Refusal

type IP = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.ip_network("64:ff9b::/96")
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16")
)
"""Where clouds tell machines their secrets, beside 169.254.0.0/16."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What may be reached.

    Attributes
    ----------
    allowed : names, addresses, networks or sockets, each with `:port` where only that is meant.
    folder : where SQLite files may lie; None: nowhere.

    """

    allowed: tuple[str, ...] = ()
    folder: Path | None = None

    def pinned(self, address: Address) -> str:
        """Give the one place to connect to: an IP address, a socket, or a file."""
        if address.kind == "sqlite":
            return str(self._file(address.database))
        if address.is_socket:
            return self._socket(address)
        found = looked_up(address)
        for ip in found:
            self._check(address, ip)
        return str(found[0])

    def _file(self, name: str) -> Path:
        folder = self.folder.resolve() if self.folder else None
        path = (folder / name).resolve() if folder else None
        if folder is None or path is None or not path.is_relative_to(folder):
            raise Refusal("outside_folder", name=name)
        if not path.is_file():
            raise Refusal("no_file", name=name)
        return path

    def _socket(self, address: Address) -> str:
        if address.host not in self.allowed:
            raise Refusal("forbidden", host=address.host, address="socket")
        return address.host

    def _check(self, address: Address, ip: IP) -> None:
        inner = embedded(ip)
        if is_never(inner) or is_never(ip):
            raise Refusal("never", host=address.host, address=str(ip))
        if not (is_public(inner) and is_public(ip)) and not self._names(address, inner):
            raise Refusal("forbidden", host=address.host, address=str(ip))

    def _names(self, address: Address, ip: IP) -> bool:
        return any(_fits(text, address, ip) for text in self.allowed)


class AnyDoor(Doors):
    """For whoever sits at the machine itself: nothing is refused, and nothing looked up twice."""

    def pinned(self, address: Address) -> str:
        """Give the place to connect to."""
        if address.kind == "sqlite":
            if not Path(address.database).is_file():
                raise Refusal("no_file", name=address.database)
            return str(Path(address.database).resolve())
        return address.host if address.is_socket else str(looked_up(address)[0])


def looked_up(address: Address) -> list[IP]:
    """Find all addresses of a host, those of version 4 first."""
    try:
        found = socket.getaddrinfo(address.host, address.usual_port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refusal("unknown_host", host=address.host) from None
    # what stands behind a % is the name of a network card
    texts = dict.fromkeys(str(where[0]).partition("%")[0] for *_rest, where in found)
    return sorted(map(ipaddress.ip_address, texts), key=lambda ip: ip.version)


def embedded(ip: IP) -> IP:
    """Give the address of version 4 that an address of version 6 leads to, where it does."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else ip)


def is_never(ip: IP) -> bool:
    """Tell addresses that belong to no database: link-local, metadata, many at once, none."""
    return ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in METADATA


def is_public(ip: IP) -> bool:
    """Tell addresses of the public network."""
    return (ip.is_global or ip in NAT64) and not ip.is_multicast and not ip.is_reserved


def _fits(text: str, address: Address, ip: IP) -> bool:
    for place, port in _readings(text):
        if port in ("", str(address.usual_port)) and (
            place.lower() == address.host.lower() or _holds(place, ip)
        ):
            return True
    return False


def _readings(text: str) -> Iterable[tuple[str, str]]:
    """Read `name`, `name:port`, `[v6]:port`; a bare address of version 6 has colons too."""
    yield text.strip("[]"), ""
    place, _colon, port = text.rpartition(":")
    if port.isdigit() and (":" not in place or place.startswith("[")):
        yield place.strip("[]"), port


def _holds(place: str, ip: IP) -> bool:
    try:
        return ip in ipaddress.ip_network(place, strict=False)
    except ValueError:
        return False
