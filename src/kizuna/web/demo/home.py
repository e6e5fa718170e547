"""The data folder of the demo: how it is recognised, entered, and begun anew where half made."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from kizuna.demo.company import TIMEZONE
from kizuna.pipeline.errors import InputError
from kizuna.web.home import DEMO_MARK, is_demo

RUNS_ALREADY = "The demo of {folder} runs already; end it first, or name another folder by --out."
NO_DEMO = "{folder} holds something that is no demo; name another folder by --out."


@dataclass(frozen=True, slots=True)
class Company:
    """Which company the demo shows; `complete` once all of it is in."""

    customers: int
    seed: int
    lang: str
    complete: bool = False


@dataclass(frozen=True, slots=True)
class DemoHome:
    """A data folder of the demo's own, within the folder of the simulated company."""

    out: Path

    @classmethod
    def of(cls, out: Path) -> Self:
        """Name the data folder that belongs to a company's folder."""
        return cls(out.resolve())

    @property
    def folder(self) -> Path:
        """What is KIZUNA_HOME to the demo."""
        return self.out / "home"

    @property
    def log(self) -> Path:
        """Where the application writes what it does, so that the terminal stays readable."""
        return self.folder / "log"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off another demo in the same folder."""
        with (self.out / "demo.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(RUNS_ALREADY.format(folder=self.out)) from None
            yield

    def company(self) -> Company | None:
        """Give the company that is there, whole; None where there is none."""
        if not is_demo(self.folder):
            return None
        company = Company(**json.loads((self.folder / DEMO_MARK).read_text("utf-8")))
        return company if company.complete else None

    def begin(self, company: Company) -> None:
        """Make the folder, and let go of one that was left half made."""
        if is_demo(self.folder):
            shutil.rmtree(self.folder)
        elif self.folder.exists() and any(self.folder.iterdir()):
            raise InputError(NO_DEMO.format(folder=self.folder))
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(company)

    def finish(self, company: Company) -> None:
        """Say that the company is in."""
        self._write(replace(company, complete=True))

    def enter(self) -> None:
        """Let this process, and those it starts, see this folder and no other installation."""
        for name in list(os.environ):
            if name.startswith("KIZUNA_") or name == "DATABASE_URL":
                del os.environ[name]
        os.environ["KIZUNA_HOME"] = str(self.folder)
        os.environ["KIZUNA_TIMEZONE"] = TIMEZONE

    def _write(self, company: Company) -> None:
        part = self.folder / f"{DEMO_MARK}.part"
        part.write_text(json.dumps(asdict(company)) + "\n", "utf-8")
        part.replace(self.folder / DEMO_MARK)
