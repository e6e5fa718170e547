"""Running the command in tests, in this process, and small logs of orders to run it on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from typer.testing import CliRunner

from kizuna.cli import app


@dataclass(frozen=True)
class Ran:
    """What a run of the command left behind."""

    code: int
    stdout: str
    stderr: str
    out: Path

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "summary.json").read_text("utf-8"))
        return found

    @property
    def customers(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = pq.read_table(self.out / "customers.parquet").to_pydict()
        return found


def run(*words: object, out: Path, command: str = "value") -> Ran:
    """Run `kizuna value …` into a folder."""
    result = CliRunner().invoke(app, [command, *map(str, words), "--out", str(out)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr, out)


def refused(*words: object, out: Path) -> str:
    """Run a command that must be refused; give its one sentence."""
    ran = run(*words, out=out)
    assert ran.code == 2, ran.stdout
    assert "Traceback" not in ran.stderr
    lines = ran.stderr.strip().splitlines()
    assert len(lines) == 1, ran.stderr
    return lines[0]


def write_log(path: Path, rows: Iterable[tuple[object, ...]], header: str = "") -> Path:
    """Write a CSV of customer, date, amount."""
    lines = [header or "customer_id,date,amount", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def shop_log(path: Path, customers: int = 300, days: int = 400, seed: int = 7) -> Path:
    """Write the log of a shop with regulars, rare buyers and some who left."""
    rng, rows = np.random.default_rng(seed), []
    for number in range(customers):
        day, end = rng.uniform(0, days * 0.6), rng.exponential(days)
        rate, basket = rng.gamma(1.2, 1 / 45), rng.gamma(6.0, 8.0)
        while day < min(days, end):
            when = date(2024, 1, 1) + timedelta(days=int(day))
            rows.append((f"C{number:04}", when, f"{basket * rng.gamma(5.0, 0.2):.2f}"))
            day += rng.exponential(1 / rate)
    return write_log(path, rows)
