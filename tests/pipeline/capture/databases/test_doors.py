"""Addresses of databases: how they are read, and which may be reached."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from kizuna.pipeline.capture.databases.addresses import Address, is_address, parse
from kizuna.pipeline.capture.databases.doors import Doors
from kizuna.pipeline.capture.databases.refusals import Refusal


def at(host: str, port: int = 0) -> Address:
    return Address("postgresql", "shop", host=host, port=port, user="u")


def code(doors: Doors, address: Address) -> str:
    with pytest.raises(Refusal) as said:
        doors.pinned(address)
    return said.value.code


def test_a_url_is_read_and_told_without_its_password() -> None:
    found = parse("postgres://ann:s%40cret@db.example.com:6000/shop?sslmode=require")
    assert (found.user, found.password, found.port) == ("ann", "s@cret", 6000)
    assert str(found) == "postgresql://ann@db.example.com:6000/shop"
    assert "s@cret" not in repr(found)


def test_a_socket_and_a_file_are_read() -> None:
    assert parse("postgresql://ann@%2Frun%2FPostgres/shop").host == "/run/Postgres"
    assert parse("sqlite:///data/shop.db").database == "data/shop.db"
    assert parse("sqlite:////data/shop.db").database == "/data/shop.db"


@pytest.mark.parametrize(
    "url",
    ["orders.csv", "oracle://h/d", "mysql://host", "mysql:///shop", "mysql://h:port/shop"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refusal) as said:
        parse(url)
    assert said.value.code == "address"


@pytest.mark.parametrize(
    "option",
    ["passfile=/etc/passwd", "options=-c", "sslkey=/x", "service=a", "sslmode=maybe", "hostaddr="],
)
def test_an_option_that_reads_files_or_leads_elsewhere_is_refused(option: str) -> None:
    with pytest.raises(Refusal) as said:
        parse(f"postgresql://u@h/d?{option}")
    assert said.value.code == "option"


def test_files_are_no_addresses() -> None:
    assert not is_address("orders.csv")
    assert is_address("mariadb://h/d")


NEVER = [
    "169.254.169.254", "0.0.0.0", "::", "fe80::1", "224.0.0.1", "ff02::1", "100.100.100.200",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fd00:ec2::254",
    "168.63.129.16",
]  # fmt: skip


@pytest.mark.parametrize("host", NEVER)
@pytest.mark.parametrize("allowed", [(), ("0.0.0.0/0", "::/0", "169.254.169.254")])
def test_addresses_of_the_machine_and_its_cloud_are_never_reached(
    host: str, allowed: tuple[str, ...]
) -> None:
    assert code(Doors(allowed), at(host)) == "never"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.5", "172.16.9.9", "100.64.0.1", "::1", "fd12::5",
     "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::1", "198.18.0.1", "240.0.0.1"],
)  # fmt: skip
def test_private_addresses_are_reached_only_where_the_operator_names_them(host: str) -> None:
    assert code(Doors(), at(host)) == "forbidden"


@pytest.mark.parametrize(
    ("allowed", "host", "port"),
    [
        ("10.0.0.0/8", "10.1.2.3", 0),
        ("10.1.2.3", "10.1.2.3", 6000),
        ("10.1.2.3:5432", "10.1.2.3", 0),
        ("::1", "::1", 0),
        ("[::1]:5432", "::1", 5432),
        ("localhost", "localhost", 0),
        ("LOCALHOST:5432", "localhost", 0),
    ],
)
def test_what_the_operator_names_is_reached(allowed: str, host: str, port: int) -> None:
    assert Doors((allowed,)).pinned(at(host, port))


@pytest.mark.parametrize("allowed", ["10.1.2.3:5432", "[::1]:5432", "10.9.0.0/16"])
def test_what_is_named_with_another_port_or_network_is_not(allowed: str) -> None:
    assert code(Doors((allowed,)), at("10.1.2.3", 5433)) == "forbidden"


def test_public_addresses_are_reached() -> None:
    assert Doors().pinned(at("8.8.8.8")) == "8.8.8.8"


def test_a_name_with_one_forbidden_address_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_args: Any, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", (ip, 5432)) for ip in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert code(Doors(), at("rebound.example.com")) == "forbidden"


def test_a_socket_must_be_named() -> None:
    assert code(Doors(), at("/run/postgresql")) == "forbidden"
    assert Doors(("/run/postgresql",)).pinned(at("/run/postgresql")) == "/run/postgresql"


def test_files_of_sqlite_are_taken_from_one_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "imports"
    folder.mkdir()
    (folder / "shop.db").touch()
    (tmp_path / "db.sqlite3").touch()
    (folder / "link.db").symlink_to(tmp_path / "db.sqlite3")
    doors = Doors(folder=folder)
    assert doors.pinned(Address("sqlite", "shop.db")) == str(folder / "shop.db")
    for name in ("../db.sqlite3", str(tmp_path / "db.sqlite3"), "link.db"):
        assert code(doors, Address("sqlite", name)) == "outside_folder"
    assert code(doors, Address("sqlite", "no.db")) == "no_file"
    assert code(Doors(), Address("sqlite", "shop.db")) == "outside_folder"
