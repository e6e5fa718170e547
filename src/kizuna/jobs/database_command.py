"""What `kizuna import` does with addresses of databases: rows into files, then as any file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kizuna.pipeline.capture.databases.addresses import Address, is_address, parse
from kizuna.pipeline.capture.databases.doors import AnyDoor
from kizuna.pipeline.capture.databases.reading import Database, read
from kizuna.pipeline.capture.databases.refusals import Refusal
from kizuna.pipeline.capture.databases.selections import Selection
from kizuna.pipeline.errors import InputError

type OnProgress = Callable[[str, float], None]

FROM_ENVIRONMENT = "env:"
UNFIT = re.compile(r"[^\w.-]+")


@contextmanager
def files_of(
    names: Sequence[str],
    *,
    from_table: str | None,
    query: str | None,
    environment: Mapping[str, str],
    on_progress: OnProgress,
) -> Iterator[list[Path]]:
    """Give files as they are; the rows of each database are in a file as long as it is needed."""
    addresses = [_address(name, environment) for name in names]
    wanted = _wanted(any(addresses), from_table, query)
    with TemporaryDirectory(prefix="kizuna-") as folder:
        yield [
            Path(name)
            if address is None or wanted is None
            else _read(address, wanted, Path(folder) / str(number), on_progress)
            for number, (name, address) in enumerate(zip(names, addresses, strict=True))
        ]


def _address(name: str, environment: Mapping[str, str]) -> Address | None:
    variable = name.removeprefix(FROM_ENVIRONMENT)
    if variable != name:
        if not environment.get(variable):
            raise Refusal("no_variable", name=variable)
        return parse(environment[variable])
    found = parse(name) if is_address(name) else None
    if found and found.password:
        raise Refusal("password_shown")
    return found


def _wanted(reads: bool, from_table: str | None, query: str | None) -> Selection | None:
    if not reads:
        if from_table or query:
            raise InputError("--from and --query read a database: name its address, env:SHOP_URL")
        return None
    if bool(from_table) == bool(query):
        raise InputError("of a database name what is read: --from TABLE, or --query 'SELECT …'")
    return Selection(tuple((from_table or "").split(".")) if from_table else (), query or "")


def _read(address: Address, wanted: Selection, folder: Path, on_progress: OnProgress) -> Path:
    found = read(
        Database(address, AnyDoor()),
        wanted,
        folder,
        on_rows=lambda rows: on_progress(f"read {rows:,} rows", 0.0),
    )
    if found.path is None:
        raise InputError(f"{address}: there are no rows to read")
    name = f"{Path(address.database).stem}-{wanted.name}"
    return found.path.rename(folder / f"{UNFIT.sub('_', name)}.parquet")
