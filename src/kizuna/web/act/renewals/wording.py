"""Renewals in words: the list, both likelihoods side by side, the forecast, who foretold well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.jobs.renewals import COMMITTED, FEWEST, Month, Record
from kizuna.pipeline.business_days import between
from kizuna.web.accounts.models import Person
from kizuna.web.act.renewals.ladder_words import ladder_of
from kizuna.web.act.renewals.models import Judgement, Renewal, Source, State
from kizuna.web.act.renewals.queries import ORDERS, Climbed, Line, Rate
from kizuna.web.act.tasks.days import closed_around
from kizuna.web.act.tasks.wording import due_text
from kizuna.web.know.rows.links import rows_url
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import minor_money, moment, writer

MOODS = {
    State.OPEN: "info",
    State.RENEWED: "good",
    State.REPLACED: "good",
    State.LOST: "serious",
    State.GONE: "unknown",
}


def share(value: float | None) -> str:
    """Write a share; none is no data."""
    return _("no data") if value is None else str(writer().percent(value))


def deadline(renewal: Renewal, today: date) -> tuple[str, str]:
    """Give the mood and the words of a deadline, in business days."""
    left = between(today, renewal.decide_by, closed_around(today))
    if renewal.decide_by < today:
        return "unknown", _("the deadline is past")
    mood = "serious" if left <= 5 else "caution" if left <= 20 else "info"
    return mood, due_text(left)


def table(lines: Sequence[Line], today: date, view: str, has_ladders: bool = False) -> Table:
    """List renewals; those that have ended with what became of them.

    Where there are several ladders each row says which it is on, and why.
    """
    columns = [
        Column(_("Customer")),
        Column(_("Contract")),
        Column(_("Deadline")),
        Column(_("Time left")),
    ]
    columns += [Column(_("A month"), number=True), Column(_("The data says"), number=True)]
    columns += [Column(_("A person says"), number=True)]
    columns += [
        Column(_("What became of it"))
        if view in ("ended", "unexplained")
        else Column(_("What is next"))
    ]
    columns += [Column(_("Looked after by"))]
    rows = [_row(line, today, view) for line in lines]
    if has_ladders:
        columns.append(Column(_("Ladder, and why")))
        for line, row in zip(lines, rows, strict=True):
            row.append(_on_ladder(line.renewal))
    return Table(_("Renewals"), columns, rows)


def _on_ladder(renewal: Renewal) -> str:
    name, why = ladder_of(renewal)
    return _("%(name)s: %(why)s") % {"name": name, "why": why} if name else "–"


def _row(line: Line, today: date, view: str) -> list[Any]:
    renewal, say = line.renewal, writer()
    mood, left = deadline(renewal, today)
    last = _ended(renewal) if view in ("ended", "unexplained") else _next(renewal, today)
    return [
        Cell(line.name, reverse("renewals:one", args=[renewal.pk])),
        renewal.contract_id,
        say.day(renewal.decide_by),
        Cell(left, mood=mood) if renewal.state == State.OPEN else "–",
        minor_money(renewal.mrr, renewal.currency),
        share(renewal.likelihood),
        _("not yet said") if renewal.said is None else share(renewal.said),
        last,
        line.owner.name if line.owner else _("nobody yet"),
    ]


def _next(renewal: Renewal, today: date) -> Cell | str:
    if renewal.say_by is None:
        return "–"
    on = writer().day(renewal.say_by)
    if renewal.say_by < today:
        return Cell(_("was to be said by %(on)s") % {"on": on}, mood="serious")
    return _("to be said by %(on)s") % {"on": on}


def _ended(renewal: Renewal) -> Cell:
    word = str(State(renewal.state).label)
    if renewal.reason is not None:
        word = _("%(word)s: %(reason)s") % {"word": word, "reason": renewal.reason.name}
    return Cell(word, mood=MOODS[State(renewal.state)])


def customer_table(found: Sequence[Renewal], today: date) -> Table:
    """List the renewals of one customer."""
    columns = [Column(_("Contract")), Column(_("Deadline")), Column(_("Time left"))]
    columns += [Column(_("The data says"), number=True), Column(_("A person says"), number=True)]
    columns += [Column(_("State"))]
    rows: list[list[Any]] = []
    for renewal in found:
        mood, left = deadline(renewal, today)
        rows.append(
            [
                Cell(renewal.contract_id, reverse("renewals:one", args=[renewal.pk])),
                writer().day(renewal.decide_by),
                Cell(left, mood=mood) if renewal.state == State.OPEN else "–",
                share(renewal.likelihood),
                _("not yet said") if renewal.said is None else share(renewal.said),
                _ended(renewal),
            ]
        )
    return Table(_("Renewals"), columns, rows)


def to_say(renewal: Renewal, today: date) -> tuple[str, str]:
    """Say by when a person must speak: mood and words."""
    found = _next(renewal, today)
    return (found.mood, str(found.text)) if isinstance(found, Cell) else ("caution", found)


def both(renewal: Renewal) -> list[dict[str, Any]]:
    """Put what the data says and what a person says side by side."""
    data: dict[str, Any] = {"label": _("The data says"), "explain": explain_likelihood()}
    if renewal.likelihood is None:
        data["unknown"] = _("It takes terms that have come to their end.")
    else:
        note = _("that it is renewed; by the %(source)s") % {"source": source(renewal.source)}
        data |= {"value": share(renewal.likelihood), "note": note}
    person: dict[str, Any] = {"label": _("A person says")}
    if renewal.said is None or renewal.said_on is None:
        person["unknown"] = _("Nobody has said yet.")
    else:
        person |= {"value": share(renewal.said), "note": writer().day(renewal.said_on)}
        if renewal.committed:
            person["note"] = _("%(on)s, committed") % {"on": person["note"]}
    return [data, person]


def judgements_table(found: Sequence[Judgement]) -> Table:
    """List what was said, the latest first; nothing of it is ever changed."""
    columns = [
        Column(_("Day and time")),
        Column(_("Who said it")),
        Column(_("Likelihood"), number=True),
    ]
    columns += [Column(_("Committed")), Column(_("The data said then"), number=True)]
    columns += [Column(_("Why"))]
    rows = [
        [
            moment(said.at),
            said.person.name,
            share(said.likelihood),
            _("yes") if said.committed else "–",
            share(said.model),
            said.text or "–",
        ]
        for said in found
    ]
    return Table(_("What people said"), columns, rows)


def climbed_table(found: Sequence[Climbed], today: date) -> Table:
    """List the rungs of a renewal: their day, and what became of each."""
    columns = [Column(_("Day")), Column(_("What is to be done")), Column(_("What became of it"))]
    rows = [[writer().day(one.on), one.rung.title, _step(one, today)] for one in found]
    return Table(_("Steps before the deadline"), columns, rows)


def _step(one: Climbed, today: date) -> Cell | str:
    if one.step is None:
        return _("to come") if one.on >= today else _("nothing was done")
    if one.step.was_skipped:
        return _("left out: it was late, and a later step took its place")
    task = one.step.task
    if task is None:
        return _("a message was queued") if one.step.message_id else _("nothing was done")
    words = {"open": _("task is open"), "done": _("done"), "held": _("held out by chance")}
    return Cell(words.get(task.state, _("not done")), reverse("tasks:one", args=[task.pk]))


def a_year_before(day: date) -> date:
    """Give the day 365 days before."""
    return day - timedelta(days=365)


def lost_table(found: Sequence[tuple[str, int, int, str]]) -> Table:
    """List why contracts were lost."""
    columns = [Column(_("Why it was lost")), Column(_("Contracts"), number=True)]
    columns += [Column(_("A month"), number=True)]
    rows = [
        [name or _("nobody said why"), writer().number(n), minor_money(mrr, currency)]
        for name, n, mrr, currency in found
    ]
    return Table(_("Lost in twelve months, by reason"), columns, rows)


def source(value: str) -> str:
    """Say where the data's likelihood comes from."""
    return str(Source(value).label)


