"""What touched the customers: files that a company would have, and a truth that fits them."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kizuna.demo import DemoCompany, simulate_company
from kizuna.experiments.assignment import Design

AS_OF = date(2026, 3, 31)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    return simulate_company(tmp_path_factory.mktemp("demo"), as_of=AS_OF, customers=3000)


@pytest.fixture(scope="module")
def truth(company: DemoCompany) -> dict[str, Any]:
    return dict(json.loads(company.truth.read_text("utf-8")))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def day(text: str) -> date:
    return datetime.strptime(text, "%Y/%m/%d").date()


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    first, second = (
        simulate_company(tmp_path / name, as_of=AS_OF, customers=300) for name in ("a", "b")
    )
    for name in first.touched.__slots__:
        one, other = getattr(first.touched, name), getattr(second.touched, name)
        assert one.read_bytes() == other.read_bytes()
    assert first.truth.read_bytes() == second.truth.read_bytes()


def test_the_bridge_adds_up_and_ends_at_what_running_contracts_bring(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    told = truth["subscriptions"]
    opening = 0
    for row in told["bridge"]:
        moved = sum(row[k] for k in ("new", "expansion", "contraction", "churn", "reactivation"))
        assert row["opening"] == opening
        assert row["closing"] == opening + moved
        opening = row["closing"]
    assert opening == told["mrr"] == sum(running_at_the_end(company).values())


def running_at_the_end(company: DemoCompany) -> dict[str, int]:
    """Give what each running contract brings a month, as the files say."""
    paid = {}
    for row in rows(company.touched.contracts):
        if not row["契約終了日"] or day(row["契約終了日"]) >= AS_OF:
            paid[row["契約番号"]] = (int(row["契約金額"]), int(row["請求月数"]))
    for row in sorted(rows(company.touched.changes), key=lambda row: row["変更日"]):
        if row["契約番号"] in paid:
            paid[row["契約番号"]] = (int(row["変更後金額"]), paid[row["契約番号"]][1])
    return {number: round(amount / months) for number, (amount, months) in paid.items()}


def test_every_kind_of_movement_and_a_yearly_bill_that_twelve_does_not_divide_are_there(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    for kind in ("new", "expansion", "contraction", "churn", "reactivation"):
        assert any(row[kind] for row in truth["subscriptions"]["bridge"])
    yearly = [row for row in rows(company.touched.contracts) if row["請求月数"] == "12"]
    assert any(int(row["契約金額"]) % 12 for row in yearly)


def test_nothing_of_a_contract_lies_after_the_last_day_or_out_of_order(
    company: DemoCompany,
) -> None:
    known = {row["顧客番号"]: day(row["獲得日"]) for row in rows(company.customer_list)}
    for row in rows(company.touched.contracts):
        assert known[row["顧客番号"]] <= day(row["契約開始日"]) <= AS_OF
        if row["契約終了日"]:
            noticed_on = day(row["解約申込日"])
            assert day(row["契約開始日"]) <= noticed_on <= day(row["契約終了日"])
            assert noticed_on <= AS_OF
            assert row["解約理由"]


def test_events_lie_within_the_last_two_years_and_are_named_once(company: DemoCompany) -> None:
    sent = lines(company.touched.events)
    assert len({message["messageId"] for message in sent}) == len(sent)
    end = datetime.combine(AS_OF + timedelta(days=1), datetime.min.time(), ZoneInfo("Asia/Tokyo"))
    for message in sent:
        visit = "anonymousId" in message
        back = timedelta(days=93 if visit else 25 * 31)
        assert end - back < datetime.fromisoformat(message["timestamp"]) < end


def test_a_device_is_its_customers_from_the_identify_on_and_not_before(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    known: dict[str, str] = {}
    devices = set()
    for message in lines(company.touched.events):
        device = message.get("anonymousId")
        if message["type"] == "identify":
            known[device] = message["userId"]
        if device:
            devices.add(device)
            assert message.get("userId") == known.get(device)
    assert known == truth["events"]["devices"]
    assert len(devices - set(known)) >= truth["events"]["unknown_visitors"] > 100


def test_an_order_told_by_an_event_is_one_of_the_log_to_the_yen(company: DemoCompany) -> None:
    log = {row["注文番号"]: (row["顧客番号"], row["金額"]) for row in rows(company.orders)}
    told = [m for m in lines(company.touched.events) if m.get("event") == "Order Completed"]
    assert len(told) > 100
    for message in told:
        said = message["properties"]
        assert log[said["order_id"]] == (message["userId"], str(said["revenue"]))
    assert len({message["properties"]["order_id"] for message in told}) == len(told)


def test_seats_in_use_are_the_people_seen_in_the_last_days(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    seen = defaultdict(set)
    end = datetime.combine(AS_OF + timedelta(days=1), datetime.min.time(), ZoneInfo("Asia/Tokyo"))
    running = {
        row["顧客番号"]
        for row in rows(company.touched.contracts)
        if row["席数"] and (not row["契約終了日"] or day(row["契約終了日"]) >= AS_OF)
    }
    for message in lines(company.touched.events):
        late = datetime.fromisoformat(message["timestamp"]) > end - timedelta(days=28)
        if message.get("event") == "Flowers Chosen" and late and message["userId"] in running:
            seen[message["userId"]].add(message["properties"]["user_id"])
    assert {who: len(people) for who, people in seen.items()} == truth["events"]["seats_used"]


def test_cases_of_high_effort_have_many_contacts_waits_and_transfers_and_others_seldom(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    cases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lines(company.touched.interactions):
        cases[row["case_id"]].append(row)
    hard = truth["interactions"]["high_effort"]
    assert len(hard) > 50
    plain = [found for case, found in cases.items() if case not in hard]
    for case in hard:
        if max(row["happened_at"] for row in cases[case]) < f"{AS_OF - timedelta(days=4)}":
            assert len(cases[case]) >= 6
        assert sum(row["transfers"] for row in cases[case])
        assert {row["customer_id"] for row in cases[case]} == {hard[case]}
    assert 0.02 < sum(len(found) > 2 for found in plain) / len(plain) < 0.1
    assert 0.02 < sum(any(row["transfers"] for row in found) for found in plain) / len(plain) < 0.1
    assert truth["interactions"]["contacts"] == sum(map(len, cases.values()))


def test_the_service_speaks_within_its_hours(company: DemoCompany) -> None:
    for row in lines(company.touched.interactions):
        assert 9 <= datetime.fromisoformat(row["happened_at"]).hour < 19


def test_answers_are_on_their_scales_and_give_the_score_of_the_truth(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    found = rows(company.touched.responses)
    for row in found:
        assert int(row["尺度最小"]) <= int(row["点数"]) <= int(row["尺度最大"])
    waves = json.loads(company.touched.survey.read_text("utf-8"))["waves"]
    told = [score for wave in waves for _who, _at, score, _comment in wave["answers"]]
    nps = [*told, *(int(row["点数"]) for row in found if row["指標"] == "nps")]
    score = 100 * (sum(s >= 9 for s in nps) - sum(s <= 6 for s in nps)) / len(nps)
    assert truth["responses"]["nps"] == pytest.approx(score)
    counts = Counter(row["指標"] for row in found) + Counter({"nps": len(told)})
    assert truth["responses"]["answers"] == dict(counts)


def test_waves_of_the_survey_ask_whom_chance_and_the_customer_let_them(
    company: DemoCompany, truth: dict[str, Any]
) -> None:
    said = json.loads(company.touched.survey.read_text("utf-8"))
    design = Design(said["experiment_id"], said["salt"], said["holdout"])
    for wave, counted in zip(said["waves"], truth["survey"], strict=True):
        asked = dict(wave["asked"])
        assert all(
            (design.place(w).arm == "control") == (y == "held_out") for w, y in asked.items()
        )
        answered = {who for who, *_ in wave["answers"]}
        assert answered <= {who for who, why in asked.items() if not why}
        assert counted["asked"] > 5 * counted["answered"] > 20
        assert min(at for _who, at, *_ in wave["answers"]) > wave["opened_at"]
