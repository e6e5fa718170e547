"""Sessions in the database that know whose they are, so that they can be listed and ended."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import InternalError, OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kizuna.web.accounts.models import Session

PLACE = "place"


class SessionStore(DatabaseStore):
    """Keeps each session in a row of `Session`."""

    def save(self, must_create: bool = False) -> None:
        """Write the row; what keeps the database from it is not mistaken for a session's end."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InternalError):
                raise error.__context__ from None
            raise

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Name the table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Make the row, with whose it is and where it began."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        person, place = data.get(SESSION_KEY), data.get(PLACE, {})
        row.person_id = int(person) if person else None
        row.address, row.agent = place.get("address"), place.get("agent", "")
        row.started_at = parse_datetime(place.get("at", "")) or timezone.now()
        return row
