"""How what experience is worth is computed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kizuna.web.measure.experience.queries import Row
from kizuna.web.ui.components import Explain
from kizuna.web.ui.templatetags.ui import writer


def association(row: Row) -> Explain:
    """Explain what goes with a point."""
    shown = {name: writer().number(row[name]) for name in ("points", "customers")}
    return Explain(
        _(
            "How margin of the days after differs between customers whose score differs by a "
            "point, and who were alike in what they had bought, for how long they were customers, "
            "and the month. It is no proof: something unseen may move both the score and the "
            "margin."
        ),
        _(
            "later margin = month + worth × score + slopes × (margin of 90 and 365 days before, "
            "purchases, days since the last one, time as a customer, recurring revenue)"
        ),
        _("%(points)s ends of months of %(customers)s customers") % shown,
        _("90%, by customer: months of one customer are not independent"),
        _(
            "In data with a planted cause that nobody sees, this number is off and surely so; the "
            "number by experiment holds the truth."
        ),
    )


def by_experiment(row: Row) -> Explain:
    """Explain what a point brought."""
    shown = {name: writer().number(row[name]) for name in ("treated", "control")}
    return Explain(
        _(
            "What an action did for margin, for each point that it did for the score. Chance had "
            "parted the customers. Whatever the action did for margin by another way than the "
            "score is counted as if the score had done it."
        ),
        _("(margin of the treated − of the held out) ÷ (score of the treated − of the held out)"),
        _("%(treated)s treated and %(control)s held out whose score is known in these days")
        % shown,
        _("90%, of a ratio (Fieller); wider where the action may be looked at on any day"),
        _("Told only where the score moved clearly (F of 10 or more)."),
    )
