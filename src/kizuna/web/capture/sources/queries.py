"""What pages about databases read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from kizuna.pipeline.capture.databases import reading
from kizuna.pipeline.capture.databases.chunks import Packed
from kizuna.pipeline.capture.databases.reading import Look
from kizuna.pipeline.capture.databases.selections import Selection
from kizuna.pipeline.capture.databases.values import shown as shown_value
from kizuna.web.capture.imports.models import BEFORE, Import, Status
from kizuna.web.capture.sources import places, wording
from kizuna.web.capture.sources.models import Connection, Fetch, Outcome, Source
from kizuna.web.jobs.models import ALIVE, Job

MOODS = {Outcome.DONE: "good", Outcome.FAILED: "serious", Outcome.READING: "info"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A reading as pages show it."""

    fetch: Fetch
    job: Job | None

    @property
    def outcome(self) -> Outcome:
        """How far it is; one whose job ended without an answer has broken off."""
        found = Outcome(self.fetch.outcome)
        return Outcome.FAILED if found == Outcome.READING and self.job is None else found

    @property
    def is_reading(self) -> bool:
        """Whether a job is at it."""
        return self.outcome == Outcome.READING

    @property
    def word(self) -> str:
        """How far it is, in words."""
        return str(self.outcome.label)

    @property
    def mood(self) -> str:
        """Mood of its badge."""
        return MOODS[self.outcome]

    @property
    def problem(self) -> str:
        """Why it broke off."""
        return wording.said(self.fetch.error)

    @property
    def waits(self) -> bool:
        """Whether its rows wait among the imports for a person."""
        return self.fetch.entry is not None and self.fetch.entry.status in BEFORE

    @property
    def until(self) -> str:
        """The last value of the column that says what is new."""
        return shown_value(self.fetch.ended_at)


def connections() -> QuerySet[Connection]:
    """List the connections with what is read of each."""
    sources = Source.objects.order_by("pk")
    return Connection.objects.order_by("name").prefetch_related(Prefetch("sources", sources))


def connection(pk: int) -> Connection:
    """Find a connection."""
    return Connection.objects.get(pk=pk)


def source(pk: int) -> Source:
    """Find what is read, and its connection."""
    return Source.objects.select_related("connection").get(pk=pk)


def is_taken(name: str, *, but_for: int | None) -> bool:
    """Tell whether another connection has a name."""
    found = Connection.objects.filter(name=name)
    return (found if but_for is None else found.exclude(pk=but_for)).exists()


def fetches(found: Source, most: int = 20) -> list[Shown]:
    """List the latest readings, the newest first."""
    latest = list(
        Fetch.objects.filter(source=found).select_related("entry", "person").order_by("-pk")[:most]
    )
    jobs = {job.pk: job for job in _alive([fetch.job for fetch in latest if fetch.job])}
    return [Shown(fetch, jobs.get(fetch.job or 0)) for fetch in latest]


def is_alive(fetch: Fetch) -> bool:
    """Tell whether a job is at a reading."""
    return bool(fetch.job) and _alive([fetch.job or 0]).exists()


def begins_from(found: Source) -> Packed:
    """Say from which value to go on: the end of what was read and is imported without a gap.

    A reading whose rows were never imported, or were taken out again, counts for nothing, nor
    does one that went on after it: the next reading fetches those rows again.
    """
    at: Packed = None
    imported = Fetch.objects.filter(
        source=found, generation=found.generation, outcome=Outcome.DONE, entry__status=Status.DONE
    )
    for began, ended in imported.order_by("pk").values_list("began_from", "ended_at"):
        if began == at:
            at = ended
    return at


def last_import(found: Source) -> Import | None:
    """Give the latest import of a source that went in: its columns are those of the next."""
    fetch = (
        Fetch.objects.filter(source=found, generation=found.generation, entry__status=Status.DONE)
        .select_related("entry")
        .order_by("-pk")
        .first()
    )
    return fetch.entry if fetch else None


def tables_of(found: Connection) -> list[tuple[str, ...]]:
    """Ask a database for its tables."""
    return reading.tables(places.database_of(found))


def first_rows(found: Connection, selection: Selection) -> Look:
    """Ask a database for the first rows of a table or query."""
    return reading.look(places.database_of(found), selection)


def _alive(keys: list[int]) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=keys, state__in=ALIVE)
