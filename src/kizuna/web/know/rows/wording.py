"""Rows in words: the table, what its rows come to, and the same as lines of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.customers.naming import names_of
from kizuna.web.know.effort.words import channels as contact_channels
from kizuna.web.know.effort.words import issue_url, moment_of
from kizuna.web.know.publications.queries import published
from kizuna.web.know.rows import kind as kinds
from kizuna.web.know.rows.forms import Asked
from kizuna.web.know.rows.links import rows_url
from kizuna.web.know.rows.queries import Row, Rows, everything
from kizuna.web.ui.components import Cell, Column, Tab, Table
from kizuna.web.ui.templatetags.ui import writer

SHOWN_DIGITS = 1

type Forms = Mapping[str, Callable[[Any], object]]


def page(found: Rows) -> dict[str, Any]:
    """Give all that the page shows."""
    asked, kind = found.asked, found.asked.kind
    query = urlencode(asked.given | {"sort": asked.sort})
    return {
        "kind": kind,
        "table": table(found),
        "said": said(asked),
        "sums": sums(found),
        "tabs": tabs(asked),
        "home": reverse(kind.home[0]),
        "export": f"{reverse('rows:export', args=[kind.name])}?{query}",
    }


def table(found: Rows) -> Table:
    """Give the rows as a table, each column sorted by its heading."""
    asked, kind = found.asked, found.asked.kind
    columns = [
        Column(c.label, c.is_number, c.name if c.name in kind.sortable else "")
        for c in kind.columns
    ]
    forms = _forms(asked)
    rows = [[_cell(asked, forms, c, row) for c in kind.columns] for row in found.items]
    return Table(kind.title, columns, rows, asked.sort)


def tabs(asked: Asked) -> list[Tab]:
    """Give the choices above the rows."""
    name, known = asked.kind.tabs
    rest = {key: text for key, text in asked.given.items() if key != name}
    return [
        Tab(
            word,
            reverse("rows:rows", args=[asked.kind.name], query=rest | ({name: key} if key else {})),
            asked.given.get(name, "") == key,
        )
        for key, word in known.items()
    ]


def said(asked: Asked) -> str:
    """Say which rows were asked for."""
    say, given = writer(), asked.values
    written: dict[str, Callable[[Any], object]] = {
        "purchase": _purchase,
        "days": lambda n: _("at least %(days)s days back") % {"days": say.number(n)},
        "cohort": lambda day: _("began in %(month)s") % {"month": say.month(day)},
        "month": say.month,
        "until": lambda day: _("twelve months up to %(month)s") % {"month": say.month(day)},
        "made_on": lambda day: _("as known on %(day)s") % {"day": say.day(day)},
        "horizon": lambda n: _("%(days)s days ahead") % {"days": say.number(n)},
        "currency": str,
        "channel": _channel,
        "customer": lambda key: names_of([key]).get(key, key),
        "term": lambda n: _("terms of %(n)s months") % {"n": say.number(n)} if n else _("no term"),
        "left": lambda n: _("%(n)s months still bound") % {"n": say.number(n)},
        "target": lambda key: asked.kind.words[key],
        "mood": lambda _mood: _("complaints and wishes"),
        "policy": lambda name: _("usual (preset)") if name == "usual" else name,
        "theme": _theme,
        "ending": lambda how: {"yes": _("notice given"), "no": _("no notice given")}[how],
    }
    return " · ".join(str(written[n](v)) for n, v in given.items() if n in written)


def sums(found: Rows) -> list[tuple[str, str]]:
    """Give what the rows come to, so that it can be set beside the number."""
    shown, forms = [(_("Rows"), writer().number(found.count))], _forms(found.asked)
    for column in found.asked.kind.columns:
        if column.summed and found.sums[column.name] is not None:
            shown.append((str(column.label), _write(forms, column, found.sums[column.name])))
    return shown


def lines(asked: Asked) -> Iterator[list[Any]]:
    """Give the head and all rows of a file; money in units of the currency."""
    kind, forms = asked.kind, _plain_forms(asked)
    whose = ["customer_id"] if any(c.form == "customer" for c in kind.columns) else []
    yield [*whose, *(str(c.label) for c in kind.columns)]
    for row in everything(asked):
        yield [*(row[name] for name in whose), *(_plain(forms, c, row) for c in kind.columns)]


def _cell(asked: Asked, forms: Forms, column: kinds.Column, row: Row) -> Cell | str:
    if column.form == "customer":
        return Cell(row["name"], reverse("customers:one", query={"id": row["customer_id"]}))
    if column.form == "issue":
        return Cell(row["issue_id"], issue_url(row))
    value = row[column.name]
    text = "–" if value is None else _write(forms, column, value)
    return Cell(text, _contracts(asked, row)) if column.name == asked.kind.leads else text


def _forms(asked: Asked) -> Forms:
    """Give how a person reads each form of a column: once for all cells of a page."""
    currency = _currency(asked)
    say, unit = writer(currency), minor_units(currency)
    return {
        "day": say.day,
        "month": say.month,
        "number": say.number,
        "minutes": say.number,
        "term": lambda months: say.number(months) if months else _("no term"),
        "hours": lambda hours: say.number(hours, 1),
        "moment": moment_of,
        "share": lambda share: say.percent(share, SHOWN_DIGITS),
        "money": lambda amount: say.money(amount / unit),
        "word": lambda text: str(asked.kind.words.get(text, text)),
        "channel": _channel,
        "contact_channel": lambda key: contact_channels().get(key, key),
    }


def _write(forms: Forms, column: kinds.Column, value: Any) -> str:
    return str(forms.get(column.form, str)(value))


def _plain_forms(asked: Asked) -> Forms:
    """Give how a spreadsheet computes with each form: once for all lines of a file."""
    unit, forms = minor_units(_currency(asked)), _forms(asked)
    money = (lambda amount: amount) if unit == 1 else (lambda amount: round(amount / unit, 4))
    return {"money": money, "word": forms["word"], "channel": forms["channel"]}


def _plain(forms: Forms, column: kinds.Column, row: Row) -> Any:
    value = row["name"] if column.form == "customer" else row[column.name]
    if value is None:
        return ""
    return forms[column.form](value) if column.form in forms else value


def _contracts(asked: Asked, row: Row) -> str:
    """Lead from a part of a forecast to its contracts."""
    return rows_url(
        "running",
        currency=row["currency"],
        made_on=row["made_on"],
        term=row["term_months"],
        left=row["months_left"],
        ending="yes" if row["ending"] == "true" else "no",
    )


def _purchase(number: int) -> str:
    return {
        1: _("first purchases"),
        2: _("second purchases"),
        3: _("third purchases"),
        4: _("fourth and later purchases"),
    }[number]


def _channel(name: str) -> str:
    return {"*": _("All channels"), "": _("Channel not known")}.get(name, name)


def _theme(key: str) -> str:
    """Name a theme by the published dictionary."""
    state = published()
    if key in {"*", "other"} or state is None or not state.has("voice_themes"):
        return {"*": _("about a theme"), "other": _("Other")}.get(key, key)
    label = "label_ja" if (get_language() or "").startswith("ja") else "label_en"
    rows = state.table("voice_themes").to_pylist()
    return next((str(row[label]) for row in rows if row["theme"] == key), key)


def _currency(asked: Asked) -> str:
    state = published()
    own = asked.given.get("currency")
    return own or (state.currency if state else "XXX")