def tabs(whose: str, view: str, order: str) -> list[Tab]:
    """Offer one's own renewals, and the team's."""
    names = {"mine": _("Mine"), "team": _("The team's")}
    return [
        Tab(name, _url(whose=key, view=view, order=order), key == whose)
        for key, name in names.items()
    ]


def views(counts: Mapping[str, int], whose: str, view: str, order: str) -> list[Tab]:
    """Offer the views, each with its count."""
    names = {
        "due": _("Come due"),
        "to_say": _("To be said"),
        "apart": _("Put before managers"),
        "unexplained": _("Lost without a reason"),
        "ended": _("Have ended"),
    }
    say = writer()
    return [
        Tab(
            _("%(name)s (%(n)s)") % {"name": name, "n": say.number(counts[key])}
            if key in counts
            else name,
            _url(whose=whose, view=key, order=order),
            key == view,
        )
        for key, name in names.items()
    ]


def orders(whose: str, view: str, order: str) -> list[Tab]:
    """Offer the orders of the list."""
    names = dict(zip(ORDERS, (_("By deadline"), _("By value at risk")), strict=True))
    return [
        Tab(name, _url(whose=whose, view=view, order=key), key == order)
        for key, name in names.items()
    ]


def _url(**query: str) -> str:
    return reverse("renewals:list", query=query)


