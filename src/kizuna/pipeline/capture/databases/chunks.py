"""What has been read so far, in files of its own, so that a reading goes on where it broke off."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.values import common_type

type Packed = list[str] | None


@dataclass
class Progress:
    """How far a reading is: written after each chunk, in one step.

    Attributes
    ----------
    digest : what is read; a reading of something else does not go on here.
    key : columns by which it goes on; without any it begins again.
    low, high : bounds of the column that says what is new.
    rows : rows of each chunk.
    last : key of the last row so far.
    done : whether all is read.

    """

    digest: str
    key: list[str] = field(default_factory=list)
    low: Packed = None
    high: Packed = None
    rows: list[int] = field(default_factory=list)
    last: list[Packed] | None = None
    done: bool = False


class Chunks:
    """The folder of one reading."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.result = folder / "rows.parquet"
        self._note = folder / "reading.json"

    def progress(self) -> Progress | None:
        """Give how far it is; None where nothing has begun."""
        if not self._note.exists():
            return None
        return Progress(**json.loads(self._note.read_text("utf-8")))

    @property
    def count(self) -> int:
        """How many chunks there are."""
        progress = self.progress()
        return 0 if progress is None else len(progress.rows)

    def keep(self, progress: Progress) -> None:
        """Write down how far it is."""
        with disk(), whole(self._note) as part:
            part.write_text(json.dumps(asdict(progress)), "utf-8")

    def add(self, progress: Progress, table: pa.Table) -> None:
        """Keep some rows; the note comes last, so that a chunk half written is written again."""
        with disk(), whole(self._file(len(progress.rows))) as part:
            pq.write_table(table, part, compression="zstd")
        progress.rows.append(table.num_rows)
        self.keep(progress)

    def start_over(self, progress: Progress) -> None:
        """Forget the rows of a reading that cannot go on."""
        for file in self.folder.glob("chunk-*.parquet"):
            file.unlink()
        progress.rows, progress.last = [], None
        self.keep(progress)

    def join(self, progress: Progress) -> Path:
        """Make one file of all chunks, a chunk at a time; columns get the type that holds all."""
        files = [self._file(number) for number in range(len(progress.rows))]
        schema = _common([pq.read_schema(file) for file in files])
        with (
            disk(),
            whole(self.result) as part,
            pq.ParquetWriter(part, schema, compression="zstd") as writer,
        ):
            for file in files:
                writer.write_table(pq.read_table(file).cast(schema))
        return self.result

    def _file(self, number: int) -> Path:
        return self.folder / f"chunk-{number:06}.parquet"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a file to write; it gets its name once it is on the disk, and not before."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def disk() -> Iterator[None]:
    """Say that the disk is full, where it is."""
    try:
        yield
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT, EFBIG):
            raise Refusal("disk_full") from None
        raise


def _common(schemas: list[pa.Schema]) -> pa.Schema:
    names = schemas[0].names
    return pa.schema([(n, common_type([s.field(n).type for s in schemas])) for n in names])
