"""`kizuna refresh`: figures from the command line, as the worker would compute them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from web_installations import environment, install

pytestmark = pytest.mark.slow


def kizuna(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a data folder."""
    command = [sys.executable, "-m", "kizuna", *words, "--home", str(home)]
    env = environment(install(home))
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)


def test_what_was_imported_is_published(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    rows = (f"c{n % 60},2025-{n % 12 + 1:02}-{n % 27 + 1:02},{n + 100}" for n in range(300))
    orders.write_text("customer,date,amount\n" + "\n".join(rows) + "\n")
    brought = kizuna(tmp_path / "home", "import", str(orders), "--currency", "JPY")
    assert brought.returncode == 0, brought.stderr
    published = kizuna(tmp_path / "home", "refresh")
    assert (published.returncode, published.stderr) == (0, "")
    assert "Published: data up to 2025-12" in published.stdout


def test_without_anything_imported_it_says_what_to_do(tmp_path: Path) -> None:
    published = kizuna(tmp_path / "home", "refresh")
    assert published.returncode == 2
    assert published.stderr.startswith("kizuna: There are no orders yet")
