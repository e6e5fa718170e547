"""Parts import downwards only, and the rules that say so bite."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import ROOT, SOURCE

ALLOWED_IN_SCIENCE = {"numpy", "scipy", "kizuna", *sys.stdlib_module_names}

VIOLATIONS = {  # what is wrong: (where, the line that is added, the rule that must break)
    "science reads tables": ("clv/models/rogue.py", "import pyarrow", "Science"),
    "science reads the pipeline": ("clv/data.py", "import kizuna.pipeline.tables", "Rows"),
    "a model imports another": ("clv/models/gamma_gamma.py", "from . import rogue", "No CLV model"),
    "fitting imports a model": ("clv/fitting.py", "import kizuna.clv.models", "CLV"),
    "capture reads know": ("pipeline/capture/rogue.py", "import kizuna.pipeline.know", "Pipeline"),
    "a step opens a connection": (
        "pipeline/know/rogue.py",
        "import kizuna.pipeline.engine",
        "Steps",
    ),
    "a step knows the engine": ("pipeline/know/rogue.py", "import duckdb", "Only engine.py"),
    "a picture reads the pipeline": ("charts/rogue.py", "import kizuna.pipeline", "Rows"),
    "the report starts a job": ("report/rogue.py", "import kizuna.jobs", "Rows"),
    "pandas comes in": ("jobs/rogue.py", "import pandas", "No pandas"),
    "a new room without a rule": ("utils/__init__.py", "", "Rows"),
}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree of packages below `root`/src."""
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
         "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its rules, apart from the checkout."""
    skip = shutil.ignore_patterns("__pycache__", "*.sql", "static", "locale")
    shutil.copytree(SOURCE, tmp_path / "src" / "kizuna", ignore=skip)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_every_import_keeps_the_rules() -> None:
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout[-3000:]


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_breaks_the_rule_meant_for_it(copy: Path, violation: str) -> None:
    name, line, rule = VIOLATIONS[violation]
    package = copy / "src" / "kizuna"
    (package / "clv" / "models" / "rogue.py").touch()
    (package / name).parent.mkdir(exist_ok=True)
    with (package / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    run = lint_imports(copy)
    assert run.returncode == 1
    broken = run.stdout.partition("Broken contracts")[2]
    assert f"\n{rule}" in broken, run.stdout[-3000:]


def imported(text: str) -> Iterator[str]:
    """Top-level packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_science_imports_numpy_and_scipy_alone() -> None:
    texts = {path.name: path.read_text("utf-8") for path in (SOURCE / "clv").rglob("*.py")}
    strange = {name: set(imported(text)) - ALLOWED_IN_SCIENCE for name, text in texts.items()}
    assert {name: packages for name, packages in strange.items() if packages} == {}


def test_a_stranger_in_science_is_seen() -> None:
    assert set(imported("def f():\n    import sklearn.svm")) - ALLOWED_IN_SCIENCE == {"sklearn"}
