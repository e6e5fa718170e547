"""What search looks in and a name is sorted by: of one customer, or of a column at a time.

A text that many share, such as a name, is folded once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from kizuna.web.know.customers.folding import folded
from kizuna.web.know.customers.shelf import LONGEST, spread

LONGEST_SEARCHED, LONGEST_KEY = 800, 60
"""An index of PostgreSQL takes no more than 2,700 bytes a row."""

type Folded = tuple[pa.Array, pa.Array, pa.Array]


def searched(customer_id: str, *said: str | None) -> str:
    """Give what search looks in: the texts, and names without the spaces between their parts."""
    texts = [folded(text[:LONGEST]) for text in said if text]
    joined = [text.replace(" ", "") for text in texts if " " in text]
    return " ".join((folded(customer_id), *texts, *joined))[:LONGEST_SEARCHED]


def name_key(name: str | None, kana: str | None) -> str | None:
    """Give what a name is sorted by: its reading, or else itself."""
    return folded(kana or name or "")[:LONGEST_KEY] or None


def folds(columns: Sequence[pa.Array]) -> Folded:
    """Give `searched`, `name_key` and the former spread, of the columns of ids and of what is said.

    These are name, reading, address and number.
    """
    ids, *said = columns
    texts = [_some(column) for column in said]
    parts = [_both(ids), *(_both(pc.utf8_slice_codeunits(text, 0, LONGEST)) for text in texts)]
    plain, wide = ([part[side] for part in parts] for side in (0, 1))
    key = _each(pc.coalesce(texts[1], texts[0]), folded)
    return _joined(plain), _some(pc.utf8_slice_codeunits(key, 0, LONGEST_KEY)), _joined(wide)


def _joined(parts: Sequence[pa.Array]) -> pa.Array:
    """Join the texts of a row, and after them those with a space in them once more without."""
    names = [
        pc.if_else(pc.match_substring(part, " "), pc.replace_substring(part, " ", ""), None)
        for part in parts[1:]
    ]
    whole = pc.binary_join_element_wise(*parts, *names, " ", null_handling="skip")
    return pc.utf8_slice_codeunits(whole, 0, LONGEST_SEARCHED)


def _some(column: pa.Array) -> pa.Array:
    """Take what says nothing for not known."""
    return pc.if_else(pc.equal(column, ""), None, column)


def _both(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Fold a column, and spread that."""
    if pc.all(pc.string_is_ascii(column)).as_py() is not False:
        lower = pc.ascii_lower(column)
        return lower, lower
    plain = _each(column, folded)
    return plain, _each(plain, spread)


def _each(column: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """Change each text; one that many share, once."""
    coded = column.dictionary_encode()
    changed = [change(text) for text in coded.dictionary.to_pylist()]
    return pa.array(changed, pa.string()).take(coded.indices)
