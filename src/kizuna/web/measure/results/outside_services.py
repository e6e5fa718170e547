"""Bringing in experiments that were made elsewhere: the file goes once its sums are taken."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from kizuna.jobs.outside import look, measure
from kizuna.pipeline.errors import InputError
from kizuna.pipeline.measure.outside import Plan, RefusedError
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.capture.imports import files
from kizuna.web.measure.results.models import Outside, Stage


def bring(*, actor: Person, name: str, file: Any, request: HttpRequest | None = None) -> Outside:
    """Keep a file and look at it; one that is no table leaves nothing behind.

    Raises
    ------
    InputError
        When the file cannot be read.

    """
    _must(actor)
    batch = f"experiment-{uuid.uuid4().hex}"
    with files.kept(batch) as folder:
        path = files.keep(folder, file)
        seen = asdict(look(path))
        with transaction.atomic():
            made: Outside = Outside.objects.create(
                name=name,
                file_name=(file.name or "")[-200:],
                path=str(path),
                asked={"seen": seen, "batch": batch},
                brought_by=actor,
            )
            _record(actor, "brought", made, request)
    return made


def plan(
    *,
    actor: Person,
    pk: int,
    plan: Plan,
    currency: str = "",
    request: HttpRequest | None = None,
) -> None:
    """Say which column is what, and have it computed."""
    from kizuna.web.measure.results.tasks import compute

    _must(actor)
    with transaction.atomic():
        found = Outside.objects.select_for_update().get(pk=pk)
        if not found.path:
            return
        found.asked |= {"plan": plan.to_dict(), "currency": currency or "XXX"}
        found.stage, found.error = Stage.ASKED, ""
        found.save(update_fields=["asked", "stage", "error"])
        compute.enqueue(found.pk)
        _record(actor, "planned", found, request, plan.to_dict())


def computed(*, pk: int) -> None:
    """Compute it; the file goes, and with it every row. Run again, nothing changes."""
    found = Outside.objects.get(pk=pk)
    if not found.path or "plan" not in found.asked:
        return
    batch = found.asked["batch"]
    try:
        result = measure(Path(found.path), Plan.from_dict(found.asked["plan"]))
    except FileNotFoundError:
        _refused(found, "gone", {})
        return
    except RefusedError as error:
        _refused(found, error.code, error.values)
        return
    except InputError as error:
        _refused(found, "", {"text": str(error)})
        return
    found.found, found.stage, found.path = result, Stage.DONE, ""
    found.asked = {name: found.asked[name] for name in ("plan", "currency")}
    found.save(update_fields=["found", "stage", "path", "asked"])
    files.forget(batch)


def remove(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let an experiment go, with its file where there is one still."""
    _must(actor)
    with transaction.atomic():
        found = Outside.objects.select_for_update().get(pk=pk)
        batch = found.asked.get("batch", "")
        _record(actor, "removed", found, request)
        found.delete()
    if batch:
        files.forget(batch)


def _refused(found: Outside, code: str, values: dict[str, str]) -> None:
    found.stage, found.error = Stage.FAILED, code
    found.found = {"values": values}
    found.save(update_fields=["stage", "error", "found"])


def _must(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied


def _record(
    actor: Person,
    verb: str,
    found: Outside,
    request: HttpRequest | None,
    after: dict[str, Any] | None = None,
) -> None:
    action = f"measure.experiment.{verb}"
    audit(actor=actor, action=action, target=str(found), after=after, request=request)
