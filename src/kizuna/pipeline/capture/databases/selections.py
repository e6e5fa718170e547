"""What is read of a database: a table or one SELECT, whole or only what is new."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kizuna.pipeline.capture.databases.addresses import Kind
from kizuna.pipeline.capture.databases.refusals import Refusal

DIALECTS: dict[Kind, str] = {"postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite"}
WRITING = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Into)
WRITING_TOO = (exp.Command, exp.Lock)


@dataclass(frozen=True, slots=True)
class Selection:
    """A table (its schema first, where it has one) or a query.

    Attributes
    ----------
    key : columns that together tell rows apart; with them a lost connection goes on where it was.
    since : column that says what is new.

    """

    table: tuple[str, ...] = ()
    query: str = ""
    key: tuple[str, ...] = ()
    since: str = ""

    def __post_init__(self) -> None:
        if bool(self.table) == bool(self.query):
            raise ValueError("either a table or a query is read")

    @property
    def name(self) -> str:
        """Name of what is read, for people."""
        return ".".join(self.table) or "query"

    @property
    def digest(self) -> str:
        """Tell whether two selections are the same."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:16]

    def with_key(self, key: tuple[str, ...]) -> Selection:
        """Tell rows apart by the table's own key, where no other is chosen."""
        return self if self.key else replace(self, key=key)


def one_select(text: str, kind: Kind) -> str:
    """Give the text of one SELECT; whatever could do more than read is refused.

    The database refuses writing by itself: this is for the error that names the remedy, and for
    what a SELECT can do beside reading, such as writing a file.
    """
    try:
        found = [s for s in sqlglot.parse(text, dialect=DIALECTS[kind]) if s is not None]
    except SqlglotError:
        raise Refusal("one_select") from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise Refusal("one_select")
    if found[0].find(*WRITING, *WRITING_TOO) or _writes_a_file(found[0]):
        raise Refusal("one_select")
    return text.strip().rstrip(";").rstrip()


def _writes_a_file(found: exp.Expr) -> bool:
    return any(select.args.get("into") for select in found.find_all(exp.Select))
