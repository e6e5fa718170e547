"""What-if for programs: try changes, and keep them as scenarios."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Field, Path, Query, Router, Schema, Status

from kizuna.clv.what_if import Change as Moved
from kizuna.clv.what_if import Estimate, Outcome
from kizuna.pipeline.parameters import minor_units
from kizuna.web.accounts.models import Scope
from kizuna.web.interface.keys import Key, holder_of
from kizuna.web.interface.problems import ProblemError
from kizuna.web.interface.shapes import Body, Id, Number
from kizuna.web.know.scenarios import queries, services
from kizuna.web.know.scenarios.models import LIMITS, Scenario
from kizuna.web.know.scenarios.queries import Basis

router = Router(tags=["scenarios"])

Pk = Annotated[Id, Path(...)]
MARGIN, COST = (0.1, 100), (0.01, 1e12)


def _within(limits: tuple[float, float]) -> Any:
    return Field(ge=limits[0], le=limits[1], allow_inf_nan=False)


class Tried(Schema):
    """Changes in percent; margin in percent of revenue, cost in units of the currency."""

    loss: Annotated[Number, _within(LIMITS["loss"])] = 0.0
    frequency: Annotated[Number, _within(LIMITS["frequency"])] = 0.0
    basket: Annotated[Number, _within(LIMITS["basket"])] = 0.0
    acquisition: Annotated[Number, _within(LIMITS["acquisition"])] = 0.0
    margin: Annotated[Number, _within(MARGIN)] | None = None
    cost: Annotated[Number, _within(COST)] | None = None


class Kept(Body):
    """A scenario as it is to be kept; changes in percent, cost in units of the currency."""

    name: str = Field(min_length=1, max_length=120, pattern=r"^[^\x00\s]([^\x00]*[^\x00\s])?$")
    loss: Annotated[float, _within(LIMITS["loss"])] = 0.0
    frequency: Annotated[float, _within(LIMITS["frequency"])] = 0.0
    basket: Annotated[float, _within(LIMITS["basket"])] = 0.0
    acquisition: Annotated[float, _within(LIMITS["acquisition"])] = 0.0
    margin: Annotated[float, _within(MARGIN)] | None = None
    cost: Annotated[float, _within(COST)] | None = None


class KeptAgain(Kept):
    """A scenario changed; `version` is the one that was read."""

    version: int = Field(ge=1, le=2**31 - 1)


class EstimateShape(Schema):
    """An estimate with its range; empty where it lies beyond what is known."""

    value: float | None
    low: float | None
    high: float | None


class ChangeShape(Schema):
    """Before, after, and what is gained."""

    before: EstimateShape
    after: EstimateShape
    gain: EstimateShape


class OutcomeShape(Schema):
    """What comes of a scenario; money in units of the currency, payback in months."""

    currency: str
    acquisition_cost: float | None
    customer_equity: ChangeShape
    purchases: ChangeShape
    kept: ChangeShape
    ltv_of_a_new_customer: ChangeShape
    ltv_to_cost: ChangeShape | None
    payback_months: ChangeShape | None


class ScenarioShape(Schema):
    """A scenario that is kept."""

    id: int
    name: str
    version: int
    loss: float
    frequency: float
    basket: float
    acquisition: float
    margin: float | None
    cost: float | None
    currency: str
    created_by: str | None
    created_at: datetime
    changed_at: datetime


class OneScenario(ScenarioShape):
    """A scenario with what comes of it now."""

    outcome: OutcomeShape | None


class Scenarios(Schema):
    """Every scenario that is kept."""

    items: list[ScenarioShape]


@router.get(
    "/what-if",
    auth=Key(Scope.READ),
    response=OutcomeShape,
    summary=gettext_noop("Try changes without keeping them"),
)
def what_if(request: HttpRequest, tried: Query[Tried]) -> dict[str, Any]:
    """Say what comes of some changes to what is published now."""
    basis = _basis()
    told = _outcome(basis, _values(basis, tried.model_dump()))
    if told is None:
        raise Http404(_("What was published is not enough for scenarios yet."))
    return told


@router.get(
    "/scenarios",
    auth=Key(Scope.READ),
    response=Scenarios,
    summary=gettext_noop("List the scenarios that are kept"),
)
def list_scenarios(request: HttpRequest) -> dict[str, Any]:
    """Give every scenario, by name."""
    return {"items": [_scenario(found) for found in queries.scenarios()]}


@router.post(
    "/scenarios",
    auth=Key(Scope.SCENARIOS),
    response={201: OneScenario},
    summary=gettext_noop("Keep a scenario"),
)
def keep(request: HttpRequest, kept: Kept) -> dict[str, Any]:
    """Keep changes under a name that no other scenario has."""
    basis = _basis()
    values = _values(basis, kept.model_dump(exclude={"name"}))
    try:
        made = services.save(
            actor=holder_of(request), name=kept.name, values=values, request=request
        )
    except services.NameTakenError:
        raise _taken() from None
    return _told(made, basis)


@router.get(
    "/scenarios/{int:pk}",
    auth=Key(Scope.READ),
    response=OneScenario,
    summary=gettext_noop("Tell one scenario and what comes of it"),
)
def one_scenario(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    """Give a scenario with its outcome by what is published now."""
    found = queries.scenario(pk)
    if found is None:
        raise Http404
    return _told(found, queries.basis())


@router.put(
    "/scenarios/{int:pk}",
    auth=Key(Scope.SCENARIOS),
    response=OneScenario,
    summary=gettext_noop("Change a scenario"),
)
def change(request: HttpRequest, pk: Pk, kept: KeptAgain) -> dict[str, Any]:
    """Write over a scenario; 409 where someone else has changed it since it was read."""
    basis = _basis()
    values = _values(basis, kept.model_dump(exclude={"name", "version"}))
    try:
        changed = services.change(
            actor=holder_of(request),
            pk=pk,
            version=kept.version,
            name=kept.name,
            values=values,
            request=request,
        )
    except services.NameTakenError:
        raise _taken() from None
    except services.ChangedMeanwhileError as error:
        said = _("Someone else has changed it: it is at version %(version)s now.")
        raise ProblemError(409, said % {"version": error.now.version}) from None
    return _told(changed, basis)


@router.delete(
    "/scenarios/{int:pk}",
    auth=Key(Scope.SCENARIOS),
    response={204: None},
    summary=gettext_noop("Remove a scenario"),
)
def remove(request: HttpRequest, pk: Pk) -> Status[None]:
    """Let a scenario go."""
    if queries.scenario(pk) is None:
        raise Http404
    services.remove(actor=holder_of(request), pk=pk, request=request)
    return Status(204, None)


def _taken() -> ProblemError:
    return ProblemError(409, _("Another scenario has this name; choose another one."))


def _basis() -> Basis:
    basis = queries.basis()
    if basis is None:
        raise Http404(_("Nothing is published yet: bring orders in first."))
    return basis


def _values(basis: Basis, given: dict[str, Any]) -> dict[str, Any]:
    currency, cost = basis.state.currency, given["cost"]
    minor = round(cost * minor_units(currency)) or None if cost else None
    return {**given, "cost": minor, "currency": currency}


def _told(found: Scenario, basis: Basis | None) -> dict[str, Any]:
    told = _outcome(basis, found.values) if basis else None
    return {**_scenario(found), "outcome": told}


def _scenario(found: Scenario) -> dict[str, Any]:
    cost = None if found.cost is None else found.cost / minor_units(found.currency)
    return {
        **found.values,
        "id": found.pk,
        "name": found.name,
        "version": found.version,
        "cost": cost,
        "created_by": found.created_by.name if found.created_by else None,
        "created_at": found.created_at,
        "changed_at": found.changed_at,
    }


def _outcome(basis: Basis, values: dict[str, Any]) -> dict[str, Any] | None:
    found = queries.found(basis, values)
    if found.outcome is None:
        return None
    out: Outcome = found.outcome
    return {
        "currency": basis.state.currency,
        "acquisition_cost": found.cost,
        "customer_equity": _change(out.equity),
        "purchases": _change(out.purchases),
        "kept": _change(out.kept),
        "ltv_of_a_new_customer": _change(out.ltv),
        "ltv_to_cost": _change(out.ratio) if out.ratio else None,
        "payback_months": _change(out.payback) if out.payback else None,
    }


def _change(moved: Moved) -> dict[str, Any]:
    return {name: _estimate(getattr(moved, name)) for name in ("before", "after", "gain")}


def _estimate(found: Estimate) -> dict[str, float | None]:
    names = ("value", "low", "high")
    return {n: v if math.isfinite(v := float(getattr(found, n))) else None for n in names}
