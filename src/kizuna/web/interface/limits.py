"""How often a key may ask: counted in the database, so that all processes count together."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from kizuna.pipeline.engine import identifier
from kizuna.web.accounts.models import ApiKey
from kizuna.web.interface.models import Allowance
from kizuna.web.trouble import trouble_of

RECORDED_EVERY = timedelta(hours=1)


def wait_for(*, key: ApiKey, now: datetime) -> int:
    """Count a request; give the seconds to wait where the key has asked too often, else 0."""
    minute, second = divmod(int(now.timestamp()), 60)
    asked = 0
    # where nothing can be written, what can be read is still read
    try:
        asked = _count(key.pk, minute)
    except DatabaseError as error:
        if trouble_of(error) is None:
            raise
    return 60 - second if asked > settings.API_PER_MINUTE else 0


def is_due(*, key: ApiKey, now: datetime) -> bool:
    """Whether the reading of a key is to be recorded: once an hour, by whoever is first."""
    old = Q(recorded_at=None) | Q(recorded_at__lt=now - RECORDED_EVERY)
    return Allowance.objects.filter(old, pk=key.pk).update(recorded_at=now) == 1


def _count(key: int, minute: int) -> int:
    table = identifier(Allowance._meta.db_table)
    sql = (
        f"INSERT INTO {table} (key_id, minute, asked) VALUES (%s, %s, 1) "
        f"ON CONFLICT (key_id) DO UPDATE SET minute = excluded.minute, asked = "
        f"CASE WHEN {table}.minute = excluded.minute THEN {table}.asked + 1 ELSE 1 END "
        "RETURNING asked"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [key, minute])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
