"""Writes: segments that are kept, changed and removed, and the rebuild that fills them."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.http import HttpRequest
from django.utils import timezone

from kizuna.jobs import segments as job
from kizuna.pipeline.parameters import minor_units
from kizuna.pipeline.rules.catalogue import known_facts
from kizuna.pipeline.rules.errors import RuleError
from kizuna.pipeline.rules.reading import read
from kizuna.pipeline.rules.terms import Rule
from kizuna.web.accounts.models import Person, Role
from kizuna.web.accounts.services import audit
from kizuna.web.jobs.services import announce
from kizuna.web.know.publications.queries import published
from kizuna.web.know.publications.services import store
from kizuna.web.know.segments.models import Kind, Rebuild, Segment, SegmentVersion

REBUILDS_KEPT = 100
FOUND = "segments_found"
"""Announced with `segments`: whose customers are known for the first time, by the rule of now."""


class NameTakenError(ValueError):
    """Another segment has this name."""


class WatchedError(ValueError):
    """An alert rule tells of who enters or leaves this segment."""


class ChangedMeanwhileError(ValueError):
    """Someone else has changed the segment since it was read."""

    def __init__(self, now: Segment) -> None:
        super().__init__(str(now))
        self.now = now


def save(
    *,
    actor: Person,
    name: str,
    rule: str,
    description: str = "",
    request: HttpRequest | None = None,
) -> Segment:
    """Keep a live segment under a new name; raises `RuleError` and keeps nothing."""
    _permitted(actor)
    written = read(rule, known_facts()).text
    try:
        with transaction.atomic():
            made = Segment.objects.create(
                name=name.strip(),
                description=description,
                rule=written,
                created_by=actor,
                changed_at=timezone.now(),
            )
            _version(made, actor)
            _audit(actor, "saved", made, request)
    except IntegrityError as error:
        raise _taken(name, error) from error
    _ask()
    return made


def change(
    *,
    actor: Person,
    pk: int,
    version: int,
    name: str,
    rule: str,
    description: str = "",
    request: HttpRequest | None = None,
) -> Segment:
    """Write over a segment as it was read; a rule that cannot be used leaves it as it is."""
    _permitted(actor)
    try:
        with transaction.atomic():
            kept = Segment.objects.select_for_update().get(pk=pk)
            if kept.version != version:
                raise ChangedMeanwhileError(kept)
            before = _told(kept)
            kept.rule = read(rule, known_facts()).text if kept.live else kept.rule
            kept.name, kept.description = name.strip(), description
            kept.version, kept.changed_at = version + 1, timezone.now()
            kept.save()
            _version(kept, actor)
            _audit(actor, "changed", kept, request, before)
    except IntegrityError as error:
        raise _taken(name, error, but=pk) from error
    _ask()
    return kept


def freeze(*, actor: Person, pk: int, name: str, request: HttpRequest | None = None) -> Segment:
    """Keep who is in a segment now under another name; they stay, whatever becomes of them."""
    _permitted(actor)
    from kizuna.web.know.segments.queries import member_ids

    now = timezone.now()
    try:
        with transaction.atomic():
            source = Segment.objects.get(pk=pk)
            made = Segment.objects.create(
                name=name.strip(), kind=Kind.FIXED, rule="", created_by=actor, changed_at=now
            )
            made.description = source.rule
            made.customers = job.fix(store(), made.pk, member_ids(pk), at=now)
            made.save()
            _audit(actor, "frozen", made, request)
    except IntegrityError as error:
        raise _taken(name, error) from error
    _ask()
    return made


def remove(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Let a segment go, with its members and its history."""
    _permitted(actor)
    with transaction.atomic():
        kept = Segment.objects.select_for_update().filter(pk=pk).first()
        if kept is None:
            return
        _audit(actor, "removed", kept, request, _told(kept))
        try:
            kept.delete()
        except ProtectedError as error:
            raise WatchedError(str(kept)) from error
    job.forget(store(), pk)


def export(*, actor: Person, pk: int, request: HttpRequest | None = None) -> None:
    """Record that the members of a segment left as a file."""
    _permitted(actor)
    audit(actor=actor, action="know.segment.exported", target=f"segment {pk}", request=request)


def rebuild() -> Rebuild | None:
    """Find who is in each segment by what is published; None where nothing is."""
    state, now = published(), timezone.now()
    if state is None or not state.has("customer_facts"):
        return None
    kept = list(Segment.objects.order_by("pk"))
    rules = _usable(kept)
    wanted = job.Wanted(
        rules,
        tuple(s.pk for s in kept if s.pk not in rules and s.customers is not None),
        frozenset(s.pk for s in kept if s.built_version != s.version and s.pk in rules),
    )
    found = job.rebuild(
        store(),
        state.files("customer_facts"),
        wanted,
        at=now,
        today=state.publication.as_of or now.date(),
        minor_units=minor_units(state.currency),
    )
    return _record(kept, found, rules)


def _usable(kept: Iterable[Segment]) -> dict[int, Rule]:
    """Read the rules; one that can no longer be used says why, and its members stay."""
    facts, rules = known_facts(), {}
    for one in kept:
        one.problem = ""
        if not one.live:
            continue
        try:
            rules[one.pk] = read(one.rule, facts)
        except RuleError as error:
            one.problem = str(error)
    return rules


def _record(kept: list[Segment], found: job.Rebuilt, rules: dict[int, Rule]) -> Rebuild:
    now = timezone.now()
    fresh = [one.pk for one in kept if one.pk in rules and one.built_version != one.version]
    for one in kept:
        size = found.sizes.get(one.pk)
        if size is None:
            continue
        one.customers, one.value, one.at_risk = size.customers, size.value, size.at_risk
        one.entered, one.left, one.built_at = size.entered, size.left, now
        one.built_version = one.version if one.pk in rules else one.built_version
    names = ["customers", "value", "at_risk", "entered", "left", "built_at", "built_version"]
    with transaction.atomic():
        Segment.objects.bulk_update(kept, [*names, "problem"], batch_size=100)
        made = Rebuild.objects.create(
            at=now,
            seconds=found.seconds,
            customers=found.customers,
            in_none=found.in_none,
            segments=len(found.sizes),
        )
        Rebuild.objects.filter(pk__lte=made.pk - REBUILDS_KEPT).delete()
        if fresh:
            announce(FOUND, segments=fresh)
    return made


def _ask() -> None:
    from kizuna.web.know.segments.tasks import rebuild as task

    transaction.on_commit(lambda: task.enqueue())


def _version(segment: Segment, actor: Person) -> None:
    SegmentVersion.objects.create(
        segment=segment,
        number=segment.version,
        rule=segment.rule,
        by=actor,
        at=segment.changed_at,
    )


def _told(segment: Segment) -> dict[str, str]:
    return {"name": segment.name, "kind": segment.kind, "rule": segment.rule}


def _audit(
    actor: Person,
    what: str,
    segment: Segment,
    request: HttpRequest | None,
    before: dict[str, str] | None = None,
) -> None:
    audit(
        actor=actor,
        action=f"know.segment.{what}",
        target=str(segment),
        before=before,
        after=_told(segment),
        request=request,
    )


def _permitted(actor: Person) -> None:
    if not actor.may(Role.MEMBER):
        raise PermissionDenied


def _taken(name: str, error: IntegrityError, but: int | None = None) -> Exception:
    others = Segment.objects.filter(name=name.strip()).values_list("pk", flat=True)
    return NameTakenError(name) if set(others) - {but} else error
