"""What the reader of files has to say, in the words of a page: no options of a command line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

LABELS = {
    "customer": _("Customer"),
    "date": _("Order date"),
    "amount": _("Amount"),
    "order": _("Order number"),
    "quantity": _("Quantity"),
    "price": _("Unit price"),
    "currency": _("Currency column"),
}
FIRST = {"day": _("the day"), "month": _("the month")}

NOTES = {
    "other_columns": _("%(part)s is taken from the column %(column)s; %(others)s would fit too."),
    "status_ignored": _(
        "No row is left out because of %(column)s: take cancelled orders out of the file first."
    ),
    "encoding": _("The file is read as %(encoding)s."),
    "date_order_assumed": _(
        "Whether day or month comes first in %(column)s cannot be told; "
        "%(order)s is assumed to come first."
    ),
    "date_order_mixed": _(
        "In %(column)s %(rows)s dates have %(order)s first and %(against)s cannot; "
        "those are left out."
    ),
    "decimal_assumed": _("%(sign)s is taken for the decimal sign, which no row proves."),
    "decimal_mixed": _(
        "%(sign)s is the decimal sign in %(rows)s rows, but cannot be in %(against)s; "
        "those are left out."
    ),
    "currency_from_signs": _("The currency is taken to be %(currency)s, from the signs."),
    "currency_from_header": _(
        "The currency is taken to be %(currency)s, from the heading %(column)s."
    ),
    "no_currency": _("No currency is known: amounts are shown without a sign, with two decimals."),
}

REASONS = {
    "malformed_line": _("the line cannot be parted into the columns of the header"),
    "bad_encoding": _("the row holds bytes that are no text"),
    "missing_customer": _("no customer is given"),
    "missing_date": _("no date is given"),
    "unreadable_date": _("the date cannot be read"),
    "implausible_date": _("the date is too long ago: a placeholder, or a year of two digits"),
    "future_date": _("the date lies in the future"),
    "after_as_of": _("the date is after the last day observed"),
    "missing_amount": _("no amount is given"),
    "unreadable_amount": _("the amount cannot be read"),
    "other_currency": _("the amount is in another currency"),
    "empty_return": _("a return of nothing: quantity below zero at a price of zero"),
    "duplicate_order": _("the same order stands in an earlier file"),
    "missing_key": _("none of the columns by which records are found is filled in"),
    "missing_value": _("a value that every record needs is empty"),
    "unreadable_number": _("the number cannot be read"),
    "unknown_word": _("the word is none of those that this column may hold"),
    "unknown_currency": _("the currency is no code such as JPY"),
    "bad_json": _("the text is no JSON object"),
    "not_begun": _(
        "the contract has not begun: it is, or ended, in its trial, or was never paid for"
    ),
    "two_things": _("conflict: the file says two things of one record"),
    "keys_disagree": _("conflict: the columns to find records by point at different records"),
    "return_without_purchase": _("a return of something bought before the log begins"),
    "erased": _("of somebody who was erased: nothing of it is kept"),
}
"""Why a row is left out."""


def note(code: str, values: dict[str, Any]) -> str:
    """Say one thing to know about how a file was read."""
    said = {name: f"{v:,}" if isinstance(v, int) else str(v) for name, v in values.items()}
    if "part" in said:
        said["part"] = str(LABELS[said["part"]])
    if "order" in said:
        said["order"] = str(FIRST.get(said["order"], said["order"]))
    return str(NOTES[code]) % said
