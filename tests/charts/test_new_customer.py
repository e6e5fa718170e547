"""The curve of a new customer: now, under a scenario, and what it cost to win one."""

from __future__ import annotations

from kizuna.charts.new_customer import new_customer

NOW = [10.0, 15.0, 18.0]
THEN = ([12.0, 18.0, 22.0], [11.0, 16.0, 19.0], [13.0, 20.0, 26.0])


def names(costs: tuple[float, float] | None) -> list[str]:
    return [trace["name"] for trace in new_customer(NOW, THEN, costs)["data"]]


def test_now_and_then_are_drawn_with_the_range() -> None:
    band, now, then = new_customer(NOW, THEN)["data"]
    assert band["y"] == [13.0, 20.0, 26.0, 19.0, 16.0, 11.0]
    assert (now["y"], then["y"]) == (NOW, THEN[0])


def test_a_cost_is_one_line_and_two_where_it_changes() -> None:
    assert names(None) == ["90% range", "Now", "With the change"]
    assert names((15.0, 15.0))[3:] == ["Cost of winning a customer"]
    assert len(names((15.0, 12.0))) == 5


def test_a_cost_above_all_margins_is_in_the_picture() -> None:
    low, high = new_customer(NOW, THEN, (40.0, 40.0))["layout"]["yaxis"]["range"]
    assert low == 0
    assert high > 40
