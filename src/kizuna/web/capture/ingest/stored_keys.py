"""The write keys of the database, as the door reads them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from django.db import InternalError, OperationalError
from django.utils import timezone

from kizuna.web.capture.ingest import queries
from kizuna.web.capture.ingest.keyring import Known
from kizuna.web.capture.ingest.models import NOTED_EVERY, Kind, WriteKey


class StoredKeys:
    """Reads keys, and notes now and then which are used."""

    def read(self) -> Mapping[bytes, Known]:
        """Give the keys in use by their digests."""
        return {bytes.fromhex(key.digest): known(key) for key in queries.keys_in_use()}

    def note(self, used: set[int]) -> None:
        """Note which keys were used, no more often than people look."""
        now = timezone.now()
        # where nothing can be written, events may still be kept elsewhere
        with suppress(OperationalError, InternalError):
            recent = queries.used_since(used, now - NOTED_EVERY)
            if stale := used - recent:
                WriteKey.objects.filter(pk__in=stale).update(used_at=now)


def known(key: WriteKey) -> Known:
    """Give what the door has to know of a key."""
    return Known(key.pk, key.kind == Kind.BROWSER, frozenset(key.origins), key.per_second)