def rate_stat(found: Rate | None) -> dict[str, Any]:
    """Tell the renewal rate."""
    label = _("Renewal rate, twelve months")
    if found is None or found.rate is None:
        return {"label": label, "unknown": _("It takes terms that have come to their end.")}
    say = writer()
    note = _("%(renewed)s of %(due)s that were due") % {
        "renewed": say.number(found.renewed),
        "due": say.number(found.due),
    }
    explain = Explain(
        _("Terms that went on, or were replaced by another contract, of all that came to an end."),
        _("(renewed + replaced) ÷ due"),
        _("retention_months; who was not asked is in neither. It is not gross retention."),
        as_of=str(say.month(found.month)),
    )
    told = {"label": label, "value": say.percent(found.rate, 1), "note": note, "explain": explain}
    return told | {"url": rows_url("renewals", currency=found.currency)}


def forecast_tables(found: Mapping[str, Sequence[Month]]) -> list[tuple[str, Table]]:
    """Tell the forecast of each currency, month by month."""
    return [(currency, _forecast(currency, months)) for currency, months in found.items()]


def _forecast(currency: str, months: Sequence[Month]) -> Table:
    heads = [
        _("Comes due"),
        _("Committed by people"),
        _("Expected by people"),
        _("of which they spoke"),
    ]
    heads += [_("Committed by the data"), _("Expected by the data")]
    columns = [Column(_("Month")), Column(_("Renewals"), number=True)]
    columns += [Column(head, number=True) for head in heads]
    rows = [_month_row(currency, month) for month in months]
    caption = _("Revenue a month that comes due, in %(currency)s") % {"currency": currency}
    return Table(caption, columns, rows)


def _month_row(currency: str, month: Month) -> list[Any]:
    say = writer(currency)
    spoke, data = month.said > 0, month.model_said > 0
    none, nothing = _("nobody spoke yet"), _("no data")
    return [
        say.month(month.month),
        say.number(month.renewals),
        minor_money(month.due, currency),
        minor_money(month.committed, currency) if spoke else none,
        minor_money(month.expected, currency) if spoke else none,
        say.percent(month.said / month.due) if month.due else "–",
        minor_money(month.model_committed, currency) if data else nothing,
        minor_money(month.model_expected, currency) if data else nothing,
    ]


def explain_forecast() -> Explain:
    """Say how the forecast comes about."""
    return Explain(
        definition=_(
            "What people commit to is the revenue of renewals that they stand for; what they "
            "expect is revenue × likelihood, of those they spoke of. Beside it stands what the "
            "data says of the same renewals; committed is where it says %(share)s or more."
        )
        % {"share": writer().percent(COMMITTED)},
        formula=_("Σ revenue a month × likelihood"),
        rows=_("Open renewals by the month of their deadline; currencies are never added up."),
    )


def explain_likelihood() -> Explain:
    """Say where the data's likelihood comes from."""
    return Explain(
        definition=_(
            "0 where notice was given. Else 1 less the probability of leaving, where it looks as "
            "far ahead as the end of the term. Else the share of terms that went on in the last "
            "24 months."
        ),
        rows=_("contract_terms, churn_scores, contract_survival"),
        back_test=_("Under Retention and Churn; beside people's words under How people foretell."),
    )


def records_table(found: Sequence[tuple[Person | None, Record]]) -> Table:
    """Tell how well people foretold, beside the data."""
    heads = [
        _("Renewals that ended"),
        _("Came as they said"),
        _("90% interval"),
        _("Mean squared error"),
    ]
    heads += [_("They said"), _("Renewed"), _("The data: came as it said"), _("The data: error")]
    columns = [Column(_("Name")), *(Column(head, number=True) for head in heads)]
    rows = [_record_row(person, record) for person, record in found]
    return Table(_("How people foretell renewals, beside the data"), columns, rows)


def _record_row(person: Person | None, found: Record) -> list[Any]:
    say, name = writer(), person.name if person else _("All together")
    if found.needed:
        text = _("not yet known: %(n)s more must end") % {"n": say.number(found.needed)}
        return [name, say.number(found.renewals), text, *("–" for _k in range(6))]
    low, high = say.percent(found.hits_low), say.percent(found.hits_high)
    data = found.model_hits is not None
    return [
        name,
        say.number(found.renewals),
        say.percent(found.hits),
        _("%(low)s to %(high)s") % {"low": low, "high": high},
        say.number(found.brier, 3),
        say.percent(found.said),
        say.percent(found.came),
        say.percent(found.model_hits) if data else _("no data"),
        say.number(found.model_brier, 3) if data else _("no data"),
    ]


def explain_records() -> Explain:
    """Say how people are compared with the data."""
    return Explain(
        definition=_(
            "The last word of each before the deadline counts. It came as said where the likelier "
            "of both happened. The squared error is 0 for who is always right and 0.25 for who "
            "says 50% to everything. Where said and renewed are apart, words are too bold or too "
            "timid."
        ),
        rows=_("Below %(n)s renewals nothing is told.") % {"n": FEWEST},
    )
