"""A person or a program: by asking for the head, by name, by speed, by following every link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kizuna.web.act.messages.judging import Seen, judged

SENT = datetime(2026, 4, 1, 9, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"


def hit(
    seconds: float, kind: str = "click", number: int = 0, method: str = "GET", agent: str = BROWSER
) -> Seen:
    return Seen(kind, number, SENT + timedelta(seconds=seconds), method, agent)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (hit(600), ""),
        (hit(600, method="HEAD"), "head"),
        (hit(600, agent="Mozilla/5.0 (compatible; Barracuda Sentinel)"), "agent"),
        (hit(600, agent="python-requests/2.31"), "agent"),
        (hit(600, agent=""), "no_agent"),
        (hit(600, "open", agent="Mozilla/5.0"), "privacy"),
        (hit(3), "too_fast"),
        (hit(3, "open"), ""),
        (hit(1, "open"), "too_fast"),
    ],
)
def test_a_hit_is_judged(one: Seen, why: str) -> None:
    assert judged([one], sent_at=SENT, links=1) == [why]


def test_whoever_follows_every_link_at_once_is_a_program() -> None:
    gateway = [hit(60 + number, number=number) for number in range(3)]
    reader = hit(3600, number=1)
    assert judged([*gateway, reader], sent_at=SENT, links=3) == ["all_at_once"] * 3 + [""]


def test_two_links_may_be_followed_by_a_person() -> None:
    assert judged([hit(60), hit(62, number=1)], sent_at=SENT, links=2) == ["", ""]
