"""Rules that come with Kizuna: each is one that an owner would thank for."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kizuna.web.know.alerts.models import Cause, Kind, Pace, Severity

READY: tuple[dict[str, Any], ...] = (
    {
        "name": _("Use of the product halved"),
        "kind": Kind.RULE,
        "condition": "active_days_change <= -0.5 AND contracts > 0",
        "cause": Cause.USE,
        "severity": Severity.CAUTION,
        "advice": _(
            "Ask the sponsor what changed: people who left, another tool, a project that ended. "
            "Offer half an hour of training to those who are still there."
        ),
    },
    {
        "name": _("Notice is due within 45 days, and use is falling"),
        "kind": Kind.RULE,
        "condition": "days_to_notice BETWEEN 0 AND 45 AND active_days_change <= -0.25",
        "cause": Cause.RENEWAL,
        "severity": Severity.SERIOUS,
        "advice": _(
            "Talk to whoever decides before the day of notice: what was achieved, what is "
            "missing, and what the next year should bring."
        ),
        "escalate_hours": None,
    },
    {
        "name": _("A payment failed"),
        "kind": Kind.ABOVE,
        "fact": "failed_payments_90d",
        "amount": 1,
        "cause": Cause.MONEY,
        "severity": Severity.CAUTION,
        "advice": _("Write to the billing contact: often a card has run out."),
    },
    {
        "name": _("A bad answer in a survey"),
        "kind": Kind.RULE,
        "condition": "nps <= 6 AND nps_days_ago <= 14",
        "cause": Cause.SENTIMENT,
        "severity": Severity.CAUTION,
        "advice": _("Call within two days, thank for the answer, and ask what stands behind it."),
    },
    {
        "name": _("Two or more cases are open"),
        "kind": Kind.ABOVE,
        "fact": "cases_open",
        "amount": 2,
        "cause": Cause.SERVICE,
        "severity": Severity.INFO,
        "advice": _("Ask support what keeps them open, and tell the customer when it will end."),
        "pace": Pace.DAILY,
    },
    {
        "name": _("A regular customer stopped buying"),
        "kind": Kind.RULE,
        "condition": (
            "usual_gap_days <= 60 AND days_since_purchase > 3 * usual_gap_days "
            "AND days_since_purchase > 30"
        ),
        "cause": Cause.BUYING,
        "severity": Severity.CAUTION,
        "advice": _("Write in person: what they bought last, and what has come since."),
        "pace": Pace.DAILY,
    },
    {
        "name": _("Nobody spoke with the customer for 60 days"),
        "kind": Kind.RULE,
        "condition": "days_since_contact > 60 AND contracts > 0",
        "cause": Cause.RELATION,
        "severity": Severity.INFO,
        "advice": _("Get in touch with something of use: a result, a new possibility."),
        "pace": Pace.DAILY,
    },
    {
        "name": _("All seats are in use"),
        "kind": Kind.RULE,
        "condition": "seats_used >= seats AND seats > 0",
        "cause": Cause.GROWTH,
        "severity": Severity.GOOD,
        "advice": _("Show what more seats would bring, with figures of their own use."),
    },
    {
        "name": _("Use of the product grew by half"),
        "kind": Kind.RULE,
        "condition": "active_days_change >= 0.5 AND active_days_28d >= 8",
        "cause": Cause.GROWTH,
        "severity": Severity.GOOD,
        "advice": _("Ask what they achieved: a story to tell others, and a talk about more."),
        "pace": Pace.DAILY,
    },
)
