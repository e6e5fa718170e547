"""The page of a customer leads to a request about her."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from kizuna.web.accounts.models import Role
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from published_shop import refreshed_shop
from tests.web.conftest import ClientOf, person

pytestmark = pytest.mark.django_db


def test_managers_are_led_from_a_customer_to_a_request(
    settings: Any, db: None, client_of: ClientOf
) -> None:
    settings.KIZUNA_HOME, found = refreshed_shop()
    services.record(publication=Publication.objects.create(), found=found)
    her = CustomerFact.objects.order_by("-frequency")[0].pk
    page, link = reverse("customers:one") + f"?id={her}", reverse("privacy:add") + f"?id={her}"
    manager, member = (
        client_of(person(name, role)) for name, role in (("Mia", Role.MANAGER), ("Bo", Role.MEMBER))
    )
    assert link in manager.get(page).content.decode()
    assert link not in member.get(page).content.decode()
    assert f'value="{her}"' in manager.get(link).content.decode()
