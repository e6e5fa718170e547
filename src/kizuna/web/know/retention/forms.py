"""What a person asks of the pages of retention, read from the address."""

from __future__ import annotations

import re
from datetime import date

from django.http import QueryDict

KEPT = ("lost", "shrunk", "kept", "grown")
ENDED = ("lost", "renewed", "replaced")
MEASURES = ("customers", "revenue")


class Asked:
    """Currency, month, outcome, measure and page number; what makes no sense is not asked."""

    def __init__(self, query: QueryDict) -> None:
        """Read the address."""
        self.currency = query.get("currency", "")
        self.month = _month(query.get("month", ""))
        outcome = query.get("outcome", "")
        self.outcome = outcome if outcome in {*KEPT, *ENDED} else ""
        measure = query.get("measure", "")
        self.measure = measure if measure in MEASURES else MEASURES[0]
        self.channel = query.get("channel", "*")
        page = query.get("page", "1")
        self.page = int(page) if re.fullmatch(r"[1-9]\d{0,3}", page, re.ASCII) else 1


def _month(text: str) -> date | None:
    found = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
    if found is None or not (1 <= int(found[2]) <= 12 and int(found[1])):
        return None
    return date(int(found[1]), int(found[2]), 1)
