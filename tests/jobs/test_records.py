"""Files of the standard tables come in, meet what is there, and go out again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kizuna.jobs import records as job
from kizuna.jobs import records_sql
from kizuna.pipeline import tables
from kizuna.pipeline.capture.standard.specs import SPECS
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.store import Store

TODAY, NOON = date(2026, 11, 21), datetime(2026, 11, 21, 12, tzinfo=UTC)
PEOPLE = """id,name,email,phone,region
1,Ada,ada@example.com,,Kent
2,Bo,bo@example.com,,
3,Cy,,03-1234-5678,
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def a_file(folder: Path, text: str, table: str = "customers", **said: Any) -> job.RecordFile:
    path = folder / f"{table}-{len(list(folder.iterdir()))}.csv"
    path.write_text(text, "utf-8")
    return job.RecordFile(path=path, name=path.name, table=table, **said)


def loaded(store: Store, file: job.RecordFile, batch: str = "one", **more: Any) -> job.Loaded:
    return job.load(store, file, batch=batch, at=NOON, today=TODAY, **more)


def rows(store: Store, table: str = "customers", *names: str) -> list[Any]:
    found = store.read(table).to_pylist()
    return [tuple(row[name] for name in names) for row in found] if names else found


def counted(found: job.Loaded) -> tuple[int, int, int, int, int]:
    return found.new, found.changed, found.unchanged, found.conflicts, found.errors


def test_customers_are_brought_in(store: Store, folder: Path) -> None:
    found = loaded(store, a_file(folder, PEOPLE, timezone="Asia/Tokyo"))
    assert counted(found) == (3, 0, 0, 0, 0)
    assert rows(store, "customers", "customer_id", "name", "phone") == [
        ("1", "Ada", None),
        ("2", "Bo", None),
        ("3", "Cy", "+81312345678"),
    ]
    tables.check("customers", store.read("customers"))


def test_the_same_file_twice_changes_nothing(store: Store, folder: Path) -> None:
    file = a_file(folder, PEOPLE)
    loaded(store, file)
    version = store.versions("customers")[-1].number
    assert counted(loaded(store, file, "two")) == (0, 0, 3, 0, 0)
    assert store.versions("customers")[-1].number == version


def test_a_check_changes_nothing(store: Store, folder: Path) -> None:
    assert counted(job.check(store, a_file(folder, PEOPLE), today=TODAY)) == (3, 0, 0, 0, 0)
    assert store.names() == ()


def test_an_import_taken_out_gives_back_an_equal_table(store: Store, folder: Path) -> None:
    loaded(store, a_file(folder, PEOPLE))
    before = store.read("customers")
    loaded(store, a_file(folder, "id,name\n2,Bob\n9,Ivy\n"), "two")
    assert store.read("customers") != before
    job.undo(store, "customers", "two")
    assert store.read("customers") == before
    job.undo(store, "customers", "one")
    assert store.read("customers").num_rows == 0
    assert job.batches(store, "customers") == ()


def test_an_import_that_others_rest_on_is_not_taken_out(store: Store, folder: Path) -> None:
    loaded(store, a_file(folder, PEOPLE))
    loaded(store, a_file(folder, "id,name\n2,Bob\n"), "two")
    with pytest.raises(InputError, match=r"undo customers-\d\.csv \(two\) first"):
        job.undo(store, "customers", "one")


def test_an_import_that_was_killed_may_be_repeated(store: Store, folder: Path) -> None:
    file = a_file(folder, PEOPLE)
    loaded(store, file)
    log = store.versions("customers_log")[-1].number
    assert counted(loaded(store, file)) == (3, 0, 0, 0, 0)
    assert store.versions("customers_log")[-1].number == log


