"""The next best action in words: who is proposed what, how it is known, and its worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kizuna.web.know.publications.queries import published
from kizuna.web.measure.next_best.models import Offer
from kizuna.web.measure.next_best.queries import Proposals, Row
from kizuna.web.measure.results.words import amount, ends
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import writer

MOODS = {"learned": "good", "average": "info", "chance": "unknown", "rule": "caution"}


def ways() -> dict[str, str]:
    """Name how a proposal is known."""
    return {
        "learned": _("Learned for this customer"),
        "average": _("By the average effect"),
        "chance": _("By chance, to go on learning"),
        "rule": _("By rule: nothing is known yet"),
    }


def states() -> dict[str, str]:
    """Name what is known of an action."""
    return {
        "learned": _("Known, and customers differ"),
        "average": _("Known on average; no difference between customers shows"),
        "few": _("Not yet known: needs 200 treated and 200 held out whose days are over"),
        "mismatch": _("Not usable: the groups are not as large as chance made them"),
    }


def facts() -> dict[str, str]:
    """Name the facts that an effect depends on."""
    return {
        "predicted": _("value foretold"),
        "spend_365d": _("spend of the year"),
        "orders_365d": _("purchases of the year"),
        "days_since_purchase": _("days since the last purchase"),
        "tenure_days": _("time as a customer"),
        "mrr": _("recurring revenue"),
        "contacts_90d": _("contacts with the service"),
    }


def currency() -> str:
    """Give the currency of what is published."""
    state = published()
    return state.currency if state else ""


def listed(found: Proposals) -> dict[str, Any]:
    """Give what the list shows."""
    return {
        "table": _table(found) if found.items else None,
        "tabs": _tabs(found),
        "actions": _actions(found) if found.offers else None,
        "values": _values(found) if found.values else None,
        "by_rule": bool(found.sums) and {row["how"] for row in found.sums} == {"rule"},
        "stats": _stats(found),
        "explain": _explain(),
        "valued": _valued(),
    }


def offers(found: Sequence[Offer]) -> dict[str, Any]:
    """Give what may be chosen."""
    say, money = writer(), currency()
    rows = [
        {
            "pk": one.pk,
            "name": one.action.name,
            "url": reverse("actions:one", args=[one.action_id]),
            "whom": one.segment.name if one.segment else _("Everyone"),
            "capacity": say.number(one.capacity) if one.capacity else _("no limit"),
            "cost": amount(one.cost, money),
        }
        for one in found
    ]
    return {"rows": rows}


def proposal(row: Row, name: str, money: str) -> dict[str, Any]:
    """Give what is proposed for one customer."""
    return {
        "name": name,
        "url": reverse("next_best:list"),
        "word": ways()[row["how"]],
        "mood": MOODS[row["how"]],
        "effect": None if row["effect"] is None else amount(row["effect"], money),
        "cost": amount(row["cost"], money),
        "why": why(row, money),
    }


def why(row: Row, money: str) -> str:
    """Say why a customer is proposed an action."""
    if row["how"] == "rule":
        return _("%(money)s at stake") % {"money": amount(row["at_stake"], money)}
    said, names = [], facts()
    for name, raised in (("why", "why_effect"), ("why_more", "why_more_effect")):
        if row[name]:
            told = {"fact": names[row[name]], "money": amount(row[raised], money)}
            said.append(_("%(fact)s (+%(money)s)") % told)
    same = _("the same for everyone") if row["how"] == "average" else "–"
    return " · ".join(said) or same


def handed_out(opened: int, held: int) -> str:
    """Say what became of handing out."""
    first = ngettext("%(n)s task was opened.", "%(n)s tasks were opened.", opened)
    then = ngettext(
        "%(n)s customer is held out by chance.", "%(n)s customers are held out by chance.", held
    )
    say = writer()
    return f"{first % {'n': say.number(opened)}} {then % {'n': say.number(held)}}"


def _table(found: Proposals) -> Table:
    say, money, names = writer(), found.state.currency, ways()
    columns = [
        Column(_("Comes first"), number=True),
        Column(_("Customer")),
        Column(_("Customer action")),
    ]
    columns += [Column(_("Expected margin"), number=True), Column(_("Cost"), number=True)]
    columns += [Column(_("Net"), number=True), Column(_("How this is known")), Column(_("Why"))]
    rows: list[list[str | Cell]] = [
        [
            say.number(row["position"]),
            Cell(row["name"], reverse("customers:one", query={"id": row["customer_id"]})),
            _name(found, row["experiment_id"]),
            amount(row["effect"], money),
            amount(row["cost"], money),
            amount(row["net"], money),
            Cell(names[row["how"]], mood=MOODS[row["how"]]),
            why(row, money),
        ]
        for row in found.items
    ]
    return Table(_("Proposals, the most worth a unit of cost first"), columns, rows)


def _name(found: Proposals, key: str) -> str:
    action = found.actions.get(key)
    return action.name if action else key


def _tabs(found: Proposals) -> list[Tab]:
    url = reverse("next_best:list")
    keys = dict.fromkeys(row["experiment_id"] for row in found.sums)
    tabs = [Tab(_("All"), url, not found.action)]
    return tabs + [
        Tab(_name(found, key), f"{url}?action={key}", key == found.action) for key in keys
    ]


def _actions(found: Proposals) -> Table:
    """Say of each action on offer what is known of it, and how many are proposed it."""
    say, money, known = writer(), found.state.currency, states()
    columns = [Column(_("Customer action")), Column(_("What is known of it"))]
    columns += [Column(_("Mean effect on a customer"), number=True)]
    columns += [Column(_("90% interval"), number=True), Column(_("Cost"), number=True)]
    columns += [Column(_("Proposed to"), number=True)]
    rows: list[list[str | Cell]] = []
    for offer in found.offers:
        key = offer.action.experiment_id
        model = found.models.get(key, {"state": "few", "average": None})
        many = sum(row["customers"] for row in found.sums if row["experiment_id"] == key)
        link = reverse("results:one", args=[key])
        row: list[str | Cell] = [Cell(offer.action.name, link), known[model["state"]]]
        row += [amount(model["average"], money), ends(model, "average", money)]
        rows.append([*row, amount(offer.cost, money), say.number(many)])
    return Table(_("Actions on offer"), columns, rows)


def _values(found: Proposals) -> Table:
    say, money = writer(), found.state.currency
    columns = [Column(_("Customer action")), Column(_("Customers"), number=True)]
    columns += [Column(_("Of them chosen"), number=True)]
    columns += [Column(_("Gained over treating all"), number=True)]
    columns += [Column(_("90% interval"), number=True)]
    columns += [Column(_("Gained over treating nobody"), number=True)]
    columns += [Column(_("90% interval"), number=True)]
    rows: list[list[str | Cell]] = [
        [
            Cell(_name(found, key), reverse("results:one", args=[key])),
            say.number(row["units"]),
            say.percent(row["chosen"]),
            amount(row["over_all"], money),
            ends(row, "over_all", money),
            amount(row["over_none"], money),
            ends(row, "over_none", money),
        ]
        for key, row in found.values.items()
    ]
    return Table(_("What choosing would have earned, a customer"), columns, rows)


def _stats(found: Proposals) -> list[dict[str, Any]]:
    say, money = writer(), found.state.currency
    many, cost = (sum(row[name] for row in found.sums) for name in ("customers", "cost"))
    chosen = [row["net"] for row in found.sums if row["how"] != "chance" and row["net"] is not None]
    stats = [
        {"label": _("Proposals"), "value": say.number(many)},
        {"label": _("Their cost"), "value": amount(cost, money)},
    ]
    if chosen:
        net = {"label": _("Expected beyond the cost"), "value": amount(sum(chosen), money)}
        note = _("A forecast by the model; what was earned stands in the results.")
        stats.append(net | {"note": note})
    return stats


def _explain() -> Explain:
    return Explain(
        _(
            "Of each action on offer: by how much it is expected to raise the margin of this "
            "customer, learned from customers whom chance had treated or held out. The greatest "
            "sum of effect less cost within budget and hands is proposed; what does not earn its "
            "cost is not."
        ),
        _("DR-learner, cross-fitted, drawn toward the average; effect ÷ cost orders"),
        _("customers of earlier rounds whose days are over, and the facts known before each began"),
        _("That of the mean effect of an action stands beside it; of one customer it is wider."),
        _("“What choosing would have earned” is told by customers it was not learned from."),
    )


def _valued() -> Explain:
    return Explain(
        _(
            "Customers whom chance had treated or held out tell what a choice would have earned: "
            "where chance did what the choice would do, the outcome counts; models fill in the "
            "rest and are corrected by it. What is done today is to treat everyone eligible."
        ),
        _("augmented inverse propensity weighting (AIPW), cross-fitted, costs taken off"),
        "",
        _("90% interval; do not change a policy on an interval that holds 0"),
    )
