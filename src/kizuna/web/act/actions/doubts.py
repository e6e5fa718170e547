"""What speaks against going live: each doubt with the number of customers that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kizuna.web.act.actions.models import Action
from kizuna.web.act.actions.sizing import Size
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.ui.templatetags.ui import minor_money, share, writer

NEARLY_ALL = 0.95


@dataclass(frozen=True, slots=True)
class Doubt:
    """A warning: `mood` is that of its notice, `count` the customers concerned."""

    mood: str
    text: str
    count: int | None = None
    url: str = ""
    action: str = ""


def doubts(action: Action, audience: int | None, size: Size | None, currency: str) -> list[Doubt]:
    """Say what speaks against it; nothing where nothing does."""
    found = [_everyone(action, audience), _never(action, audience, size, currency)]
    found += [_no_worth(action, size, currency), _no_purpose(action)]
    return [doubt for doubt in found if doubt is not None]


def _everyone(action: Action, audience: int | None) -> Doubt | None:
    if audience is None or not audience:
        return None
    known = CustomerFact.objects.count()
    if audience < NEARLY_ALL * known:
        return None
    text = _("It is for everyone: %(n)s of %(all)s customers.")
    say = writer()
    told = text % {"n": say.number(audience), "all": say.number(known)}
    return Doubt("caution", told, audience)


def _never(action: Action, audience: int | None, size: Size | None, currency: str) -> Doubt | None:
    if not action.is_optional:
        return None
    if not action.holdout:
        said = _("Nobody is held out: what it earns will never be known.")
        return Doubt("serious", said, audience)
    if size is None or size.is_enough:
        return None
    told = {
        "n": writer().number(size.customers),
        "needed": writer().number(size.needed),
        "worth": minor_money(size.worth, currency),
        "share": share(action.holdout),
    }
    if size.holdout is None:
        text = _(
            "It can hardly ever conclude: to show %(worth)s a customer takes %(needed)s customers "
            "with %(share)s held out, and there are %(n)s; even half held out is too few. Choose a "
            "larger audience, or say that only a larger effect matters."
        )
        return Doubt("serious", text % told, size.customers)
    text = _(
        "Too few are held out ever to conclude: to show %(worth)s a customer takes %(needed)s "
        "customers with %(share)s held out, and there are %(n)s. With %(better)s held out they "
        "are enough."
    )
    told["better"] = share(size.holdout)
    return Doubt("caution", text % told, size.customers)


def _no_worth(action: Action, size: Size | None, currency: str) -> Doubt | None:
    if not action.is_optional or action.worth or action.cost_per_unit:
        return None
    if size is not None:
        text = _(
            "It costs nothing and says of no effect that it matters: a tenth of what a customer "
            "brings in is taken, %(worth)s."
        )
        return Doubt("info", text % {"worth": minor_money(size.worth, currency)})
    text = _(
        "It costs nothing and says of no effect that it matters: how many customers it takes "
        "cannot be told."
    )
    return Doubt("info", text)


def _no_purpose(action: Action) -> Doubt | None:
    if action.purpose.strip():
        return None
    return Doubt("info", _("It does not say what it is for."))
