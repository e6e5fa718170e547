"""The door of this installation: its keys, its limits, its clocks."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from kizuna.web.capture.ingest.door import Door
from kizuna.web.capture.ingest.keyring import Keyring
from kizuna.web.capture.ingest.limits import Limits
from kizuna.web.capture.ingest.stored_keys import StoredKeys


def door() -> Door:
    """Make the door."""
    keyring = Keyring(StoredKeys(), time.monotonic)
    limits = Limits(Path(settings.KIZUNA_HOME))
    return Door(keyring, limits, timezone.now, time.monotonic)
