"""Publish and look through a large shop: `python -m benchmarks.web [--customers N] [--database D]`.

Seconds and memory of a publication and of its mirror, first and a day later; then milliseconds of
the server for each kind of page, with the number of its queries, beside the bare query of a list.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.web_data import home

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
START, END = "<!-- pages: written by python -m benchmarks.web -->", "<!-- end of the pages -->"


def main() -> None:
    """Measure on each database asked for, each in a process and a data folder of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--publications", type=int, choices=(1, 2), default=2)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    asked = parser.parse_args()
    made = home(asked.customers)
    names = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    found = [_measured(name, made, asked.publications) for name in names]
    if asked.write:
        write("\n\n".join(found))


def write(text: str, page: Path = PAGE) -> None:
    """Put what was measured between the marks of the page."""
    before, _, rest = page.read_text("utf-8").partition(START)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", "utf-8")


def _measured(database: str, made: Path, publications: int) -> str:
    with tempfile.TemporaryDirectory(prefix="kizuna-bench-") as folder, _url(database) as url:
        shutil.copytree(made / "store", Path(folder) / "store")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("KIZUNA_")}
        kept.pop("DATABASE_URL", None)
        env = kept | {"KIZUNA_HOME": folder} | ({"DATABASE_URL": url} if url else {})
        command = [sys.executable, "-m", "benchmarks.web_worker", str(publications)]
        run = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        assert run.stdout
        lines = []
        for line in run.stdout:
            print(line, end="", flush=True)
            lines.append(line)
        if run.wait():
            sys.exit(f"{database} failed")
        return "".join(lines).strip()


@contextmanager
def _url(database: str) -> Iterator[str]:
    """Run PostgreSQL for as long as it is needed; SQLite needs no address."""
    if database == "sqlite":
        yield ""
        return
    sys.path.append(str(ROOT / "tests"))
    from web_postgres import postgres

    with postgres() as url:
        yield url


if __name__ == "__main__":
    main()
