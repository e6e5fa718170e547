"""What some customers have said, read once for many questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from kizuna.jobs.tombstones import Tombstones
from kizuna.web.capture.consents.deciding import Decision, Question, decide
from kizuna.web.capture.consents.models import Consent, Purpose, Topic


class Answers:
    """All that was said under some keys; `whose` names the customer of each."""

    def __init__(self, whose: Mapping[str, str]) -> None:
        self.whose = whose

    def may(
        self,
        customer_id: str,
        *,
        channel: str,
        purpose: str,
        topic: str = "",
        at: datetime | None = None,
    ) -> Decision:
        """Say whether a customer may be written to, and why."""
        found = self._purposes.get(purpose)
        if found is None:
            return Decision(False, "unknown_purpose")
        if channel not in found.channels:
            return Decision(False, "unknown_channel")
        about = self._topics.get((found.pk, topic)) if topic else None
        if topic and about is None:
            return Decision(False, "unknown_topic")
        if customer_id in self._erased:
            return Decision(False, "erased")
        asked = Question(found, channel, about, at or timezone.now())
        return decide(asked, self.words(customer_id))

    def words(self, customer_id: str) -> Sequence[Consent]:
        """Give all that a customer has said, under whichever key, the latest first."""
        return self._words.get(self.whose[customer_id], ())

    @cached_property
    def _purposes(self) -> dict[str, Purpose]:
        return {one.code: one for one in Purpose.objects.filter(retired_at=None)}

    @cached_property
    def _topics(self) -> dict[tuple[int, str], int]:
        rows = Topic.objects.filter(retired_at=None).values_list("purpose_id", "code", "pk")
        return {(purpose, code): pk for purpose, code, pk in rows}

    @cached_property
    def _erased(self) -> set[str]:
        return Tombstones(Path(settings.KIZUNA_HOME)).among(self.whose)

    @cached_property
    def _words(self) -> dict[str, list[Consent]]:
        found: dict[str, list[Consent]] = {}
        said = Consent.objects.filter(customer_id__in=list(self.whose)).defer("proof")
        for word in said.order_by("-decided_at", "-pk"):
            found.setdefault(self.whose[word.customer_id], []).append(word)
        return found
