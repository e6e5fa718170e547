"""What is wrong with a file, in the words of a page and in the reader's language.

The reader of files says it in one English sentence with names and values in it; here each sentence
stands beside that of the page, which names no option of a command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kizuna.pipeline.capture import reasons
from kizuna.pipeline.capture.standard import reasons as standard
from kizuna.web.capture.imports.parts import WORDS
from kizuna.web.capture.imports.wording import LABELS, REASONS

PROBLEMS = {
    "{file}: there is no such file": _("%(file)s: there is no such file."),
    "{file}: there is no such file in the folder of files to import": _(
        "%(file)s: there is no such file in the import folder."
    ),
    "no folder is set that files may be taken from": _(
        "No import folder is set up; ask whoever runs the server, or upload the file."
    ),
    "{file} is a directory: name the files in it, e.g. '{example}'": _(
        "%(file)s is a folder; choose a file in it."
    ),
    "{file} is empty: give a file with a header line and orders below it": _(
        "%(file)s is empty; it needs a line of headings and rows below it."
    ),
    "{file} is {kind}: give orders as CSV, JSON Lines, Parquet or Excel (.xlsx)": _(
        "%(file)s is %(kind)s; save it as CSV, JSON Lines, Parquet or Excel (.xlsx)."
    ),
    "{file} cannot be read: {detail}": _(
        "%(file)s cannot be read; it may be cut off or damaged. Save or send it again (%(detail)s)."
    ),
    "{file} is Excel, and reading Excel needs the extra: pip install 'kizuna[excel]', "
    "or save it as CSV": _(
        "%(file)s is an Excel workbook, which this server cannot read yet: save it as CSV, or ask "
        "whoever runs the server to install kizuna[excel]."
    ),
    "{file} is no readable Excel workbook (.xlsx)": _(
        "%(file)s is no Excel workbook that can be read; save it again as .xlsx, without a "
        "password, or as CSV."
    ),
    "{file} has no sheet {sheet}; its sheets are {listed}": _(
        "%(file)s has no sheet %(sheet)s; its sheets are %(listed)s."
    ),
    "{file}: the first sheet is empty; put header and orders there": _(
        "%(file)s: the sheet is empty; it needs a line of headings and rows below it."
    ),
    "{file}: the sheet {sheet} is empty; choose another": _(
        "%(file)s: the sheet %(sheet)s is empty; choose another."
    ),
    "{file} is one JSON array: give one object a line (JSON Lines), e.g. with jq -c '.[]'": _(
        "%(file)s is one JSON array: give one object a line (JSON Lines)."
    ),
    "{file}: no line is a JSON object; give one object a line": _(
        "%(file)s: no line is a JSON object; give one object a line."
    ),
    "{file} is no readable Parquet file: {detail}": _(
        "%(file)s is no Parquet file that can be read; it may be cut off. Save or send it again "
        "(%(detail)s)."
    ),
    "{file}: its lines cannot be parted into {width} columns; "
    "look for quotation marks that are never closed": _(
        "%(file)s: its lines cannot be parted into %(width)s columns; look for quotation marks "
        "that are never closed."
    ),
    "{file}: {problem}; all files need the same columns": _(
        "%(file)s: its columns do not fit. %(problem)s"
    ),
    "{file}: there is no row below the header": _(
        "%(file)s: there is no row below the line of headings."
    ),
    "there is no column {column} for --{part}; the columns are {listed}": _(
        "There is no column %(column)s for: %(part)s. The columns are %(listed)s."
    ),
    "no column looks like the {part}: name it with --{option}; the columns are {listed}": _(
        "No column was recognised as: %(part)s. Choose one of: %(listed)s."
    ),
    "no column looks like {part}, which {table} need: name its column, or give one value for all "
    "rows as {option}==value; the columns are {listed}": _(
        "No column was recognised as: %(part)s. Choose one of: %(listed)s."
    ),
    "{table} have no {part}; they have {listed}": _(
        "%(part)s is not known here; known are: %(listed)s."
    ),
    "no file of orders given: name at least one, e.g. orders.csv": _("Choose a file."),
    "there is no time zone {zone}: give an IANA name to --timezone, e.g. Asia/Tokyo": _(
        "There is no time zone %(zone)s; write it like Asia/Tokyo."
    ),
    "{currency} is not a currency: give an ISO 4217 code to --currency, e.g. JPY": _(
        "%(currency)s is not a currency; give a code such as JPY."
    ),
    "amounts are in several currencies: {listed}; choose with --currency": _(
        "The amounts are in several currencies: %(listed)s. Choose one as the currency of the "
        "amounts; rows in others are left out."
    ),
    "no amount is in {currency}; the currency column holds {listed}": _(
        "No amount is in %(currency)s; the currency column holds %(listed)s."
    ),
    "the orders so far are in {there}: {currency} cannot join them": _(
        "The orders so far are in %(there)s: orders in %(currency)s cannot join them."
    ),
    "the orders so far are of no known currency, these are in {currency}: undo the former imports "
    "and bring them in again with their currency": _(
        "The currency of the orders so far is not known, and these are in %(currency)s: undo the "
        "former imports, and bring them in again with their currency."
    ),
    "{file}: all {rows} orders are of one customer, {customer}; values need at least two: "
    "is --customer the right column?": _(
        "%(file)s: all %(rows)s orders are of one customer, %(customer)s. Is the right column "
        "chosen for the customer?"
    ),
    "{file}: the amounts add up to {total}, which is not above zero; is --amount {column} the "
    "right column?": _(
        "%(file)s: the amounts add up to %(total)s, which is not above zero. Is %(column)s the "
        "right column for the amount?"
    ),
    "all dates lie in the future: the first is {first}, and today is {today}": _(
        "All dates lie in the future: the first is %(first)s, and today is %(today)s."
    ),
    "all orders are after --as-of {last}: the first is of {first}": _(
        "All orders are after %(last)s: the first is of %(first)s."
    ),
    "no row can be used: {reasons}; column {column} holds e.g. {seen}: is --{part} the right "
    "column?": _(
        "No row can be used: %(reasons)s. The column %(column)s, chosen for %(part)s, holds for "
        "example %(seen)s. Is it the right one?"
    ),
    "no row can be used: {reasons}": _("No row can be used: %(reasons)s."),
    "later imports repeat or change these orders: undo {listed} first": _(
        "Later imports repeat or change these rows: undo %(listed)s first."
    ),
    "later imports repeat or change these records: undo {listed} first": _(
        "Later imports repeat or change these rows: undo %(listed)s first."
    ),
    "there is no table {table} to import; there are {listed}": _(
        "There is no table %(table)s; there are %(listed)s."
    ),
    "{table} cannot be matched by {part}: {listed}": _("Records cannot be found by: %(part)s."),
    "no column is {part}, by which records are to be matched": _(
        "Records are to be found by %(part)s, and no column is chosen for it."
    ),
    "another import is running; try again when it has finished": _(
        "Another import is running; try again when it has finished."
    ),
}
KINDS = {
    "a PDF": _("a PDF"),
    "a picture": _("a picture"),
    "a ZIP archive": _("a ZIP archive"),
    "an old Excel file (.xls)": _("an old Excel file (.xls)"),
    "a database": _("a database"),
    "compressed with zstd": _("compressed with zstd"),
    "compressed with bzip2": _("compressed with bzip2"),
    "not text": _("not text"),
}
QUOTED = re.compile("(['\"]).+\\1", re.DOTALL)
COUNTED = re.compile(r"([\d,]+) (.+)")


def problem(sentence: str) -> str:
    """Say what is wrong with a file."""
    for pattern, said in _patterns():
        if found := pattern.fullmatch(sentence):
            values = {name: _value(name, text) for name, text in found.groupdict().items()}
            return gettext(said) % values
    return gettext(sentence)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give the sentences as patterns, those with most words of their own first."""
    ranked = sorted(PROBLEMS.items(), key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[0])))
    return tuple((re.compile(_pattern(plain), re.DOTALL), said) for plain, said in ranked)


