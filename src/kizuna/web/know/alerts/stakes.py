"""Why an alert matters, in money: of what, by when, and what is not known."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kizuna.jobs.stakes import BOUND, CONTRACT, NOTICE, PURCHASE, RENEWAL
from kizuna.web.know.alerts.models import Alert, Severity
from kizuna.web.ui.templatetags.ui import minor_money, writer


def stake(alert: Alert) -> str:
    """Say what is at stake: an amount alone where there is one."""
    if alert.value is None:
        return _("What this customer is worth is not yet known.")
    value = minor_money(alert.value, alert.currency)
    if value == minor_money(0, alert.currency):
        return _("Next to nothing more is expected of this customer.")
    if alert.stake_of == NOTICE and alert.stake_on:
        text = _("Notice was given: contracts that bring %(value)s a year end on %(on)s.")
        return text % {"value": value, "on": writer().day(alert.stake_on)}
    if alert.severity == Severity.GOOD:
        return _worth(alert, value)
    if alert.stake_of == BOUND and alert.stake_on:
        text = _(
            "The contracts of this customer bring %(value)s a year and cannot end before %(on)s; "
            "how likely they are to end then is not yet known."
        )
        return text % {"value": value, "on": writer().day(alert.stake_on)}
    if alert.at_risk is None:
        return _worth(alert, value)
    return _risk(alert, value)


def _worth(alert: Alert, value: str) -> str:
    if alert.stake_of in (CONTRACT, RENEWAL, NOTICE, BOUND):
        return _("The contracts of this customer bring %(value)s a year.") % {"value": value}
    text = _("Margin still expected of this customer: %(value)s.")
    return text % {"value": value}


def _risk(alert: Alert, value: str) -> str:
    assert alert.at_risk is not None
    shown = {"value": value, "risk": minor_money(alert.at_risk, alert.currency)}
    if alert.stake_of == PURCHASE or alert.stake_on is None or not alert.value:
        text = _("At stake: %(risk)s of the margin of %(value)s still expected of this customer.")
        return text % shown
    share = writer().percent(alert.at_risk / alert.value)
    shown |= {"share": share, "on": writer().day(alert.stake_on)}
    if alert.stake_of == RENEWAL:
        text = _(
            "At stake when the term ends on %(on)s: %(risk)s of the %(value)s that the contracts "
            "bring a year (%(share)s likely to leave then)."
        )
        return text % shown
    text = _(
        "At stake: %(risk)s of the %(value)s that the contracts bring a year (%(share)s likely "
        "to leave by %(on)s)."
    )
    return text % shown
