"""Settings of the whole test run: deterministic examples, few threads, and no silent skips."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

import grouping
import made_once
import usual_rows
from kizuna.pipeline import disk
from quick_flush import only_what_has_rows
from web_installations import filled_when_opened

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# containers switch it on; each of some hundred processes would compile everything anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# no deadline, for machines are shared; derandomised, for a red run must be red again
settings.register_profile(
    "dev",
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=50)
settings.register_profile(
    "soak", settings.get_profile("dev"), max_examples=2000, derandomize=False, print_blob=True
)
settings.load_profile(os.environ.get("KIZUNA_HYPOTHESIS", "dev"))

SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
CANNOT_EXIST_EVERYWHERE = ("no Java",)
"""Reasons to skip that stay skips under KIZUNA_NO_SKIP: system parts no runner can be sure of."""


def pytest_configure() -> None:
    """Keep the rows that migrations make; what is lost with the machine is no loss here."""
    made_once.begin_run()
    usual_rows.keep()
    disk.sync = lambda path: None


def pytest_unconfigure() -> None:
    """Let go of what was made for this run."""
    made_once.end_run()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Generator[None]:
    """Migrate nothing anew in each process: only the tests of migrations begin with nothing."""
    with filled_when_opened(), only_what_has_rows():
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest; leave those of minutes to `make soak`."""
    if not SOAK:
        left_out = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)
    grouping.refuse_namesakes(items)
    grouping.in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> grouping.Grouped:
    """Run the tests of one file in one process, and those on Spark in one."""
    return grouping.scheduler(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hold a test that is skipped to the rule."""
    report = yield
    return report if hasattr(report, "wasxfail") else _held_to_no_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Hold a whole module that is skipped to the rule."""
    report = yield
    return _held_to_no_skip(report)


def _held_to_no_skip[R: (pytest.TestReport, pytest.CollectReport)](report: R) -> R:
    """Turn a skip into a failure where KIZUNA_NO_SKIP is set, unless its reason is allowed."""
    if report.skipped and os.environ.get("KIZUNA_NO_SKIP"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        if not any(allowed in str(reason) for allowed in CANNOT_EXIST_EVERYWHERE):
            report.outcome = "failed"
            report.longrepr = f"{report.nodeid} may not be skipped here. {reason}"
    return report
