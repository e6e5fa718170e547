"""Whether somebody may be written to: what stands, what lifts it, and a judge who gets it wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.capture.consents import deciding
from kizuna.web.capture.consents.deciding import Decision, Question, decide
from kizuna.web.capture.consents.models import Basis, Consent, Kind, Purpose

DAY = datetime(2026, 4, 1, tzinfo=UTC)
NEWS = Purpose(pk=1, code="news", kind=Kind.PROMOTIONAL, name_en="News")
SERVICE = Purpose(pk=2, code="service", kind=Kind.RELATIONSHIP, name_en="Service")
ORDERS = Purpose(pk=3, code="orders", kind=Kind.TRANSACTIONAL, name_en="Orders")


def word(
    status: str, day: int = 1, *, purpose: Purpose | None = NEWS, channel: str = "email",
    topic: int | None = None, basis: str = Basis.CONSENT,
) -> Consent:  # fmt: skip
    return Consent(
        pk=day, customer_id="c", status=status, purpose=purpose, channel=channel, topic_id=topic,
        basis=basis, decided_at=DAY + timedelta(days=day),
    )  # fmt: skip


def may(
    *words: Consent, purpose: Purpose = NEWS, topic: int | None = None, day: int = 30
) -> Decision:
    return decide(Question(purpose, "email", topic, DAY + timedelta(days=day)), words)


def test_nobody_is_sent_offers_before_saying_yes() -> None:
    assert may().code == "never_asked"
    assert may(word("granted")).code == "granted"


def test_what_was_ordered_is_sent_whatever_was_said() -> None:
    assert may(word("withdrawn", purpose=None, channel=""), purpose=ORDERS).allowed


def test_a_relationship_needs_no_yes_but_heeds_a_no() -> None:
    assert may(purpose=SERVICE).code == "not_refused"
    assert may(word("denied", purpose=SERVICE), purpose=SERVICE).code == "denied"


def test_a_no_to_everything_covers_every_purpose_and_channel() -> None:
    no = word("withdrawn", 2, purpose=None, channel="")
    assert not may(word("granted"), no).allowed
    assert not may(no, purpose=SERVICE).allowed
    assert may(no, word("granted", 3)).allowed


def test_a_no_overrides_every_exception_also_one_that_is_noted_later() -> None:
    card = word("granted", 5, basis=Basis.CARD)
    assert may(card).code == "exception"
    assert may(word("denied", 1), card).code == "denied"


def test_a_no_to_a_topic_is_not_lifted_by_a_yes_to_the_whole() -> None:
    no, whole = word("withdrawn", 1, topic=7), word("granted", 2)
    assert not may(no, whole, topic=7).allowed
    assert may(no, whole, topic=8).allowed
    assert may(no, whole).allowed
    assert may(no, whole, word("granted", 3, topic=7), topic=7).allowed


def test_a_yes_to_a_topic_is_none_to_the_whole() -> None:
    assert not may(word("granted", topic=7)).allowed


def test_another_channel_was_not_asked_about() -> None:
    assert not may(word("granted", channel="sms")).allowed


def test_what_is_said_later_does_not_count_yet() -> None:
    words = (word("granted", 1), word("withdrawn", 9))
    assert may(*words, day=8).allowed
    assert not may(*words, day=9).allowed


def test_of_a_yes_and_a_no_at_the_same_moment_the_no_counts() -> None:
    assert not may(word("granted", 1), word("denied", 1)).allowed


STATUSES = st.sampled_from(["granted", "denied", "withdrawn"])
TOPICS = st.sampled_from([None, 7, 8])
WORDS = st.lists(
    st.builds(lambda s, d, t: word(s, d, topic=t), STATUSES, st.integers(1, 6), TOPICS)
)


def promised(words: list[Consent], topic: int | None) -> None:
    """Say what holds for all that anybody may have said."""
    found = may(*words, topic=topic)
    if found.allowed:
        said = [w for w in words if w.topic_id in (None, topic)]
        assert any(w.status == "granted" for w in said), "never without a yes"
        newest = max(w.decided_at for w in said)
        noes = [w for w in said if w.status != "granted" and w.decided_at == newest]
        assert not noes, "never against the last word"
    last_no = word("withdrawn", 20, purpose=None, channel="")
    assert not may(*words, last_no, topic=topic).allowed, "a no to everything ends everything"
    assert may(*reversed(words), topic=topic).allowed == found.allowed, "order is nothing"


@given(WORDS, TOPICS)
def test_no_history_lets_anybody_be_written_to_against_their_word(
    words: list[Consent], topic: int | None
) -> None:
    promised(words, topic)


def test_a_judge_who_takes_any_yes_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "_is_lifted", lambda _no, yeses: bool(yeses))
    with pytest.raises(AssertionError):
        promised([word("granted", 1), word("withdrawn", 2)], None)
