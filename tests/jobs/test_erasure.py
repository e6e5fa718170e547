"""Whoever is erased is in no table, no former version and no file; everyone else is as before."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.jobs import erasure
from kizuna.jobs.erasure import erase, erase_files, returned, subject
from kizuna.jobs.subjects import Subject
from kizuna.jobs.tombstones import Tombstones
from kizuna.pipeline.store import Store

NOW = datetime(2026, 4, 1, tzinfo=UTC)
MAIL = "hana@example.jp"


def filled(folder: Path) -> Store:
    """Make tables that hold Hana in every way, with versions, beside others."""
    store = Store(folder / "store")
    for name in ("customers", "customers_log"):
        table = {"customer_id": ["c-hana-1", "c-2"], "email": [MAIL, "b@example.jp"]}
        store.write(name, pa.table(table | {"parent_id": ["c-2", "c-hana-1"]}))
        store.append(name, pa.table({k: [v[1]] for k, v in table.items()} | {"parent_id": ["x"]}))
    said = {"customer_id": ["c-2", "c-2"], "text": [f"cc {MAIL.title()}, thanks", "hello"]}
    store.write("interactions", pa.table(said))
    store.write("received_rejects", pa.table({"raw_body": [f'{{"email": "{MAIL}"}}', "{}"]}))
    store.write("order_log", pa.table({"customer_id": ["c-hana-1", "c-2"], "amount": [1, 2]}))
    store.erase("order_log", "customer_id", ["c-hana-1"])  # gone, but not from the disk
    store.write(
        "identity_map", pa.table({"raw_customer_id": ["anon:h1"], "customer_id": ["c-hana-1"]})
    )
    store.write("received_events", pa.table({"customer_key": ["anon:h1", "anon:x"]}))
    return store


def bytes_that_name(folder: Path, names: Iterable[str]) -> list[str]:
    """Search every byte below a folder, and every value of packed tables, for names."""
    wanted = [name.encode() for name in names]
    found = []
    for path in (p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if path.suffix == ".parquet":
            data += repr(pq.read_table(path).to_pydict()).encode()
        found += [str(path) for name in wanted if name in data]
    return found


def test_no_byte_on_the_disk_names_her_afterwards(tmp_path: Path) -> None:
    store = filled(tmp_path)
    who = subject(store, ["c-hana-1"])
    assert bytes_that_name(tmp_path, who.names)
    erase(store, who, at=NOW)
    assert bytes_that_name(tmp_path, ("c-hana-1", MAIL, "anon:h1")) == []


def test_the_search_bites_where_former_versions_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(tmp_path)
    monkeypatch.setattr(Store, "forget", lambda self, name: 0)
    erase(store, subject(store, ["c-hana-1"]), at=NOW)
    assert bytes_that_name(tmp_path, ("c-hana-1", MAIL)) != []


def test_her_keys_and_addresses_are_found_by_themselves(tmp_path: Path) -> None:
    who = subject(filled(tmp_path), ["c-hana-1"])
    assert set(who.ids) == {"c-hana-1", "anon:h1", "h1"}
    assert who.texts == (MAIL,)


def test_others_keep_everything_but_her_name(tmp_path: Path) -> None:
    store = filled(tmp_path)
    erase(store, subject(store, ["c-hana-1"]), at=NOW)
    assert store.read("interactions")["text"].to_pylist() == ["cc [erased], thanks", "hello"]
    customers = store.read("customers").to_pydict()
    assert customers == {
        "customer_id": ["c-2", "c-2"],
        "email": ["b@example.jp", "b@example.jp"],
        "parent_id": [None, "x"],
    }
    assert store.read("order_log")["amount"].to_pylist() == [2]


def test_the_report_names_each_table(tmp_path: Path) -> None:
    store = filled(tmp_path)
    done = {
        e.place: (e.removed, e.redacted) for e in erase(store, subject(store, ["c-hana-1"]), at=NOW)
    }
    assert done == {
        "store/customers": (1, 1),
        "store/customers_log": (1, 1),
        "store/identity_map": (1, 0),
        "store/interactions": (0, 1),
        "store/received_events": (1, 0),
        "store/received_rejects": (1, 0),
    }


def test_a_second_erasure_finds_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path)
    who = subject(store, ["c-hana-1"])
    erase(store, who, at=NOW)
    assert erase(store, who, at=NOW) == []


def test_tables_take_rows_in_after_an_erasure(tmp_path: Path) -> None:
    store = filled(tmp_path)
    erase(store, subject(store, ["c-hana-1"]), at=NOW)
    store.append("interactions", pa.table({"customer_id": ["c-3"], "text": ["new"]}))
    assert store.read("interactions").num_rows == 3


def test_batches_are_known_to_be_there_after_an_erasure(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.append_once("received_events", pa.table({"customer_key": ["y"]}), writer="w", number=7)
    erase(store, subject(store, ["c-hana-1"]), at=NOW)
    assert store.batch_of("received_events", "w") == 7


def test_files_that_name_her_go_in_whatever_encoding(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "a.csv").write_text(f"id,mail\n1,{MAIL.upper()}\n")
    (uploads / "b.csv").write_bytes("id\nc-hana-1-田中".encode("cp932"))
    (uploads / "c.csv").write_text("id,mail\n2,x@example.jp\n")
    (uploads / "d.xlsx").write_bytes(b"packed")
    done = erase_files(uploads, Subject(("c-hana-1",), (MAIL,)))
    assert [e.place for e in done] == ["uploads/a.csv", "uploads/b.csv", "uploads/d.xlsx"]
    assert [p.name for p in uploads.iterdir()] == ["c.csv"]


def test_a_name_that_lies_across_two_blocks_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "BLOCK", 64)
    (tmp_path / "x.csv").write_text("." * 60 + MAIL)
    assert erasure.holds(tmp_path / "x.csv", Subject((), (MAIL,)))


def test_the_tombstone_names_nobody_and_is_told_in_sql_as_in_python(tmp_path: Path) -> None:
    store = filled(tmp_path)
    erase(store, subject(store, ["c-hana-1"]), at=NOW)
    stones = Tombstones(tmp_path)
    assert MAIL not in stones.path.read_text()
    assert stones.among(["C-HANA-1", "c-2", MAIL]) == {"C-HANA-1", MAIL}
    with erasure.Engine() as engine:
        rows = "(VALUES ('C-Hana-1'), ('c-2'), (NULL)) t(x)"
        sql = f"SELECT {stones.condition('x')} AS hers FROM {rows}"
        assert engine.query(sql)["hers"].to_pylist() == [True, False, False]
    assert stones.lift(["c-hana-1"]) == 1
    assert stones.among(["c-hana-1"]) == set()


def test_whoever_comes_back_is_known_by_her_key_and_by_her_address(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert returned(store) == []
    erase(store, subject(store, ["c-hana-1"]), at=NOW)
    assert returned(store) == []
    again = {"customer_id": ["other", "c-9"], "email": [MAIL, None]}
    store.append("customers_log", pa.table(again | {"parent_id": pa.nulls(2, pa.string())}))
    store.append("order_log", pa.table({"customer_id": ["c-hana-1"], "amount": [1]}))
    assert returned(store) == ["c-hana-1", "other"]


def test_what_was_received_names_her_by_its_own_keys(tmp_path: Path) -> None:
    store = filled(tmp_path)
    said = {"customer_key": ["anon:h1", "z"], "email": ["h1@example.jp", "z@example.jp"]}
    store.write("received_traits", pa.table(said))
    store.write("received_links", pa.table({"from_key": ["anon:h1", "y"], "to_key": ["q", "z"]}))
    who = subject(store, ["c-hana-1"])
    assert set(who.texts) == {MAIL, "h1@example.jp"}
    erase(store, who, at=NOW)
    assert store.read("received_links")["from_key"].to_pylist() == ["y"]
    assert store.read("received_traits")["email"].to_pylist() == ["z@example.jp"]


@pytest.mark.parametrize(
    "written",
    [
        "+819012345678",
        "090-1234-5678",
        "(090) 1234 5678",
        "０９０－１２３４－５６７８",
        "9012345678",
    ],
)
def test_a_telephone_number_is_found_however_it_is_written(tmp_path: Path, written: str) -> None:
    store = Store(tmp_path / "store")
    said = {"customer_id": ["c-2"], "text": [f"ring {written}, please"]}
    store.write("interactions", pa.table(said))
    erase(store, Subject((), ("+81 90-1234-5678",)), at=NOW)
    assert store.read("interactions")["text"].to_pylist() == ["ring [erased], please"]


def test_a_number_in_a_file_is_found_however_it_is_written(tmp_path: Path) -> None:
    who = Subject((), ("+819012345678",))
    (tmp_path / "a.csv").write_text("090-1234-5678\n", "utf-16-le")
    (tmp_path / "b.csv").write_text("090-1234-5679\n")
    assert erasure.holds(tmp_path / "a.csv", who)
    assert not erasure.holds(tmp_path / "b.csv", who)


def test_a_short_key_is_found_where_json_says_that_it_is_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    said = ['{"customerId": "12", "n": 1}', '{"quantity": "12"}']
    store.write("events", pa.table({"customer_id": ["a", "b"], "properties": said}))
    erase(store, Subject(("12",)), at=NOW)
    assert store.read("events")["properties"].to_pylist() == [
        '{"erased": "[erased]", "n": 1}',
        '{"quantity": "12"}',
    ]


def test_a_refused_message_that_is_kept_as_base64_goes(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    bodies = [base64.b64encode(body).decode() for body in (MAIL.encode() + b"\xff", b"\xfe")]
    rejects = {"reject_id": ["r1", "r2"], "body": bodies, "is_base64": [True, True]}
    store.write("received_rejects", pa.table(rejects))
    erase(store, Subject((), (MAIL,)), at=NOW)
    assert store.read("received_rejects")["reject_id"].to_pylist() == ["r2"]


def test_members_of_an_account_that_is_erased_stay_and_name_it_no_more(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    events = {"customer_key": ["u1", "acme-1"], "group_id": ["acme-1", None]}
    store.write("received_events", pa.table(events))
    erase(store, Subject(("acme-1",)), at=NOW)
    assert store.read("received_events").to_pylist() == [{"customer_key": "u1", "group_id": None}]


def test_whoever_asks_by_a_key_that_was_merged_is_erased_under_all_her_keys(
    tmp_path: Path,
) -> None:
    assert "c-hana-1" in subject(filled(tmp_path), ["anon:h1"]).ids
