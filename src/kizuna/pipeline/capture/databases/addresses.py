"""Addresses of databases: what is in a URL, and how it is told without its password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from kizuna.pipeline.capture.databases.refusals import Refusal

type Kind = Literal["postgresql", "mysql", "sqlite"]
type Security = Literal["disable", "prefer", "require", "verify-full"]

KINDS: dict[str, Kind] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
}
PORTS: dict[Kind, int] = {"postgresql": 5432, "mysql": 3306, "sqlite": 0}
SECURITY: tuple[Security, ...] = ("disable", "prefer", "require", "verify-full")
"""How much a connection is held to TLS, in PostgreSQL's words; verify-full knows who answers."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and who reads it.

    Attributes
    ----------
    kind : what it is.
    host : name, number, or the folder (PostgreSQL) or file (MySQL) of a socket, from "/".
    port : 0 for the usual one of its kind.
    database : its name; for SQLite the file.
    security : how much the connection is held to TLS.

    """

    kind: Kind
    database: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    security: Security = "prefer"

    @property
    def is_socket(self) -> bool:
        """Whether the host is a place on this machine and not on a network."""
        return self.host.startswith("/")

    @property
    def usual_port(self) -> int:
        """The port that is meant."""
        return self.port or PORTS[self.kind]

    def __str__(self) -> str:
        """Tell it as a URL, without the password."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.database}"
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        host = quote(self.host, safe="") if self.is_socket else self.host
        shown = f"[{host}]" if ":" in host else host
        port = f":{self.port}" if self.port else ""
        return f"{self.kind}://{user}{shown}{port}/{quote(self.database, safe='')}"


def is_address(text: str) -> bool:
    """Tell an address of a database from the name of a file."""
    scheme, separator, _rest = text.partition("://")
    return bool(separator) and scheme.lower() in KINDS


def parse(url: str) -> Address:
    """Read a URL; an option that could make a driver read files of this machine is refused."""
    if not is_address(url):
        raise Refusal("address", address=url.partition("@")[2] or url)
    parts = urlsplit(url)
    kind = KINDS[parts.scheme.lower()]
    if kind == "sqlite":
        return Address("sqlite", unquote(parts.netloc + parts.path.removeprefix("/")))
    return _of_server(kind, parts)


def _of_server(kind: Kind, parts: SplitResult) -> Address:
    try:
        port = parts.port or 0
    except ValueError:
        raise Refusal("address", address=parts.netloc.rpartition("@")[2]) from None
    host, database = unquote(parts.hostname or ""), unquote(parts.path.removeprefix("/"))
    if parts.netloc.rpartition("@")[2].startswith("%2F"):  # names of files keep their case
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    if not host or not database:
        raise Refusal("address", address=parts.netloc.rpartition("@")[2] + parts.path)
    return Address(
        kind=kind,
        host=host,
        port=port,
        database=database,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=_security(parts.query),
    )


def _security(query: str) -> Security:
    given = dict(parse_qsl(query, keep_blank_values=True))
    found = given.pop("sslmode", "prefer")
    if given or found not in SECURITY:
        raise Refusal("option", option=next(iter(given), f"sslmode={found}"))
    return found
