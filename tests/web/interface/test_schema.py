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
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
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
OPERATIONS = {found.ok().label: found.ok() for found in schema.get_all_operations()}


@pytest.fixture
def everything(published: Publication, settings: Any, aiko: Person) -> dict[str, str]:
    """Headers of a program that may do everything, as often as it likes."""
    settings.API_PER_MINUTE = 10**9
    return {"Authorization": f"Bearer {Program(aiko).text}"}


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_described(label: str, everything: dict[str, str]) -> None:
    """Built here: `schema.parametrize` builds them all for each process, under one name for all."""

    @MANY
    def as_described(case: Any) -> None:
        case.call_and_validate(headers=everything)
        cases.append(case)

    cases: list[Any] = []
    whatever_is_sent = build_operation_test(
        config=schema.config,
        operation=OPERATIONS[label],
        test_func=as_described,
        given_kwargs={},
        feedback=FeedbackSources(constants_value_source=make_constants_value_source(schema)),
    )
    whatever_is_sent()
    assert cases


def test_every_operation_has_a_test_of_its_own() -> None:
    assert len(OPERATIONS) == sum(len(path) for path in schema.raw_schema["paths"].values())


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
