"""The interface against its own description: whatever is sent, no fault and nothing undescribed."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import ignored_auth

from kizuna.web.accounts.models import Person
from kizuna.web.know.publications.models import Publication
from web.interface.asking import Program

pytestmark = pytest.mark.django_db

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
MANY = settings(
    max_examples=500 if SOAK else 4,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# what only the data can tell, no description can: a cursor, columns of a file, a file that is none
TOLD_LATER = ["2xx", "401", "403", "404", "409", "422"]
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": TOLD_LATER}}}


schema = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json",
    get_wsgi_application(),
    config=schemathesis.Config.from_dict(CONFIG),
)


@pytest.fixture
def everything(published: Publication, settings: Any, aiko: Person) -> dict[str, str]:
    """Headers of a program that may do everything, as often as it likes."""
    settings.API_PER_MINUTE = 10**9
    return {"Authorization": f"Bearer {Program(aiko).text}"}


@schema.parametrize()
@MANY
def test_every_answer_is_as_described(case: Any, everything: dict[str, str]) -> None:
    case.call_and_validate(headers=everything)


def test_a_fault_would_be_found(everything: dict[str, str], monkeypatch: Any) -> None:
    def broken(*_said: object, **_more: object) -> object:
        raise RuntimeError

    monkeypatch.setattr("kizuna.web.know.board.api._rows", broken)
    case = schema["/api/v1/segments"]["GET"].Case()
    with pytest.raises(FailureGroup):
        case.call_and_validate(headers=everything)


def test_whatever_follows_what_no_fault_comes(everything: dict[str, str]) -> None:
    steps = settings(MANY, max_examples=100 if SOAK else 4, stateful_step_count=8)
    machine = schema.as_state_machine()

    class Program(machine):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": everything}

        def validate_response(self, response: Any, case: Any, **_more: Any) -> None:
            # that a key is asked for is tested above; here it cannot know which one was sent
            case.validate_response(response, excluded_checks=[ignored_auth])

    run_state_machine_as_test(Program, settings=steps)
