"""The anonymity job: whoever is made anonymous is gone, and her orders still count.

They go on under one random key, with order numbers and times of day that nobody can lead back:
what they were made of is written nowhere. Everything else of hers is erased.
"""

from __future__ import annotations

import secrets

from kizuna.jobs.erasure import PATIENCE, Erased
from kizuna.jobs.load import alone
from kizuna.jobs.log_sql import LOG
from kizuna.jobs.subjects import Subject
from kizuna.pipeline.engine import quoted
from kizuna.pipeline.store import Store

KEY = "removed-"
KEPT = (LOG, "transactions")


def detach(store: Store, who: Subject, *, wait: float = PATIENCE) -> list[Erased]:
    """Put somebody's orders under a key of nobody; the erasure of all else is to follow.

    A second call after one that was killed puts the rest under a key of its own.

    Raises
    ------
    InputError
        When an import has been running for longer than `wait`.

    """
    key, salt = KEY + secrets.token_hex(8), secrets.token_hex(16)
    number = f"encode(sha256(concat({quoted(salt)}, order_id)), 'hex')"
    hers = f"customer_id IN ({', '.join(map(quoted, who.ids)) or 'NULL'})"
    values = {
        "customer_id": quoted(key),
        "order_id": f"CASE WHEN order_id IS NOT NULL THEN {number} END",
        "ordered_at": "CAST(ordered_on AS TIMESTAMP)",
    }
    done = []
    with alone(store, wait):
        for name in KEPT:
            if name in store.names() and (changed := store.change(name, values, hers)):
                store.forget(name)
                done.append(Erased(f"store/{name}", redacted=changed))
    return done