def _pattern(plain: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(plain))


def _value(name: str, text: str) -> str:
    value: Callable[[str], str] | None = VALUES.get(name)
    if value:
        return value(text)
    return gettext("'%(text)s'") % {"text": text[1:-1]} if QUOTED.fullmatch(text) else text


def _kind(text: str) -> str:
    return gettext(KINDS.get(text, text))


def _part(text: str) -> str:
    name = text.strip("'")
    return str(LABELS.get(name) or WORDS.get(name) or text)


def _reasons(text: str) -> str:
    """Say each reason with its rows; a reason may hold a comma."""
    codes = {plain: code for code, plain in (standard.REASONS | reasons.REASONS).items()}
    said = [_counted(piece, codes) for piece in re.split(r", (?=[\d,]+ )", text)]
    return gettext(", ").join(said)


def _counted(text: str, codes: dict[str, str]) -> str:
    found = COUNTED.fullmatch(text)
    if found is None or found[2] not in codes:
        return text
    values = {"rows": found[1], "reason": REASONS[codes[found[2]]]}
    return gettext("%(reason)s (%(rows)s rows)") % values


VALUES: dict[str, Callable[[str], str]] = {
    "kind": _kind,
    "part": _part,
    "reasons": _reasons,
    "problem": problem,
}
