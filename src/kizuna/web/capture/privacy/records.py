"""A person in the application's own records: every table, whichever app it belongs to.

A row with her key in a column that says whose it is goes; a text of another row that names her
loses her name. What belongs to people who sign in, and the audit log, which has its own way, is
left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import ProtectedError, Q

from kizuna.jobs.erasure import ABOVE, WHOSE, Erased
from kizuna.jobs.subjects import INSTEAD, Subject

LEFT_ALONE = frozenset({"accounts", "auth", "contenttypes", "sessions", "privacy"})
"""People who sign in; the audit log, which is redacted; the register itself, which is encrypted."""
IDENTIFIERS = "identities.Identifier"
TEXTS = (models.CharField, models.TextField, models.JSONField)


def held() -> list[type[models.Model]]:
    """Give the tables in which a customer may be."""
    found = (m for m in apps.get_models() if m._meta.app_label not in LEFT_ALONE)
    return [m for m in found if m._meta.managed and not m._meta.proxy and columns(m)]


def columns(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Give the columns of a table that hold text; choices name nobody."""
    fields = [f for f in model._meta.concrete_fields if isinstance(f, TEXTS)]
    return [f for f in fields if not f.choices]


def rows(model: type[models.Model], who: Subject) -> models.QuerySet[Any]:
    """Give the rows that are hers."""
    condition = Q(pk__in=[])
    for field in columns(model):
        if field.name in WHOSE:
            condition |= Q(**{f"{field.name}__in": who.ids})
    return model._base_manager.filter(condition)


def everything(who: Subject) -> dict[str, list[dict[str, Any]]]:
    """Give her rows of every table that has some."""
    found = {model._meta.db_table: list(rows(model, who).values()) for model in held()}
    return {name: mine for name, mine in found.items() if mine}


def texts(who: Subject) -> list[str]:
    """Give the addresses and numbers that the records know of her."""
    found: set[str] = set()
    for model in held():
        names = {f.name for f in columns(model)}
        for contact in ({"email", "phone"} & names) if names & set(WHOSE) else ():
            found |= set(rows(model, who).values_list(contact, flat=True))
        if model._meta.label == IDENTIFIERS:
            found |= set(rows(model, who).values_list("value", flat=True))
    return sorted(text for text in found if text)


def erase(who: Subject) -> Iterator[Erased]:
    """Take her out of every table, a table a transaction; tell what was done where."""
    waiting = held()
    while waiting:
        left = []
        for model in waiting:
            try:
                with transaction.atomic():
                    removed = rows(model, who).delete()[0]
                    changed = _redact(model, who)
            except ProtectedError:  # rows of a table further down hold to these
                left.append(model)
                continue
            if removed or changed:
                yield Erased(f"database/{model._meta.db_table}", removed, changed)
        if left == waiting:
            raise RuntimeError(f"tables hold to each other: {left}")
        waiting = left


def contact_texts(said: str) -> list[str]:
    """Give the addresses and numbers of a contact who is known by one of them."""
    found = _contacts().filter(Q(email__iexact=said) | Q(phone=said))
    return sorted({text for pair in found.values_list("email", "phone") for text in pair if text})


def erase_contacts(who: Subject) -> list[Erased]:
    """Take a contact off every company."""
    hers = Q(pk__in=[])
    for text in who.texts:
        hers |= Q(email__iexact=text) | Q(phone=text)
    gone = _contacts().filter(hers).delete()[0]
    return [Erased("database/profiles_contact", removed=gone)] if gone else []


def _contacts() -> models.QuerySet[Any]:
    return apps.get_model("profiles", "Contact")._base_manager.all()


def scrub() -> None:
    """Leave no byte of what was deleted in the file of the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for model in held():
            cursor.execute(f"VACUUM FULL {connection.ops.quote_name(model._meta.db_table)}")


def _redact(model: type[models.Model], who: Subject) -> int:
    fields = [f for f in columns(model) if f.name not in WHOSE]
    done = model._base_manager.filter(_naming(fields, who)) if who.names else ()
    changed = 0
    for row in done:
        said = {f.attname: _without(row, f, who) for f in fields if not f.primary_key}
        # past what a model does when it is saved: some refuse every change
        model._base_manager.filter(pk=row.pk).update(**said)
        changed += 1
    return changed


def _naming(fields: Sequence[models.Field[Any, Any]], who: Subject) -> Q:
    """Find rows that name her: whole texts by any of her names, parts of texts by distinct ones."""
    condition = Q(pk__in=[])
    for field in fields:
        if field.primary_key:
            continue
        if not isinstance(field, models.JSONField):
            condition |= Q(**{f"{field.name}__in": who.names})
        for text in who.distinct:
            condition |= Q(**{f"{field.name}__icontains": text})
            # where the database keeps JSON as text, other letters are written as their numbers
            if isinstance(field, models.JSONField) and not text.isascii():
                condition |= Q(**{f"{field.name}__icontains": json.dumps(text)[1:-1]})
        for pattern in filter(None, (*who.numbers, who.keyed)):
            condition |= Q(**{f"{field.name}__iregex": pattern})
    return condition


def _without(row: models.Model, field: models.Field[Any, Any], who: Subject) -> Any:
    value = getattr(row, field.attname)
    if value is None or field.primary_key:
        return value
    if isinstance(field, models.JSONField):
        return json.loads(who.without(json.dumps(value, ensure_ascii=False)))
    if field.name in ABOVE and value in who.ids:
        return None if field.null else ""
    if value in who.names:
        return f"{INSTEAD} {row.pk}" if field.unique else INSTEAD
    return who.without(str(value))
