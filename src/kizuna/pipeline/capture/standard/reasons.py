"""Why a row of a standard table is left out: the code is counted, the text is for people."""

from __future__ import annotations

from typing import Literal

REASONS: dict[str, str] = {
    "malformed_line": "the line cannot be parted into the columns of the header",
    "bad_encoding": "the row holds bytes that are no text",
    "missing_key": "nothing names the record: none of the columns to match by is filled",
    "missing_value": "a value that every record needs is empty",
    "unreadable_date": "the date cannot be read",
    "implausible_date": "the date is before 1900: a placeholder, or a year of two digits",
    "future_date": "the moment lies in the future",
    "unreadable_number": "the number cannot be read",
    "unknown_word": "the word is none of those that this column may hold",
    "unknown_currency": "the currency is no ISO 4217 code",
    "bad_json": "the text is no JSON object",
    "not_begun": "the contract has not begun: it is, or ended, in its trial, or was never paid for",
    "two_things": "the file says two things of one record",
    "keys_disagree": "the columns to match by point at different records",
}
CONFLICTS = frozenset({"two_things", "keys_disagree"})
"""What a person has to decide; the others are errors of the file."""

type Policy = Literal["overwrite", "fill_blanks", "skip"]
"""What becomes of a record that is there: the file's values win, or only fill, or nothing."""