def test_a_load_that_died_before_the_table_was_made_is_completed(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_file(folder, PEOPLE)
    with monkeypatch.context() as patch:
        patch.setattr(job, "_refresh", lambda store, spec: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            loaded(store, file)
    assert "customers" not in store.names()
    loaded(store, file)
    assert len(rows(store)) == 3


@pytest.mark.parametrize(
    ("policy", "after", "count"),
    [
        ("overwrite", ("Adele", "Essex", "a@b.c"), (0, 1, 0)),
        ("fill_blanks", ("Ada", "Kent", "a@b.c"), (0, 1, 0)),
        ("skip", ("Ada", "Kent", None), (0, 0, 1)),
    ],
)
def test_what_becomes_of_a_record_that_is_there(
    store: Store, folder: Path, policy: Any, after: Any, count: Any
) -> None:
    loaded(store, a_file(folder, "id,name,region,email\n1,Ada,Kent,\n"))
    more = a_file(folder, "id,name,region,email\n1,Adele,Essex,a@b.c\n", policy=policy)
    found = loaded(store, more, "two")
    assert (found.new, found.changed, found.unchanged) == count
    assert rows(store, "customers", "name", "region", "email") == [after]


def test_a_blank_never_empties_a_value(store: Store, folder: Path) -> None:
    loaded(store, a_file(folder, PEOPLE))
    assert loaded(store, a_file(folder, "id,region\n1,\n"), "two").unchanged == 1
    assert rows(store, "customers", "region")[0] == ("Kent",)


def test_customers_are_found_by_mail_where_the_person_says_so(store: Store, folder: Path) -> None:
    loaded(store, a_file(folder, PEOPLE))
    other = "code,email,region\nX9,ADA@example.com,Essex\nX8,new@example.com,Rome\n"
    file = a_file(folder, other, columns={"customer_id": "code"}, keys=["email"])
    found = loaded(store, file, "two")
    assert counted(found) == (1, 1, 0, 0, 0)
    assert rows(store, "customers", "customer_id", "region")[0] == ("1", "Essex")
    assert ("X8", "Rome") in rows(store, "customers", "customer_id", "region")


def test_customers_without_a_number_are_named_by_their_mail(store: Store, folder: Path) -> None:
    loaded(store, a_file(folder, "email,name\nZoe@Example.com,Zoe\n"))
    assert rows(store, "customers", "customer_id") == [("zoe@example.com",)]


def test_keys_that_point_at_different_records_are_a_conflict(store: Store, folder: Path) -> None:
    loaded(store, a_file(folder, PEOPLE))
    text = "id,name,email\n1,Ada,bo@example.com\n2,Bo,bo@example.com\n"
    file = a_file(folder, text, keys=["customer_id", "email"])
    kept = folder / "rejected.parquet"
    found = loaded(store, file, "two", rejected_to=kept)
    assert found.rejected == {"keys_disagree": 2}
    assert [row["line"] for row in pq.read_table(kept).to_pylist()] == [2, 3]
    assert rows(store, "customers", "email")[0] == ("ada@example.com",)


def test_two_new_records_that_share_a_key_are_a_conflict(store: Store, folder: Path) -> None:
    text = "id,email\n7,x@y.z\n8,x@y.z\n"
    found = loaded(store, a_file(folder, text, keys=["customer_id", "email"]))
    assert found.rejected == {"keys_disagree": 2}
    assert loaded(store, a_file(folder, text), "two").new == 2


def test_rows_of_one_record_that_agree_are_one(store: Store, folder: Path) -> None:
    found = loaded(store, a_file(folder, "id,name,region\n1,Ada,\n1,,Kent\n1,Ada,Kent\n"))
    assert counted(found) == (1, 0, 0, 0, 0)
    assert rows(store, "customers", "name", "region") == [("Ada", "Kent")]


def test_a_file_that_says_two_things_of_one_record_leaves_it_alone(
    store: Store, folder: Path
) -> None:
    loaded(store, a_file(folder, PEOPLE))
    kept = folder / "rejected.parquet"
    file = a_file(folder, "id,name\n1,Adele\n1,Adela\n2,Bob\n")
    found = loaded(store, file, "two", rejected_to=kept)
    assert counted(found) == (0, 1, 0, 2, 0)
    told = pq.read_table(kept).to_pylist()
    assert [(r["line"], r["reason"], r["part"]) for r in told] == [
        (2, "two_things", "name"),
        (3, "two_things", "name"),
    ]
    assert told[0]["raw"] == "1,Adele"
    assert rows(store, "customers", "name")[0] == ("Ada",)


def test_a_later_file_that_repeats_a_record_would_win_without_the_check(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: contradictions let through, one of two names is taken and nobody is told."""
    monkeypatch.setattr(records_sql, "contradictions", lambda spec: records_sql.NOTHING_LEFT_OUT)
    found = loaded(store, a_file(folder, "id,name\n1,Adele\n1,Adela\n"))
    assert counted(found) == (1, 0, 0, 0, 0)


def test_other_columns_are_kept_where_asked(store: Store, folder: Path) -> None:
    said = {"custom.Rank": "rank"}
    loaded(store, a_file(folder, "id,rank\n1,gold\n2,\n", columns=said))
    loaded(store, a_file(folder, "id,size\n1,L\n", columns={"custom.Size": "size"}), "two")
    assert rows(store, "customers", "custom") == [('{"Rank":"gold","Size":"L"}',), (None,)]


def test_money_is_whole_minor_units_of_its_currency(store: Store, folder: Path) -> None:
    text = 'month,channel,amount,currency\n2024-01,search,"1,200",JPY\n2024年2月,search,12.34,USD\n'
    found = loaded(store, a_file(folder, text, "costs", columns={"kind": "=acquisition"}))
    assert counted(found) == (2, 0, 0, 0, 0)
    assert sorted(rows(store, "costs", "amount", "currency", "from_on", "until_on")) == [
        (1200, "JPY", date(2024, 1, 1), date(2024, 1, 31)),
        (1234, "USD", date(2024, 2, 1), date(2024, 2, 29)),
    ]
    tables.check("costs", store.read("costs"))


def test_rows_without_a_number_are_named_by_what_they_say(store: Store, folder: Path) -> None:
    text = "customer_id,event,timestamp\n1,opened,2024-01-01T10:00:00Z\n" * 1
    text += "1,opened,2024-01-01T10:00:00Z\n2,opened,2024-01-01 10:00:00\n"
    file = a_file(folder, text, "events", timezone="Asia/Tokyo")
    assert counted(loaded(store, file)) == (3, 0, 0, 0, 0)
    assert counted(loaded(store, file, "two")) == (0, 0, 3, 0, 0)
    times = [at for (at,) in rows(store, "events", "happened_at")]
    assert sorted(times) == [datetime(2024, 1, 1, 1), *[datetime(2024, 1, 1, 10)] * 2]


def test_contracts_interactions_and_responses_are_read(store: Store, folder: Path) -> None:
    contracts = (
        "契約番号,顧客ID,プラン,契約開始日,自動更新,請求サイクル,月額,契約終了日\n"
        "C1,1,標準,R5.4.1,あり,月払い,9800円,9999-12-31\nC2,2,標準,2023/13/01,あり,月払い,9800円,\n"
    )
    found = loaded(store, a_file(folder, contracts, "contracts"))
    assert found.rejected == {"unreadable_date": 1}
    names = ("started_on", "auto_renew", "billing_months", "amount", "currency", "ended_on")
    assert rows(store, "contracts", *names) == [(date(2023, 4, 1), True, 1, 9800, "JPY", None)]
    touched = "対応番号,顧客ID,対応日時,対応チャネル,受発信\n7,1,2024/03/04 15:30,電話,受信\n"
    loaded(store, a_file(folder, touched, "interactions"))
    assert rows(store, "interactions", "channel", "direction") == [("phone", "in")]
    answers = "回答ID,顧客ID,回答日,NPS,コメント\n1,1,2024/05/06,9,良い\n2,1,2024/05/07,十,\n"
    found = loaded(store, a_file(folder, answers, "responses", columns={"kind": "=nps"}))
    assert found.rejected == {"unreadable_number": 1}
    assert rows(store, "responses", "kind", "score", "comment") == [("nps", 9.0, "良い")]
    for name in ("contracts", "interactions", "responses"):
        tables.check(name, store.read(name))


def test_a_column_that_is_needed_and_missing_is_named(store: Store, folder: Path) -> None:
    with pytest.raises(InputError, match="no column looks like kind, which responses need"):
        loaded(store, a_file(folder, "customer_id,date,score\n1,2024-01-01,3\n", "responses"))


def test_a_part_that_does_not_exist_is_named(store: Store, folder: Path) -> None:
    file = a_file(folder, PEOPLE, columns={"shoe": "name"})
    with pytest.raises(InputError, match="customers have no 'shoe'"):
        loaded(store, file)


def test_a_new_record_needs_what_every_record_needs(store: Store, folder: Path) -> None:
    text = "contract_id,customer_id,start,amount\n1,,2024-01-01,5\n2,b,2024-01-01,5\n"
    kept = folder / "rejected.parquet"
    found = loaded(store, a_file(folder, text, "contracts"), rejected_to=kept)
    assert (found.new, found.rejected) == (1, {"missing_value": 1})
    assert pq.read_table(kept)["part"].to_pylist() == ["customer_id"]


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        ("customer_id,order_date,amount,order_id", "transactions"),
        ("会員ID,氏名,メールアドレス,電話番号", "customers"),
        ("契約番号,顧客ID,契約開始日,月額", "contracts"),
        ("user_id,event_name,timestamp", "events"),
        ("month,channel,cost", "costs"),
    ],
)
def test_the_headers_tell_the_table(headers: str, table: str) -> None:
    assert job.likely_table(headers.split(",")) == table


@pytest.mark.parametrize("table", SPECS)
def test_every_part_is_a_column_of_its_table(table: str) -> None:
    columns = {column.name for column in tables.TABLES[table].columns}
    made_into_others = {"address", "trial_until", "billing_status"}
    assert set(SPECS[table].by_name) - made_into_others <= columns
    assert columns - set(SPECS[table].by_name) <= {"custom"}


def test_a_file_may_say_only_what_changes(store: Store, folder: Path) -> None:
    text = "contract_id,customer_id,start,amount\n1,a,2024-01-01,5\n"
    loaded(store, a_file(folder, text, "contracts"))
    ended = a_file(folder, "contract_id,cancelled_on\n1,2024-06-01\n2,2024-06-01\n", "contracts")
    assert counted(loaded(store, ended, "two")) == (0, 1, 0, 0, 1)
    assert rows(store, "contracts", "amount", "cancelled_on") == [(500, date(2024, 6, 1))]


def test_a_line_end_inside_a_value_stays(store: Store, folder: Path) -> None:
    text = 'customer_id,date,channel,text\n1,2024-01-01,phone,"a\nb"\n2,2024-01-01,fax,"open\n'
    found = loaded(store, a_file(folder, text, "interactions"))
    assert (found.new, found.rejected) == (1, {"malformed_line": 1})
    assert rows(store, "interactions", "text") == [("a\nb",)]


def test_what_is_no_object_and_no_currency_is_left_out(store: Store, folder: Path) -> None:
    text = "customer_id,event,timestamp,properties\n1,x,2024-01-01,oops\n1,y,2024-01-01,\n"
    assert loaded(store, a_file(folder, text, "events")).rejected == {"bad_json": 1}
    text = "channel,month,cost,currency\na,2024-01,5,QQQ\na,2024-02,5,EUR\n"
    assert loaded(store, a_file(folder, text, "costs")).rejected == {"unknown_currency": 1}


def test_a_moment_to_come_and_a_placeholder_are_left_out(store: Store, folder: Path) -> None:
    text = "customer_id,event,timestamp\n1,x,2099-01-01\n1,y,1899-12-31\n1,z,2024-01-01\n"
    found = loaded(store, a_file(folder, text, "events"))
    assert found.rejected == {"future_date": 1, "implausible_date": 1}
