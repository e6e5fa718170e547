"""A published shop, and programs of several people."""

from __future__ import annotations

from typing import Any

import pytest

from kizuna.web.accounts.models import Person
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from published_shop import refreshed_shop
from web.interface.asking import Program


@pytest.fixture
def published(settings: Any, db: None) -> Publication:
    """Publish the shop."""
    settings.KIZUNA_HOME, found = refreshed_shop()
    return services.record(publication=Publication.objects.create(), found=found)


@pytest.fixture
def program(aiko: Person) -> Program:
    """A program that may do everything."""
    return Program(aiko)
