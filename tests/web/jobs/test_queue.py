"""The queue behind Django's task API."""

from __future__ import annotations

import pytest

from job_examples import broken, note
from kizuna.web.jobs.testing import run_all

pytestmark = pytest.mark.django_db


def test_a_task_runs_once_and_gives_its_result() -> None:
    asked = note.enqueue("a")
    assert (run_all(), run_all()) == (1, 0)
    asked.refresh()
    assert asked.return_value == "a"


def test_a_task_that_fails_fails_the_test_that_ran_it() -> None:
    broken.enqueue()
    with pytest.raises(AssertionError, match="no such luck"):
        run_all()
