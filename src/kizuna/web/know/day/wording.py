"""My day in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.jobs.portfolio import HALF_DAYS, NO_DEADLINE, Row
from kizuna.web.know.day.queries import SOON, Day
from kizuna.web.know.health.words import MOODS, at_renewal, bands, by_hand, learned
from kizuna.web.know.segments.stage_tables import stage_names
from kizuna.web.ui.components import Cell, Column, Explain, Table
from kizuna.web.ui.templatetags.ui import minor_money, writer

FIRST = 25


def page(found: Day) -> dict[str, Any]:
    """Give the tables of the page."""
    return {
        "stats": _stats(found),
        "portfolio": _portfolio(found, found.accounts[:FIRST]),
        "rest": _portfolio(found, found.accounts[FIRST:]),
        "renewals": _renewals(found),
        "stuck": _stuck(found),
        "explain": _explain(),
    }


def _stats(found: Day) -> list[dict[str, Any]]:
    """Give the numbers of the portfolio, how each is counted, and a way to its rows."""
    say = writer()
    risks = [a["at_risk"] for a in found.accounts if a["at_risk"] is not None]
    at_risk = minor_money(sum(risks), found.currency) if risks else ""
    of_risk = Explain(
        _("How much of the value of your accounts is expected to be lost."),
        _("Σ value × probability of losing it"),
        _("Your accounts whose value is known; each one's part is in the table below."),
    )
    soon = _("Accounts with a day of notice or of renewal in the next %(days)s days.")
    told = {
        "accounts": _("Customers whose owner you are."),
        "alerts": _("Alerts of your accounts that nobody has dealt with or snoozed."),
        "renewals": soon % {"days": SOON},
    }
    renewals = say.number(len(found.renewals))
    return [
        _stat(
            _("Accounts"), say.number(len(found.accounts)), Explain(told["accounts"]), "#accounts"
        ),
        _stat(
            _("Open alerts"),
            say.number(found.waiting.total()),
            Explain(told["alerts"]),
            reverse("alerts:inbox"),
        ),
        _stat(_("At stake"), at_risk, of_risk, "#accounts"),
        _stat(_("Renewals within 90 days"), renewals, Explain(told["renewals"]), "#renewals"),
    ]


def _stat(label: str, value: str, explain: Explain, url: str) -> dict[str, Any]:
    return {"label": label, "value": value, "explain": explain, "url": url if value else ""}


def _portfolio(found: Day, accounts: Sequence[Row]) -> Table:
    columns = (
        Column(_("Account")),
        Column(_("Alerts"), number=True),
        Column(_("At stake"), number=True),
        Column(_("Worth (contracts: a year)"), number=True),
        Column(_("Time left")),
        Column(_("Health (high = healthy)")),
        Column(_("Why")),
    )
    return Table(_("Accounts, the most urgent first"), columns, [_row(found, a) for a in accounts])


def _row(found: Day, account: Row) -> list[str | Cell]:
    alerts = found.waiting[account["customer_id"]]
    return [
        _named(account),
        writer().number(alerts) if alerts else "–",
        _money(account["at_risk"], found.currency),
        _money(account["worth"], found.currency),
        _left(account),
        _health(found, account),
        " · ".join(_why(account)) or "–",
    ]


def _named(account: Row) -> Cell:
    url = reverse("customers:one", query={"id": account["customer_id"]})
    return Cell(account["name"] or account["customer_id"], url=url)


def _money(amount: float | None, currency: str) -> str:
    return _("no data") if amount is None else minor_money(amount, currency)


def _left(account: Row) -> str:
    days = account["days_left"]
    if days is None:
        return _("no deadline")
    text = ngettext("%(n)s day", "%(n)s days", days) % {"n": writer().number(days)}
    if days == account["days_to_notice"]:
        return _("%(days)s until notice") % {"days": text}
    return _("%(days)s until renewal") % {"days": text}


def _health(found: Day, account: Row) -> Cell:
    (health, band), override = learned(account), found.by_hand.get(account["customer_id"])
    if override is not None:
        return Cell(by_hand(override, health), mood="info")
    if health is None:
        return Cell(_("no data"), mood="unknown")
    name = band or "unknown"
    said = at_renewal(account, f"{writer().number(health)} {bands()[name]}")
    return Cell(said, mood=MOODS[name])


def _why(account: Row) -> list[str]:
    """Say what stands out, in the words of the facts."""
    say, said = writer(), []
    change, cases = account["active_days_change"], account["cases_open"]
    contact, churn = account["days_since_contact"], account["churn_probability"]
    if change is not None and change <= -0.25:
        said.append(_("use fell by %(share)s") % {"share": say.percent(-change)})
    if cases:
        text = ngettext("%(n)s case open", "%(n)s cases open", cases)
        said.append(text % {"n": say.number(cases)})
    if contact is not None and contact > 60:
        said.append(_("no contact for %(n)s days") % {"n": say.number(contact)})
    if churn is not None and churn >= 0.25:
        said.append(_("leaves with a probability of %(p)s") % {"p": say.percent(churn)})
    if account["stage_stuck"]:
        said.append(_("stuck in its stage"))
    return said


def _renewals(found: Day) -> Table:
    columns = (Column(_("Account")), Column(_("Time left")), Column(_("A month"), number=True))
    rows: list[list[str | Cell]] = [
        [_named(a), _left(a), _money(a["mrr"], found.currency)] for a in found.renewals
    ]
    return Table(_("What comes due within 90 days"), columns, rows)


def _stuck(found: Day) -> Table:
    columns = (Column(_("Account")), Column(_("Stage")))
    names = stage_names()
    rows: list[list[str | Cell]] = [
        [_named(a), str(names.get(a["lifecycle_stage"], a["lifecycle_stage"]))] for a in found.stuck
    ]
    return Table(_("Longer in their stage than expected"), columns, rows)


def _explain() -> Explain:
    return Explain(
        definition=_(
            "Accounts are ordered by value at risk and by how soon it is decided: the day of "
            "notice, or else of renewal."
        ),
        formula=_("value at risk × %(half)s ÷ (%(half)s + days left)") % {"half": HALF_DAYS},
        rows=_("customer_facts. Without a deadline %(days)s days count.") % {"days": NO_DEADLINE},
    )
