"""Effort in words: numbers with their definitions, tables with links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.experience.effort import DRIVERS
from kizuna.web.know.effort.levels import told
from kizuna.web.know.effort.queries import Issue, IssuePage, Row
from kizuna.web.know.effort.words import channels, customer_url, drivers, issue_url, moment_of
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import writer

HARD, EASY = 50, 20


def effort(page: IssuePage) -> dict[str, Any]:
    """Give what the page of effort shows."""
    names, known = drivers(), channels()
    return {
        "stats": _stats(page),
        "weights_text": _weights(page.report),
        "odd": _odd(page.report),
        "causes": _causes(page, "driver", _("What made it hard"), "cause", names),
        "subjects": _causes(page, "subject", _("By subject"), "subject", {"": _("Not told")}),
        "channels": _causes(page, "channel", _("By first channel"), "channel", known),
        "issues": issues(page.items, _("Hardest issues")),
        "chosen": _chosen(page),
    }


def issues(rows: Sequence[Row], caption: str, *, whose: bool = True) -> Table:
    """List issues with their effort and its main cause."""
    say, names, known = writer(), drivers(), channels()
    columns = [Column(_("Issue"))] + ([Column(_("Customer"))] if whose else [])
    columns += [Column(_("Effort (high = hard)")), Column(_("Mainly")), Column(_("First channel"))]
    columns += [Column(_("Times in touch"), number=True), Column(_("State"))]
    columns += [Column(_("Last contact"))]
    found: list[list[Any]] = []
    for row in rows:
        cells: list[Any] = [Cell(row["subject"] or row["issue_id"], issue_url(row))]
        if whose:
            cells.append(Cell(row["name"], customer_url(row["customer_id"])))
        cells += [_level(row["effort"]), names.get(row["cause"], "–")]
        cells += [known.get(row["channel"], row["channel"]), say.number(row["contacts"])]
        found.append([*cells, _status(row), moment_of(row["last_at"])])
    return Table(caption, columns, found)


def issue(found: Issue) -> dict[str, Any]:
    """Give what the page of an issue shows."""
    row = found.row
    return {
        "customer_url": customer_url(row["customer_id"]),
        "level": _level(row["effort"]),
        "status": _status(row),
        "points": _points(found),
        "contacts": _contacts(found.contacts),
        "levels": [told(found, level) for level in found.levels],
    }


def _stats(page: IssuePage) -> list[dict[str, Any]]:
    say, row = writer(), page.all
    year = _("Issues with a contact in the last 365 days.")
    effort = Explain(
        _("How hard it was for customers to have an issue solved, 0 to 100; high = hard."),
        _("100 ÷ (1 + exp(−(start + sum of weight × count)))"),
        year,
        back_test=_weights(page.report),
    )
    hard = Explain(_("Issues with an effort of 50 or more."), _("hard issues ÷ issues"), year)
    issue = Explain(
        _(
            "Contacts of one case; without a case, of one customer and subject with no more than "
            "seven days in between."
        ),
        rows=year,
    )
    silent = Explain(_("Open or waiting, and without a contact for 90 days."), rows=year)
    url = _filter(never_closed="1")
    return [
        {
            "label": _("Issues"),
            "value": say.number(row["issues"]),
            "explain": issue,
            "url": _filter(),
        },
        {
            "label": _("Hard issues"),
            "value": say.percent(row["hard_issues"] / row["issues"], 1),
            "explain": hard,
            "url": _filter(hard="1") if row["hard_issues"] else "",
        },
        {
            "label": _("Mean effort (high = hard)"),
            "value": say.number(row["effort"], 0),
            "explain": effort,
            "url": _filter(),
        },
        {
            "label": _("Never closed"),
            "value": say.number(row["never_closed"]),
            "explain": silent,
            "url": url if row["never_closed"] else "",
        },
    ]


def _weights(report: Row) -> str:
    """Say where the weights come from, and how they did."""
    say = writer()
    counts: dict[str, str] = {
        "n": say.number(report["answers"]),
        "hard": say.number(report["hard_answers"]),
    }
    if report["source"] == "answers":
        return _(
            "Fitted to %(n)s answers to a customer effort question. On customers held out it ranks "
            "a hard issue above an easy one in %(auc)s of pairs (%(low)s to %(high)s); "
            "calibration slope %(slope)s, calibration error %(error)s."
        ) % {
            **counts,
            "auc": say.percent(report["auc"]),
            "low": say.percent(report["auc_low"]),
            "high": say.percent(report["auc_high"]),
            "slope": say.number(report["slope"], 2),
            "error": say.percent(report["calibration_error"], 1),
        }
    counts |= {"needed": say.number(report["needed"]), "each": say.number(report["needed_hard"])}
    if report["reason"] == "few":
        return (
            _(
                "An index by documented weights, not a probability: %(n)s answers to a customer "
                "effort question (%(hard)s hard) are too few. Fitting takes %(needed)s, with "
                "%(each)s hard and %(each)s easy ones."
            )
            % counts
        )
    if report["reason"] == "upside_down":
        return _(
            "An index by documented weights, not a probability: the answers cannot be used as "
            "they are."
        )
    return _(
        "An index by documented weights, not a probability: on customers held out it ranked "
        "better than weights fitted to the answers."
    )


def _odd(report: Row) -> list[str]:
    """Name the answers that could not be used."""
    say, found = writer(), []
    if report["upside_down"]:
        found.append(
            _(
                "Customers who had it hard by their contacts answer that it was easy, and the "
                "other way round: the scale of the survey may have been entered upside down."
            )
        )
    if report["bad_scale"]:
        found.append(
            _("%(n)s answers have no usable scale and are left out.")
            % {"n": say.number(report["bad_scale"])}
        )
    if report["unmatched"]:
        found.append(
            _("%(n)s answers are about no known issue and are left out.")
            % {"n": say.number(report["unmatched"])}
        )
    return found


def _causes(page: IssuePage, kind: str, caption: str, key: str, names: dict[str, str]) -> Table:
    say = writer()
    rows = [row for row in page.causes if row["kind"] == kind]
    weight = "points" if kind == "driver" else "effort"
    rows.sort(key=lambda row: (-(row[weight] * row["issues"]), row["name"]))
    added = _("Points added") if kind == "driver" else _("Mean effort (high = hard)")
    heads = [_("Issues"), _("Hard issues"), added]
    columns = [Column(caption), *(Column(head, number=True) for head in heads)]
    found: list[list[Any]] = [
        [
            Cell(str(names.get(row["name"], row["name"])), _filter(**{key: row["name"]})),
            Cell(say.number(row["issues"]), _filter(**{key: row["name"]})),
            _hard(row, **{key: row["name"]}),
            say.number(row[weight], 0),
        ]
        for row in rows[:20]
    ]
    return Table(caption, columns, found)


def _chosen(page: IssuePage) -> list[Tab]:
    """Say what the list is narrowed to, with a way back."""
    asked = page.asked
    words = [drivers().get(asked.cause, ""), channels().get(asked.channel, asked.channel)]
    words += [(asked.subject or _("Not told")) if asked.subject is not None else ""]
    words += [_("Hard issues") if asked.hard else ""]
    words += [_("Never closed") if asked.never_closed else ""]
    chosen = [str(word) for word in words if word]
    if not chosen:
        return []
    return [
        Tab(_("All issues"), reverse("effort:effort")),
        Tab(writer().join(chosen), "", current=True),
    ]


def _points(found: Issue) -> Table:
    """List what each driver adds; the rest is what any issue has."""
    say, names = writer(), drivers()
    weights = {row["driver"]: row for row in found.weights}
    columns = [Column(_("What made it hard"))]
    heads = (_("Times"), _("At most counted"), _("Weight (log-odds)"), _("Points"))
    columns += [Column(head, number=True) for head in heads]
    rows: list[list[Any]] = [
        [
            names[name],
            say.number(found.row[name]),
            say.number(weights[name]["most"]),
            say.number(weights[name]["weight"], 2),
            say.number(found.row[f"{name}_points"], 1),
        ]
        for name in DRIVERS
    ]
    rest = found.row["effort"] - sum(found.row[f"{name}_points"] for name in DRIVERS)
    start = say.number(weights["start"]["weight"], 2)
    rows.append([_("Any issue"), "–", "–", start, say.number(rest, 1)])
    rows.append([_("Effort (high = hard)"), "–", "–", "–", say.number(found.row["effort"], 1)])
    return Table(_("How this effort adds up"), columns, rows)


def _contacts(contacts: Sequence[Row]) -> Table:
    say, names, known = writer(), drivers(), channels()
    columns = [Column(_("When")), Column(_("Channel")), Column(_("Direction"))]
    columns += [Column(_("Waited (minutes)"), number=True), Column(_("Outcome"))]
    columns += [Column(_("What made it hard"))]
    rows: list[list[Any]] = []
    for row in contacts:
        waited = row["wait_seconds"]
        hard = [names[name] for name in DRIVERS if row[name]]
        hard += [_("Opened again")] if row["reopened"] else []
        rows.append(
            [
                moment_of(row["happened_at"]),
                known.get(row["channel"], row["channel"]),
                _("from us") if row["direction"] == "out" else _("from the customer"),
                "–" if waited is None else say.number(waited / 60, 0),
                row["outcome"] or "–",
                say.join(hard) if hard else "–",
            ]
        )
    return Table(_("Contacts of this issue"), columns, rows)


def _status(row: Row) -> Cell:
    if row["never_closed"]:
        return Cell(_("Never closed"), mood="caution")
    words = {
        "open": (_("Still open"), "info"),
        "waiting": (_("Waiting for the customer"), "unknown"),
        "answered": (_("Answered, no outcome told"), "unknown"),
        "resolved": (_("Solved"), "good"),
    }
    word, mood = words[row["status"]]
    return Cell(word, mood=mood)


def _level(effort: float) -> Cell:
    number = writer().number(effort, 0)
    if effort >= HARD:
        return Cell(_("%(n)s hard") % {"n": number}, mood="serious")
    if effort >= EASY:
        return Cell(_("%(n)s middling") % {"n": number}, mood="caution")
    return Cell(_("%(n)s easy") % {"n": number}, mood="good")


def _hard(row: Row, **asked: str) -> Cell:
    """Count hard issues, and lead to them."""
    url = _filter(**asked, hard="1") if row["hard_issues"] else ""
    return Cell(writer().number(row["hard_issues"]), url)


def _filter(**asked: str) -> str:
    return reverse("effort:effort") + (f"?{urlencode(asked)}" if asked else "") + "#issues"
