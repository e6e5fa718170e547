"""The inbox on both databases: durable, claimed once, given again after a crash, settled."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from kizuna.web.capture.inbox import Arrival, Inbox, InboxError, inbox_at
from kizuna.web.capture.inbox.sqlite import TABLES
from web_postgres import new_database, postgres

AT = datetime(2026, 5, 4, 3, 2, 1, 987654, tzinfo=UTC)

type Opened = tuple[Inbox, Path | str]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    place: Path | str = tmp_path / "inbox.sqlite3"
    if request.param == "postgresql":
        server = request.getfixturevalue("server")
        place = new_database(server, f"inbox_{abs(hash(request.node.name))}")
    inbox = inbox_at(place)
    yield inbox, place
    inbox.close()


def arrival(number: int, body: bytes = b"{}") -> Arrival:
    return Arrival(AT + timedelta(seconds=number), number, "/v1/track", body)


def test_what_is_kept_comes_back_as_it_was(opened: Opened) -> None:
    inbox, place = opened
    given = [arrival(1, b'{"a": "\xe7\xb5\x86"}'), arrival(2, b"\x00\xff not JSON")]
    inbox.append(given)
    other = inbox_at(place)
    assert [tuple(e)[1:] for e in other.claim(1, 10)] == [tuple(g) for g in given]
    other.close()


def test_a_number_that_is_out_gives_the_same_rows_again(opened: Opened) -> None:
    inbox, _ = opened
    inbox.append([arrival(n) for n in range(5)])
    first = inbox.claim(7, 3)
    inbox.append([arrival(9)])
    assert inbox.claim(7, 100) == first == inbox.claimed(7)
    assert inbox.unsettled() == [7]


def test_two_numbers_never_share_a_row(opened: Opened) -> None:
    inbox, _ = opened
    inbox.append([arrival(n) for n in range(5)])
    assert [e.key_id for e in inbox.claim(1, 3)] == [0, 1, 2]
    assert [e.key_id for e in inbox.claim(2, 3)] == [3, 4]
    assert inbox.claim(3, 3) == []
    assert inbox.unsettled() == [1, 2]


def test_settling_out_of_order_deletes_what_it_should(opened: Opened) -> None:
    inbox, _ = opened
    inbox.append([arrival(n) for n in range(5)])
    inbox.claim(1, 2)
    inbox.claim(2, 3)
    assert inbox.settle(2) == 3
    inbox.append([arrival(9)])
    assert [e.key_id for e in inbox.claim(3, 9)] == [9]
    assert [e.key_id for e in inbox.claimed(1)] == [0, 1]
    assert [inbox.settle(1), inbox.settle(3), inbox.settle(3)] == [2, 1, 0]
    assert (inbox.depth(), inbox.oldest(), inbox.unsettled()) == (0, None, [])


def test_depth_and_the_oldest_are_told(opened: Opened) -> None:
    inbox, _ = opened
    inbox.append([arrival(n) for n in range(4)])
    assert (inbox.depth(), inbox.oldest()) == (4, AT)
    inbox.claim(1, 1)
    inbox.settle(1)
    assert (inbox.depth(), inbox.oldest()) == (3, AT + timedelta(seconds=1))


def test_a_claim_takes_no_more_bytes_than_it_may_and_one_at_least(opened: Opened) -> None:
    inbox, _ = opened
    inbox.append([arrival(n, b"x" * 100) for n in range(5)])
    assert len(inbox.claim(1, 10, most_bytes=250)) == 2
    assert len(inbox.claim(2, 10, most_bytes=1)) == 1


def test_all_of_an_append_is_kept_or_nothing(opened: Opened) -> None:
    inbox, _ = opened
    broken = arrival(2)._replace(path=None)  # type: ignore[arg-type]
    with pytest.raises((InboxError, TypeError)):
        inbox.append([arrival(1), broken])
    inbox.append([arrival(3)])
    assert [e.key_id for e in inbox.claim(1, 10)] == [3]


def test_writers_and_claims_at_once_lose_nothing_and_share_nothing(opened: Opened) -> None:
    inbox, place = opened
    got: list[int] = []

    def write(worker: int) -> None:
        mine = inbox_at(place)
        for n in range(40):
            mine.append([arrival(worker * 1000 + n), arrival(worker * 1000 + 500 + n)])
        mine.close()

    writers = [Thread(target=write, args=(w,)) for w in range(4)]
    for writer in writers:
        writer.start()
    number = 0
    while any(w.is_alive() for w in writers) or inbox.depth():
        number += 1
        got += [e.key_id for e in inbox.claim(number, 50)]
        inbox.settle(number)
    assert len(got) == len(set(got)) == 4 * 40 * 2


def test_scrubbed_bytes_are_gone_from_the_file(tmp_path: Path) -> None:
    inbox = inbox_at(tmp_path / "inbox.sqlite3")
    inbox.append([arrival(n, b"hanako@example.jp " * 50) for n in range(50)])
    inbox.claim(1, 50)
    inbox.settle(1)
    inbox.scrub()
    assert all(b"hanako" not in p.read_bytes() for p in tmp_path.iterdir())
    inbox.close()


def test_a_file_that_is_there_keeps_its_pages_and_all_that_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    with closing(sqlite3.connect(path)) as former:
        former.execute("PRAGMA page_size=4096")
        former.executescript(TABLES)
        former.execute("INSERT INTO inbox VALUES (7, 0, 1, '/v1/track', x'7B7D')")
        former.commit()
    inbox = inbox_at(path)
    inbox.append([arrival(1, b"x" * 100_000)])
    assert [len(entry.body) for entry in inbox.claim(1, 10)] == [2, 100_000]
    inbox.close()
    assert (pages_of(path), pages_of(path.with_name("new"))) == (4096, 16384)


def pages_of(path: Path) -> int:
    inbox_at(path).close()
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("PRAGMA page_size").fetchone()[0])
