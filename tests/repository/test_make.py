"""What make offers is explained, and needs nothing but Python 3 to begin with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from project import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def run(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    outer = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}}
    return subprocess.run(
        command, cwd=cwd, env=outer | variables, capture_output=True, text=True, timeout=120
    )


def test_help_explains_every_target() -> None:
    said = run("make", "help").stdout
    assert {target for target in TARGETS if f"make {target} " not in said} == set()


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "help"])
def test_the_promised_targets_exist(target: str) -> None:
    assert target in TARGETS


def test_check_runs_every_check() -> None:
    needs = re.search(r"^check: ([a-z ]+)", MAKEFILE, re.MULTILINE)
    assert needs
    assert needs[1].split() == ["format", "lint", "types", "imports", "test"]


def test_continuous_integration_allows_no_skip() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "KIZUNA_NO_SKIP=1" in script
    assert "make check" in script


def test_bootstrap_says_what_is_missing_where_there_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "bootstrap", tmp_path / "scripts")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    script = (tmp_path / "scripts" / "bootstrap").read_text().replace("/usr/bin/python3", "none")
    (tmp_path / "scripts" / "bootstrap").write_text(script)
    said = run("sh", "scripts/bootstrap", cwd=tmp_path, PATH=str(tools))
    assert said.returncode == 1
    assert "install python3" in said.stderr


def test_missing_system_parts_come_with_the_command_that_brings_them(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname", "id", "grep", "ls"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    said = run("sh", "scripts/system_parts", PATH=str(tools), KIZUNA_NO_INSTALL="1")
    assert said.returncode == 0
    assert "apt-get install" in said.stdout
    assert "chromium" in said.stdout
