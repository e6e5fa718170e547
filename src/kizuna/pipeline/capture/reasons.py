"""Why a row is left out. The code is stored and counted; the text is for people."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "malformed_line": "the line cannot be parted into the columns of the header",
    "bad_encoding": "the customer holds bytes that are no text",
    "missing_customer": "no customer is given",
    "missing_date": "no date is given",
    "unreadable_date": "the date cannot be read",
    "implausible_date": "the date is before 1970-01-02: a placeholder, or a year of two digits",
    "future_date": "the date lies in the future",
    "after_as_of": "the date is after the last day observed (--as-of)",
    "missing_amount": "no amount is given",
    "unreadable_amount": "the amount cannot be read",
    "other_currency": "the amount is in another currency",
    "empty_return": "a return of nothing: quantity below zero at a price of zero",
    "duplicate_order": "the same order stands in an earlier file",
    "return_without_purchase": "a return of something bought before the log begins",
}
CODES = tuple(REASONS)


def number(code: str) -> int:
    """Number of a reason, as staged."""
    return CODES.index(code)
