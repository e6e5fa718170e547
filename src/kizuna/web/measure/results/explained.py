"""How each number of a result is computed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kizuna.web.measure.results.queries import Row
from kizuna.web.measure.results.words import horizon, sure
from kizuna.web.ui.components import Explain
from kizuna.web.ui.templatetags.ui import writer


def effect(row: Row) -> Explain:
    """Explain the effect on a customer."""
    return Explain(
        _(
            "What a customer brought in more than she would have without the action. Chance had "
            "parted the customers before it began, so nothing but the action tells the groups "
            "apart. All who were to be treated count, whether the action reached them or not."
        ),
        _(
            "(mean of the treated − mean of those held out) − slope × (difference in value "
            "foretold and in past margin); margin = orders and contracts × margin rate − returns "
            "− discounts − cost of contacts"
        ),
        _sizes(row),
        sure(row),
        _(
            "Simulated a thousand times where nothing was done, about one in ten of the 90% "
            "intervals says otherwise, as it should."
        ),
    )


def _sizes(row: Row) -> str:
    shown = {name: writer().number(row[name]) for name in ("treated", "control")}
    if row["horizon_days"] is None:
        return _("%(treated)s treated and %(control)s held out") % shown
    shown["days"] = horizon(row["horizon_days"])
    text = _("%(treated)s treated and %(control)s held out, each counted %(days)s from eligibility")
    return text % shown


def total(row: Row) -> Explain:
    """Explain what an action earned in all."""
    return Explain(
        _("What all treated customers brought in more than they would have without the action."),
        _("effect on a customer × treated customers"),
        _("%(n)s treated customers whose days are over") % {"n": writer().number(row["treated"])},
        sure(row),
    )


def cost(row: Row) -> Explain:
    """Explain the cost of an action."""
    return Explain(
        _(
            "What was spent on the treated: the cost of each message or call, and minutes of "
            "people. What was given away is taken off the margin and is not counted twice."
        ),
        _("sum of what was done in these days"),
        _("%(n)s treated customers, of whom %(reached)s were reached")
        % {"n": writer().number(row["treated"]), "reached": writer().number(row["reached"])},
    )


def roi(row: Row) -> Explain:
    """Explain the return."""
    return Explain(
        _(
            "What came back beyond the money spent, as a share of it: 100% means that each unit of "
            "money came back and brought another one; below 0% money was lost."
        ),
        _("(earned − cost) ÷ cost"),
        interval=sure(row),
    )


def ratio(p: float) -> Explain:
    """Explain the check of sizes."""
    found = {"p": writer().percent(p, 1 if p >= 0.001 else 4)}
    return Explain(
        _(
            "Chance was to hold out a certain share. If the groups are far from these sizes, "
            "customers were lost on the way, and no comparison is fair. Below 1 in 1,000 nothing "
            "is judged."
        ),
        _("χ² of the sizes against the chances that were stored at eligibility"),
        back_test=_("Chance alone makes groups as far from their sizes in %(p)s of cases.") % found,
    )


def removed() -> Explain:
    """Explain what covariates did."""
    return Explain(
        _(
            "Customers differ for reasons that have nothing to do with the action. What was known "
            "of them before explains part of that; it is taken out, so that fewer customers are "
            "needed. It changes how sure the answer is, and not what is measured."
        ),
        _("1 − variance left ÷ variance of the margin (CUPED)"),
    )


def stands() -> Explain:
    """Explain the check of all claims together."""
    return Explain(
        _(
            "Of many actions the best looking are partly lucky. Claims are judged together, so "
            "that of those that stand at most one in ten is false."
        ),
        _("Benjamini and Hochberg (1995), 10%"),
    )


def drawn() -> Explain:
    """Explain what remains of luck."""
    return Explain(
        _(
            "Each action is drawn toward the mean of its kind, the more the less sure it is: the "
            "best guess of what it will go on earning."
        ),
        _("hierarchical normal model of the actions of a kind"),
    )


def whole() -> Explain:
    """Explain the sum of all actions."""
    return Explain(
        _(
            "Some customers get nothing optional on any channel. What the others bring in more is "
            "what all actions together earned. Claims of single actions that sum to more than that "
            "are too high, or take from one another."
        ),
        _("effect on all who were reached, against the global control, to date"),
    )
