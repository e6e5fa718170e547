"""A test skipped where none may be skipped fails, unless its reason is on the list."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT

TEST = "import pytest\ndef test_a():\n    pytest.skip({reason!r})\n"
MARKED = "import pytest\n@pytest.mark.skip(reason={reason!r})\ndef test_a():\n    pass\n"
MODULE = "import pytest\npytest.skip({reason!r}, allow_module_level=True)\n"


def outcome(folder: Path, text: str, *, no_skip: bool) -> str:
    """Run one test module under the project's conftest, and give the last line."""
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    (folder / "test_it.py").write_text(text)
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:django",
            str(folder),
        ],
        cwd=folder,
        env=os.environ
        | {"KIZUNA_NO_SKIP": "1" if no_skip else "", "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
    )
    return run.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("text", [TEST, MARKED, MODULE])
def test_a_skip_fails_where_none_is_allowed(tmp_path: Path, text: str) -> None:
    last = outcome(tmp_path, text.format(reason="no data"), no_skip=True)
    assert "1 failed" in last or "1 error" in last


def test_a_skip_stays_a_skip_elsewhere(tmp_path: Path) -> None:
    assert "1 skipped" in outcome(tmp_path, TEST.format(reason="no data"), no_skip=False)


def test_a_listed_reason_stays_a_skip(tmp_path: Path) -> None:
    assert "1 skipped" in outcome(tmp_path, TEST.format(reason="no Java here"), no_skip=True)
