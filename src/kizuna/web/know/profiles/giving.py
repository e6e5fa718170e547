"""What people know of customers, given to a run: who the people at each customer are."""

from __future__ import annotations

import pyarrow as pa
from django.utils import timezone

from kizuna.pipeline.store import Store
from kizuna.pipeline.tables import arrow_schema
from kizuna.web.know.profiles.models import Contact

TABLE = "contacts"


def give_contacts(store: Store) -> None:
    """Write the contacts as they are now; where there are none and never were, nothing."""
    rows = [
        {
            "contact_id": str(contact.pk),
            "customer_id": contact.customer_id,
            "role": contact.role,
            "known_on": timezone.localdate(contact.changed_at),
        }
        for contact in Contact.objects.order_by("pk").iterator()
    ]
    if rows or TABLE in store.names():
        store.write(TABLE, pa.Table.from_pylist(rows, schema=arrow_schema(TABLE)))
