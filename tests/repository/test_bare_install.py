"""The science works where nothing but NumPy and SciPy is installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from project import ROOT, SOURCE

UV = next(iter(sorted((ROOT / ".tools").glob("uv-*/bin/uv"))), None)
MODULES = [
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((SOURCE / "clv").rglob("*.py"))
]


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run uv, with the packages of the lock file and nothing of the outer environment."""
    outer = {k: v for k, v in os.environ.items() if not k.startswith(("UV_INDEX", "VIRTUAL_ENV"))}
    run = subprocess.run([str(UV), *arguments], cwd=ROOT, env=outer, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment with the built wheel, NumPy and SciPy, and nothing else."""
    if UV is None:
        pytest.skip("uv is not in .tools: to enable, make setup")
    room = tmp_path_factory.mktemp("bare")
    uv("build", "--quiet", "--wheel", "--out-dir", str(room))
    uv("venv", "--quiet", "--python", "3.12", str(room / "venv"))
    python = room / "venv" / "bin" / "python"
    install = ("pip", "install", "--quiet", "--python", str(python))
    uv(*install, "numpy", "scipy")
    uv(*install, "--no-deps", str(next(room.glob("kizuna-*.whl"))))
    return python


def test_every_module_of_the_science_imports(python: Path) -> None:
    code = "import importlib, sys; [importlib.import_module(m) for m in sys.argv[1:]]"
    run = subprocess.run([python, "-c", code, *MODULES], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_what_is_not_science_needs_more(python: Path) -> None:
    run = subprocess.run([python, "-c", "import kizuna.cli"], capture_output=True, text=True)
    assert "ModuleNotFoundError" in run.stderr


def test_the_wheel_carries_what_is_not_python(python: Path) -> None:
    package = next((python.parents[1] / "lib").glob("python*/site-packages/kizuna"))
    wanted = [p.relative_to(SOURCE) for p in SOURCE.rglob("*") if p.suffix in {".sql", ".typed"}]
    assert [str(name) for name in wanted if not (package / name).exists()] == []
