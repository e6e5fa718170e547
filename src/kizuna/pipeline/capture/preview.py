"""What a file of orders looks like before it is read: its columns, first rows, and a guess."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from kizuna.pipeline.capture import columns, sources
from kizuna.pipeline.capture.orders import one_to_one
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.errors import InputError

PREVIEW_ROWS = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """The head of one file.

    Attributes
    ----------
    columns : names, in order.
    rows : the first rows, as text.
    guess : part → column, as far as can be told.
    problem : why the guess is not enough; empty when it is.
    encoding : of the file as it is.

    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    guess: dict[str, str]
    problem: str
    encoding: str


def preview(engine: Engine, path: Path, rows: int = PREVIEW_ROWS) -> Preview:
    """Look at a file without reading it whole.

    Raises
    ------
    InputError
        When it is no table that can be read.

    """
    files, _ = sources.find([path])
    with tempfile.TemporaryDirectory(prefix="kizuna-") as folder:
        source = sources.recognise(files[0], engine, Path(folder))
        guess = columns.attempt(
            source.columns, {}, source.sample, lambda keys: one_to_one(engine, source, keys)
        )
        head = tuple(zip(*(values[:rows] for values in source.sample.values()), strict=True))
        problem = _problem(guess, source.columns)
        return Preview(source.columns, head, guess.columns, problem, source.encoding)


def _problem(guess: columns.Guess, names: tuple[str, ...]) -> str:
    try:
        columns.check(guess, names)
    except InputError as error:
        return str(error)
    return ""
