"""Who opened a message or followed a link: a person, or a program that looks into mails. Pure.

Raw hits are kept as they came. A program is known by asking for the head only, by what it says it
is, by being faster than anybody reads, or by following every link at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FASTEST_OPEN = timedelta(seconds=2)
FASTEST_CLICK = timedelta(seconds=8)
"""Sooner after sending than this, nobody has read it."""
AT_ONCE = timedelta(seconds=10)
MANY_LINKS = 3
AGENTS = re.compile(
    r"bot\b|crawl|spider|scan|preview|proofpoint|mimecast|barracuda|forcepoint|fireeye|trend ?micro"
    r"|symantec|messagelabs|sophos|cloudmark|safe ?links|microsoft office|ms-office"
    r"|curl/|wget/|python-|java/|okhttp|go-http|libwww|headless|phantomjs|slurp|facebookexternal"
    r"|google-safety|virustotal|urlscan|yahoo pipes|feedfetcher|monitor",
    re.IGNORECASE,
)
PRIVACY = "Mozilla/5.0"
"""What Apple's servers say when they fetch every picture beforehand; browsers say more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A hit, as far as it matters: `links` is how many the message has."""

    kind: str
    number: int
    at: datetime
    method: str
    agent: str


def judged(hits: Sequence[Seen], *, sent_at: datetime, links: int) -> list[str]:
    """Say of each hit by what it is known as a program's; empty: a person, as far as is known."""
    bursts = _bursts(hits, links)
    return [
        _why(hit, sent_at) or ("all_at_once" if at in bursts else "") for at, hit in enumerate(hits)
    ]


def _why(hit: Seen, sent_at: datetime) -> str:
    if hit.method == "HEAD":
        return "head"
    if not hit.agent:
        return "no_agent"
    if hit.agent.strip() == PRIVACY:
        return "privacy"
    if AGENTS.search(hit.agent):
        return "agent"
    fastest = FASTEST_OPEN if hit.kind == "open" else FASTEST_CLICK
    return "too_fast" if hit.at - sent_at < fastest else ""


def _bursts(hits: Sequence[Seen], links: int) -> set[int]:
    """Find the clicks of a program that follows every link at once."""
    if links < MANY_LINKS:
        return set()
    clicks = sorted((h.at, place) for place, h in enumerate(hits) if h.kind == "click")
    found: set[int] = set()
    for at, _place in clicks:
        near = [place for other, place in clicks if at <= other <= at + AT_ONCE]
        if len({hits[place].number for place in near}) >= links:
            found.update(near)
    return found
