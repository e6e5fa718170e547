"""Whom the waves of a survey are for: a segment, or all customers, in the order of their keys."""

from __future__ import annotations

from kizuna.web.act.surveys.models import Survey
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.segments import queries as segments


def after(survey: Survey, customer_id: str, many: int) -> list[str]:
    """Give the customers that follow one; none: everyone was gone through."""
    if survey.segment is not None:
        members = sorted(one for one in segments.member_ids(survey.segment) if one > customer_id)
        return members[:many]
    found = CustomerFact.objects.filter(customer_id__gt=customer_id).order_by("customer_id")
    return list(found.values_list("customer_id", flat=True)[:many])


def size(survey: Survey) -> int:
    """Count them."""
    if survey.segment is not None:
        return len(segments.member_ids(survey.segment))
    return CustomerFact.objects.count()


def name_of(survey: Survey) -> str:
    """Name the segment; empty: all customers, or a segment that is there no more."""
    found = segments.segment(survey.segment) if survey.segment is not None else None
    return found.name if found else ""
