"""Reads: the campaigns, and one with what speaks against it, how far it is, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kizuna.web.act.actions.doubts import Doubt, doubts
from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.sizing import size
from kizuna.web.act.campaigns.doubts import doubts as of_campaign
from kizuna.web.act.campaigns.doubts import obstacles
from kizuna.web.act.campaigns.models import Campaign, Phase, Step
from kizuna.web.act.messages import wording
from kizuna.web.act.messages.models import LINED_UP, State
from kizuna.web.act.messages.queries import counts
from kizuna.web.know.publications.queries import published
from kizuna.web.know.segments.queries import segments


@dataclass(frozen=True, slots=True)
class Number:
    """How many messages of a step are in a state, and why."""

    state: str
    label: str
    mood: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One campaign."""

    campaign: Campaign
    steps: Sequence[Step]
    doubts: Sequence[Doubt]
    looked: list[tuple[str, int]]
    missing: list[tuple[str, int]]
    numbers: list[tuple[int, list[Number]]]
    results: str

    @property
    def share(self) -> float:
        """How much of the audience is placed."""
        return self.campaign.placed / self.campaign.audience if self.campaign.audience else 0.0

    @property
    def treated(self) -> int:
        """How many are written to."""
        return self.campaign.placed - self.campaign.left_alone


def campaigns() -> QuerySet[Campaign]:
    """List the campaigns, the latest first."""
    return Campaign.objects.select_related("action", "segment").order_by("-pk")


def campaign(pk: int) -> Campaign | None:
    """Give a campaign."""
    return campaigns().filter(pk=pk).first()


def shown(found: Campaign) -> Shown:
    """Tell everything of a campaign."""
    state, looked = published(), found.looked
    known = looked.get("audience") if found.looked_at else None
    audience = known if found.phase == Phase.WRITTEN else found.audience
    currency = state.currency if state else "XXX"
    steps = list(found.steps.select_related("template").order_by("number", "arm"))
    numbers = [(n, _numbers(found.action, n)) for n in sorted({s.number for s in steps})]
    waits = any(one.state in LINED_UP for _number, some in numbers for one in some)
    against: list[Doubt] = list(obstacles(steps)) if waits else []
    if found.phase == Phase.WRITTEN:
        sized = size(found.action, state, audience)
        against = [*of_campaign(found, steps), *doubts(found.action, audience, sized, currency)]
    return Shown(
        found,
        steps,
        against,
        [(_reason(code), n) for code, n in _ordered(looked.get("counts"))],
        _ordered(looked.get("missing")),
        numbers,
        _results(found.action),
    )


def _ordered(found: dict[str, int] | None) -> list[tuple[str, int]]:
    return sorted((found or {}).items(), key=lambda pair: (-pair[1], pair[0]))


def _reason(code: str) -> str:
    return _("would be written to") if code == "reached" else wording.reason(code)


def _numbers(action: Action, number: int) -> list[Number]:
    return [
        Number(state, str(State(state).label), wording.MOODS[State(state)],
               wording.reason(reason) if reason else "", n)
        for state, reason, n in counts(action, str(number))
    ]  # fmt: skip


def _results(action: Action) -> str:
    try:
        return reverse("results:one", args=[action.experiment_id])
    except NoReverseMatch:
        return ""


def audience_of(action: Action) -> int | None:
    """Say how many a campaign's action reaches; None for other actions."""
    found = Campaign.objects.filter(action=action).first()
    if found is None:
        return None
    told: Any = found.audience if found.audience is not None else found.looked.get("audience")
    return int(told) if told is not None else None


def page_of(action: Action) -> str | None:
    """Give the page of a campaign's action; None for other actions."""
    found = Campaign.objects.filter(action=action).values_list("pk", flat=True).first()
    return reverse("campaigns:one", args=[found]) if found else None


def choices() -> QuerySet[Any]:
    """Give the segments that a campaign may be for."""
    return segments()
