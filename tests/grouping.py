"""Which tests run one after the other in one process, and in which order the groups begin."""

from __future__ import annotations

from collections import Counter

import pytest
from xdist.scheduler import LoadScopeScheduling

SPARK = "spark"
APART = ("tests/web/test_postgres.py", "tests/web/jobs/test_kill.py", "tests/repository/")
"""Files whose tests are long and share nothing: each is a group of its own."""
LONGEST = (
    *("tests/web/test_postgres.py", "tests/e2e/test_access.py", "tests/e2e/test_journeys.py"),
    *("tests/e2e/", "tests/web/demo/", "tests/web/jobs/test_kill.py", "tests/web/customers/"),
)


def group(nodeid: str) -> str:
    """Give the group of a test: its file, for what a module sets up is set up once.

    Tests on Spark are one group whatever their file: each process would start a JVM of its own.
    """
    if "[spark" in nodeid:
        return SPARK
    return nodeid if nodeid.startswith(APART) else nodeid.partition("::")[0]


class Grouped(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
    """Hand groups to processes in the order in which the tests were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def scheduler(config: pytest.Config, log: object) -> Grouped:
    """Make one that keeps the order: the longest begin first."""
    config.option.loadscopereorder = False
    return Grouped(config, log)


def in_order(items: list[pytest.Item]) -> None:
    """Put first what takes longest, and those on Spark."""
    items.sort(key=lambda item: _place(item.nodeid))


def refuse_namesakes(items: list[pytest.Item]) -> None:
    """Refuse tests of one name: of them, processes side by side run one alone."""
    often = Counter(item.nodeid for item in items)
    if shared := sorted(name for name, times in often.items() if times > 1):
        raise pytest.UsageError(f"several tests have one name: {', '.join(shared)}")


def _place(nodeid: str) -> int:
    if "[spark" in nodeid:
        return 1
    found = (place for place, start in enumerate(LONGEST) if nodeid.startswith(start))
    return next(found, len(LONGEST))
