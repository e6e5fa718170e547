"""What pages about imports read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kizuna.pipeline.capture.standard.reasons import CONFLICTS
from kizuna.web.capture.imports import files, parts, wording
from kizuna.web.capture.imports.models import WORKING, Import, Mapping, Status
from kizuna.web.capture.imports.problems import problem
from kizuna.web.capture.imports.wording import REASONS
from kizuna.web.jobs.models import Job, State

BACK = {
    Status.LOOKING: Status.FAILED,
    Status.CHECKING: Status.FAILED,
    Status.LOADING: Status.CHECKED,
    Status.UNDOING: Status.DONE,
}
"""Where an import stands again when its job ended without an answer."""


SHOWN = 20
"""Rows left out that the page itself shows."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not used: where it stands, why, by which part, and what it says."""

    line: int
    reason: str
    part: str
    raw: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An import as its page shows it."""

    entry: Import
    status: Status
    job: Job | None

    @property
    def is_working(self) -> bool:
        """Whether a job is at it."""
        return self.status in WORKING

    @property
    def has_stopped(self) -> bool:
        """Whether its last job ended without an answer."""
        return self.status != self.entry.status

    @property
    def word(self) -> str:
        """Where it stands, in words."""
        return str(self.status.label)

    @property
    def mood(self) -> str:
        """Mood of its badge."""
        return "serious" if self.has_stopped else self.entry.mood

    @property
    def conflicts(self) -> int:
        """Rows that a person has to decide about."""
        rejected: dict[str, int] = self.entry.found.get("rejected", {})
        return sum(rows for code, rows in rejected.items() if code in CONFLICTS)

    @property
    def left_out(self) -> int:
        """Rows that are not used for another reason."""
        return self.entry.rows_left_out - self.conflicts

    @property
    def may_download(self) -> bool:
        """Whether the rows left out are kept as a file; those of the command line are not."""
        return self._rejected.is_file()

    @property
    def first_left_out(self) -> list[LeftOut]:
        """The first rows left out, as many as a page can hold."""
        batches = pq.ParquetFile(self._rejected).iter_batches(SHOWN)
        return [_left_out(row) for row in next(batches, pa.record_batch([])).to_pylist()]

    @property
    def _rejected(self) -> Path:
        return files.folder_of(self.entry.batch) / "rejected.parquet"

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why rows are left out, and how many."""
        rejected: dict[str, int] = self.entry.found.get("rejected", {})
        return [(str(REASONS[code]), rows) for code, rows in rejected.items()]

    @property
    def first_day(self) -> date | None:
        """Day of the first order."""
        return _day(self.entry.found.get("first_day"))

    @property
    def last_day(self) -> date | None:
        """Day of the last order."""
        return _day(self.entry.found.get("last_day"))

    @property
    def alike(self) -> str:
        """A warning where new orders look like some that are there."""
        said = _("Of the new orders, %(rows)s equal another in customer, day and amount.")
        return _with_rows(said, self.entry.found.get("alike"))

    @property
    def waiting(self) -> str:
        """Returns that count nowhere yet."""
        said = _("Returns that wait for a purchase which no import has brought: %(rows)s.")
        return _with_rows(said, self.entry.found.get("waiting"))

    @property
    def notes(self) -> list[str]:
        """What to know about how the file was read."""
        return [wording.note(**note) for note in self.entry.found.get("notes", [])]

    @property
    def problem(self) -> str:
        """Why it stopped, or was not done."""
        return problem(self.entry.error) if self.entry.error else ""


def entries() -> QuerySet[Import]:
    """List the imports, the newest first."""
    return Import.objects.select_related("person").defer("preview").order_by("-created_at", "-pk")


def shown(pk: int) -> Shown:
    """Find an import and the job that is at it."""
    found = Import.objects.select_related("person").get(pk=pk)
    job = _job(found)
    return Shown(found, _standing(found, job), job)


def stands(found: Import) -> Status:
    """Where an import really stands: what a job left unfinished is where it was before."""
    return _standing(found, _job(found))


def mappings_for(entry: Import) -> list[Mapping]:
    """Find the mappings of its table whose columns a file has, the newest first."""
    known, kept = set(entry.preview["columns"]), Mapping.objects.filter(table=entry.table)
    return [m for m in kept.order_by("-saved_at") if _columns(m) <= known]


def initial(entry: Import, wanted: str | None, mappings: list[Mapping]) -> dict[str, Any]:
    """Say what the form begins with: what was chosen, else a mapping kept, else the guess."""
    chosen = next((m.mapping for m in mappings if str(m.pk) == wanted), None)
    said = chosen or entry.mapping or (mappings[0].mapping if mappings else None)
    if said is None:
        return dict(entry.preview.get("guess", {}))
    rest = {key: said.get(key) or "" for key in ("date_order", "money")}
    rest["policy"] = said.get("policy") or "overwrite"
    keys = {f"key_{place}": key for place, key in enumerate(said.get("keys", []))}
    if keys:
        rest |= {f"key_{place}": "" for place in range(len(keys), len(parts.keys(entry.table)))}
    columns = {part: said["columns"].get(part, "") for part in parts.names(entry.table)}
    others = [column for part, column in said["columns"].items() if "." in part]
    return columns | rest | keys | {"others": others}


def _left_out(row: dict[str, Any]) -> LeftOut:
    part = str(parts.WORDS.get(row.get("part") or "", ""))
    return LeftOut(row["line"], str(REASONS[row["reason"]]), part, row["raw"] or "")


def _with_rows(said: str, rows: int | None) -> str:
    return said % {"rows": f"{rows:,}"} if rows else ""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _columns(mapping: Mapping) -> set[str]:
    said = mapping.mapping["columns"].values()
    return {column for column in said if column and not column.startswith(parts.CONSTANT)}


def _job(found: Import) -> Job | None:
    if found.job is None or found.status not in WORKING:
        return None
    return Job.objects.filter(pk=found.job).first()


def _standing(found: Import, job: Job | None) -> Status:
    status = Status(found.status)
    ended = job is None or job.state in (State.DONE, State.FAILED, State.CANCELLED)
    return BACK[status] if status in BACK and ended else status
