"""A test skipped where none may be skipped fails, unless its reason is on the list."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import grouping
from project import ROOT

TEST = "import pytest\ndef test_a():\n    pytest.skip({reason!r})\n"
MARKED = "import pytest\n@pytest.mark.skip(reason={reason!r})\ndef test_a():\n    pass\n"
MODULE = "import pytest\npytest.skip({reason!r}, allow_module_level=True)\n"
HELD = {
    name: text.format(reason="no data")
    for name, text in {"called": TEST, "marked": MARKED, "module": MODULE}.items()
}
LISTED = {"listed": TEST.format(reason="no Java here")}


def outcomes(folder: Path, texts: dict[str, str], *, no_skip: bool) -> dict[str, str]:
    """Run test modules under the project's conftest, and give what became of each."""
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    for name, text in texts.items():
        (folder / f"test_{name}.py").write_text(text)
    said = run(folder, no_skip=no_skip)
    found = re.findall(r"^(SKIPPED|FAILED|ERROR)\b.*?test_(\w+)\.py", said, re.MULTILINE)
    return {name: word for word, name in found}


def run(folder: Path, no_skip: bool) -> str:
    """Run the tests of a folder; give all that is said."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
    command += ["--continue-on-collection-errors"]
    told = {"KIZUNA_NO_SKIP": "1" if no_skip else "", "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(
        [*command, "-p", "no:django", str(folder)],
        cwd=folder,
        env=os.environ | told,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def test_a_skip_fails_where_none_is_allowed_unless_its_reason_is_listed(tmp_path: Path) -> None:
    found = outcomes(tmp_path, HELD | LISTED, no_skip=True)
    assert found.pop("listed") == "SKIPPED"
    assert found == {"called": "FAILED", "marked": "ERROR", "module": "ERROR"}


def test_a_skip_stays_a_skip_elsewhere(tmp_path: Path) -> None:
    found = outcomes(tmp_path, HELD | LISTED, no_skip=False)
    assert found == dict.fromkeys([*HELD, *LISTED], "SKIPPED")


class Named:
    """All that is asked of a test."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def test_tests_of_one_name_are_refused() -> None:
    tests: list[Any] = [Named("test_a.py::test_a[1]"), Named("test_a.py::test_a[2]")]
    grouping.refuse_namesakes(tests)
    with pytest.raises(pytest.UsageError, match=re.escape("test_a.py::test_a[2]")):
        grouping.refuse_namesakes([*tests, tests[1]])
