"""How each figure of a scenario is computed: definition, formula, rows, range, back-test."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.report.blocks import Facts
from kizuna.report.material import Material
from kizuna.report.sections import back_test
from kizuna.web.know.scenarios.queries import Basis
from kizuna.web.ui.components import Explain
from kizuna.web.ui.templatetags.ui import writer


def explained(basis: Basis, name: str) -> Explain:
    """Say how a figure is computed."""
    return _explained(basis, get_language() or "en")[name]


@lru_cache(maxsize=16)
def _explained(basis: Basis, language: str) -> dict[str, Explain]:
    """Say it of all figures, once for each publication and language."""
    m = material(basis)
    rows = _("%(orders)s orders of %(customers)s customers.") % {
        "orders": m.say.number(m.get("orders")),
        "customers": m.say.number(m.get("customers")),
    }
    tested, as_of = _tested(m), m.day("as_of")
    return {
        name: Explain(definition, formula, rows, _range(name), tested, as_of)
        for name, (definition, formula) in _definitions(m).items()
    }


def material(basis: Basis) -> Material:
    """Give what the report's sections are written from."""
    tables = {name: basis.state.table(name) for name in _tables(basis)}
    return Material(basis.state.summary, tables, writer(basis.state.currency))


def _tables(basis: Basis) -> list[str]:
    return [n for n in ("calibration", "frequency_calibration", "tracking") if basis.state.has(n)]


def _definitions(m: Material) -> dict[str, tuple[str, str]]:
    horizon = {"horizon": m.horizon}
    return {
        "equity": (
            _(
                "Margin that today's customers are expected to bring over %(horizon)s. The figure "
                "now is that of the value board. Leaving more slowly changes how long they buy; "
                "orders a year, value of an order and margin multiply it; the cost of winning "
                "customers does not move it."
            )
            % horizon,
            "E' = Σ P(alive) · E(spend) · M(loss·t)/loss × frequency × basket × margin",
        ),
        "ltv": (
            _(
                "Margin of a new customer over %(horizon)s: the first order and the repeat orders, "
                "discounted, before the cost of winning the customer. New customers are taken to "
                "be like those so far."
            )
            % horizon,
            "margin × (first order + repeat order × E(repeats))",
        ),
        "ratio": (
            _("LTV of a new customer over %(horizon)s ÷ the cost of winning one.") % horizon,
            "LTV ÷ cost",
        ),
        "payback": (
            _(
                "Months until the margin of a new customer, not discounted, has brought in the "
                "cost of winning that customer."
            ),
            "min t: margin × (first order + repeat order × E(repeats until t)) ≥ cost",
        ),
        "purchases": (
            _("Purchases of today's customers over %(horizon)s.") % horizon,
            "Σ P(alive) · M(loss·t)/loss × frequency",
        ),
        "kept": (
            _(
                "Purchases of today's customers in the month that begins a year from now ÷ those "
                "of the coming month: what is left when some have gone."
            ),
            "(M(13) − M(12)) ÷ M(1)",
        ),
    }


def _range(name: str) -> str:
    if name == "kept":
        return _("90%: 64 draws of the parameters, and the answers of the other models.")
    return _(
        "90%: the errors of the figure now, the same before and after; 64 draws of the parameters "
        "carried through both; and the answers of the other models. Not in it: whether the change "
        "can be reached."
    )


def _tested(m: Material) -> str:
    blocks = back_test.section(m).blocks
    facts = blocks[0].facts if blocks and isinstance(blocks[0], Facts) else ()
    if not facts:
        return _("Not tested: no part of the history was kept back.")
    tested = "; ".join(f"{fact.name}: {fact.value}, {fact.remark}" for fact in facts[:2])
    more = _("The effect of a change itself cannot be tested on the past; only an experiment can.")
    return f"{tested}. {more}"
