"""Rules that come with Kizuna: each is one that an owner would thank for.

They speak of customers for whom somebody's time is worth it: companies under contract, and of a
shop's customers those of whom more than `FLOOR` is expected still. Who will go is told of once, and
then no more of what matters little.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.alerts.models import Cause, Kind, Pace, Severity

FLOOR = "FLOOR"
"""Stands in conditions for an amount below which nobody's time is worth it."""
FLOORS = {1: 10_000, 100: 100, 1_000: 30}
"""It, in units of a currency that has so many minor ones in each."""
NO_PERSON = "(kind IS NULL OR kind <> 'person')"
A_COMPANY = f"mrr > 0 AND {NO_PERSON}"
WITHOUT_CONTRACT = "(mrr IS NULL OR mrr = 0)"
STAYS = "(auto_renew IS NULL OR auto_renew)"
"""Neither has notice been given, nor does the contract end by itself."""
NOT_DUE = f"{STAYS} AND (days_to_notice IS NULL OR days_to_notice < 0 OR days_to_notice > 45)"
"""And no notice is due soon: of whom it is, another rule speaks."""
AT_EASE = f"{STAYS} AND (hard_issues_90d IS NULL OR hard_issues_90d = 0)"
"""Nor is there a case that went badly: of more one does not speak then."""
WORTH_IT = f"({A_COMPANY} OR residual_clv >= {FLOOR})"


def condition_of(ready: dict[str, Any], currency: str) -> str:
    """Give the condition of a ready rule, with amounts as they make sense in a currency."""
    floor = FLOORS.get(minor_units(currency or "XXX"), 100)
    return str(ready["condition"]).replace(FLOOR, str(floor))


READY: tuple[dict[str, Any], ...] = (
    {
        "name": _("Use of the product halved"),
        "kind": Kind.RULE,
        "condition": (
            f"active_days_change <= -0.5 AND active_days_usual >= 4 AND {A_COMPANY} AND {NOT_DUE}"
        ),
        "cause": Cause.USE,
        "severity": Severity.CAUTION,
        "advice": _(
            "Ask whoever brought the product in what changed: people who left, another tool, a "
            "project that ended. Offer half an hour of training to those who are still there."
        ),
    },
    {
        "name": _("Notice is due within 45 days, and use is falling"),
        "kind": Kind.RULE,
        "condition": (
            "days_to_notice BETWEEN 0 AND 45 AND active_days_change <= -0.25 "
            f"AND active_days_usual >= 4 AND {A_COMPANY}"
        ),
        "cause": Cause.RENEWAL,
        "severity": Severity.SERIOUS,
        "advice": _(
            "Talk to whoever decides before the day of notice: what was achieved, what is "
            "missing, and what the next year should bring."
        ),
    },
    {
        "name": _("The contract will end: notice was given, or it does not renew"),
        "kind": Kind.RULE,
        "condition": f"NOT auto_renew AND days_to_renewal BETWEEN 0 AND 120 AND {A_COMPANY}",
        "cause": Cause.RENEWAL,
        "severity": Severity.SERIOUS,
        "advice": _(
            "Call this week: ask for the reason, and offer what answers it. If they go all the "
            "same, write the reason down, and say that they can come back at any time."
        ),
    },
    {
        "name": _("A payment failed and has not been made good"),
        "kind": Kind.RULE,
        "condition": "failed_payments_open >= 1 AND mrr > 0",
        "cause": Cause.MONEY,
        "severity": Severity.CAUTION,
        "advice": _(
            "Write to whoever pays the bill: often a card has run out. Enclose the link by which "
            "it can be renewed."
        ),
    },
    {
        "name": _("A bad answer in a survey"),
        "kind": Kind.RULE,
        "condition": f"nps <= 6 AND nps_days_ago <= 14 AND {WORTH_IT}",
        "cause": Cause.SENTIMENT,
        "severity": Severity.CAUTION,
        "advice": _("Call within two days, thank for the answer, and ask what stands behind it."),
    },
    {
        "name": _("A case went badly"),
        "kind": Kind.RULE,
        "condition": f"hard_issues_90d >= 1 AND {WORTH_IT}",
        "cause": Cause.SERVICE,
        "severity": Severity.CAUTION,
        "advice": _(
            "Read the case, and call: say that you know what it cost them, whether it is solved, "
            "and who sees to it that it does not come again."
        ),
    },
    {
        "name": _("Two or more cases are open"),
        "kind": Kind.RULE,
        "condition": f"cases_open >= 2 AND {WORTH_IT}",
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
            f"AND days_since_purchase > 30 AND residual_clv >= {FLOOR} AND {WITHOUT_CONTRACT}"
        ),
        "cause": Cause.BUYING,
        "severity": Severity.CAUTION,
        "advice": _("Write in person: what they bought last, and what has come since."),
        "pace": Pace.DAILY,
    },
    {
        "name": _("Nobody spoke with the customer for 60 days"),
        "kind": Kind.RULE,
        "condition": (f"days_since_contact > 60 AND mrr >= {FLOOR} AND {NO_PERSON} AND {STAYS}"),
        "cause": Cause.RELATION,
        "severity": Severity.INFO,
        "advice": _("Get in touch with something of use: a result, a new possibility."),
        "pace": Pace.DAILY,
    },
    {
        "name": _("All seats are in use"),
        "kind": Kind.RULE,
        "condition": f"seats_used >= seats AND seats >= 3 AND {AT_EASE}",
        "cause": Cause.GROWTH,
        "severity": Severity.GOOD,
        "advice": _("Show what more seats would bring, with figures of their own use."),
    },
    {
        "name": _("Use of the product grew by half"),
        "kind": Kind.RULE,
        "condition": (
            "active_days_change >= 0.5 AND active_days_usual >= 4 AND active_days_28d >= 8 "
            f"AND {A_COMPANY} AND {AT_EASE}"
        ),
        "cause": Cause.GROWTH,
        "severity": Severity.GOOD,
        "advice": _("Ask what they achieved: a story to tell others, and a talk about more."),
        "pace": Pace.DAILY,
    },
)
