"""What the list filters, sorts and searches by: a file of columns beside the mirror.

A database finds rows by an index; no set of indexes holds every filter in every order, and none of
both databases finds two letters in the middle of a name. Columns that lie in memory as they are
looked through answer all of it in one pass, and the file is shared by all processes that map it.

Each mirror writes a file of its own, and the database names the one that goes with its rows; where
that is not there, the database answers, more slowly. Names are folded only where they changed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import getrandbits

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from kizuna.pipeline.engine import Engine
from kizuna.pipeline.tables import TABLES
from kizuna.web.know.customers.models import Shelf

FOLDER = "lists"
FOLDING = f"2, Unicode {unicodedata.unidata_version}"
"""Names that were folded in another way are folded again: raise the number with `folded`."""
SAID = ("name", "name_kana", "email", "phone")
COUNTED = tuple(
    name
    for name in (
        *("mrr", "days_to_renewal", "churn_probability", "health", "days_since_use"),
        *("days_since_contact", "nps", "cases_open", "failed_payments_90d"),
    )
    if name in TABLES["customer_facts"].column_names
)
"""Facts of the last days that are told of customers here."""
SORTED = (
    "residual_clv",
    "p_alive",
    "value_at_risk",
    "historical_value",
    "orders",
    "frequency",
    "first_purchase",
    "last_purchase",
    *COUNTED,
)
CUT = ("rfm_segment", "channel", "region", "kind", "persona")
LONGEST = 200
FOLDED = ("folded", "name_key", "sought")
"""What search looks in, what a name is sorted by, and the first of these spread."""
COLUMNS = ("customer_id", "name_key", "sought", *CUT, *SORTED)
WRITTEN = (*COLUMNS, "folded", "said")
BATCH = 50_000

CUTTED = ", ".join(f"left({name}, {LONGEST}) AS {name}" for name in CUT)
PRINT = f"md5_number_lower(concat_ws(chr(31), {', '.join(f"coalesce({n}, '')" for n in SAID)}))"
FACTS = f"""
SELECT customer_id, {CUTTED}, {", ".join(SORTED)}, {", ".join(SAID)}, {PRINT} AS said
FROM customer_facts"""
KNOWN = f"""
SELECT facts.*, {", ".join(f"known.{name}" for name in FOLDED)} FROM ({FACTS}) AS facts
LEFT JOIN known ON facts.customer_id = known.customer_id AND facts.said = known.said
ORDER BY facts.customer_id"""

type Fold = Callable[[Sequence[pa.Array]], tuple[pa.Array, ...]]
"""From the columns of ids and of what is said to those of `FOLDED`."""


SPREAD = {0x30A1 + at: 0x80 + at % 30 * 64 + at // 30 for at in range(90)}
SPREAD |= {rare: kana for kana, rare in SPREAD.items()}


def spread(text: str) -> str:
    """Exchange katakana for rare letters, so that no two that are neighbours begin alike.

    All katakana begin with the same byte, so that looking for the first one of a word stops at each
    of them. Every letter stays another than every other: what holds a word still holds it, and
    nothing else does.
    """
    return text if text.isascii() else text.translate(SPREAD)


def folder() -> Path:
    """Give the folder of the file."""
    return Path(settings.KIZUNA_HOME) / FOLDER


@contextmanager
def mapped(stamp: int | None = None) -> Iterator[pa.Table | None]:
    """Map a file, or else the one that goes with the mirror; None where there is none."""
    try:
        with pa.memory_map(str(_file(_current() if stamp is None else stamp))) as file:
            yield pa.ipc.open_file(file).read_all()
    except FileNotFoundError:
        yield None


def write(engine: Engine, fold: Fold) -> int:
    """Write the columns of the engine's `customer_facts` to a file; give its stamp."""
    stamp = getrandbits(62)
    folder().mkdir(parents=True, exist_ok=True)
    with mapped() as former:
        _clear(_current())
        engine.register("known", _known(former))
        batches = engine.reader(KNOWN, BATCH)
        schema = _schema(batches.schema)
        with pa.ipc.new_file(str(_file(stamp)), schema) as file:
            for batch in batches:
                file.write_batch(_batch(batch, schema, fold))
        engine.drop("known")
    return stamp


def place(stamp: int) -> None:
    """Let a file be the one that is read; who reads the former reads it to its end."""
    Shelf.objects.update_or_create(pk=1, defaults={"stamp": stamp})
    _clear(stamp)


def _file(stamp: int) -> Path:
    return folder() / f"customers-{stamp}.arrow"


def _current() -> int:
    return Shelf.objects.values_list("stamp", flat=True).first() or 0


def _clear(kept: int) -> None:
    """Delete what is not read: former files, and those of mirrors that broke off."""
    for path in folder().glob("customers-*.arrow"):
        if path != _file(kept):
            path.unlink(missing_ok=True)


def _known(former: pa.Table | None) -> pa.Table:
    wanted = ("customer_id", "said", *FOLDED)
    if former is not None and former.schema.metadata == {b"folding": FOLDING.encode()}:
        return former.select(wanted)
    types = (pa.string(), pa.uint64(), *[pa.string()] * len(FOLDED))
    return pa.schema(list(zip(wanted, types, strict=True))).empty_table()


def _schema(given: pa.Schema) -> pa.Schema:
    fields = [given.field(name) for name in WRITTEN]
    return pa.schema(fields, metadata={"folding": FOLDING})


def _batch(batch: pa.RecordBatch, schema: pa.Schema, fold: Fold) -> pa.RecordBatch:
    missing = pc.is_null(batch.column("folded"))
    rows = batch.select(["customer_id", *SAID]).filter(missing)
    for name, made in zip(FOLDED, fold(rows.columns), strict=True):
        fresh = made.cast(schema.field(name).type)
        whole = pc.replace_with_mask(batch.column(name), missing, fresh)
        batch = batch.set_column(batch.schema.get_field_index(name), name, whole)
    return batch.select(schema.names).replace_schema_metadata(schema.metadata)
