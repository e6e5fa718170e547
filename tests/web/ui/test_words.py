"""Every word of the pages is said in Japanese too, and no catalogue keeps a word that none says."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from kizuna.pipeline.tables import TABLES
from project import SOURCE

WEB = SOURCE / "web"
FILES = sorted(p for p in WEB.rglob("*") if p.suffix in {".py", ".html", ".txt"})
MIGRATIONS = set(WEB.rglob("migrations/*.py"))
KEYWORDS = ("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "gettext_noop")
ROOMS = sorted({p.parent for p in WEB.rglob("apps.py")})


@cache
def messages(path: Path) -> frozenset[str]:
    """What a file says, as gettext would find it."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        text = "\n".join(line.strip() for line in templatize(text).splitlines())
    found = extract_python(BytesIO(text.encode()), KEYWORDS, (), {"encoding": "utf-8"})
    return frozenset(_ids(found))


def _ids(found: Iterator[tuple[int, str, object, list[str]]]) -> Iterator[str]:
    for _line, keyword, said, _comments in found:
        parts = said if isinstance(said, tuple) else (said,)
        chosen = parts[1] if keyword == "pgettext" else parts[0]
        if chosen:
            yield str(chosen)


@cache
def catalogue(path: Path) -> dict[str, str]:
    """Messages of a catalogue, of a plural the first form."""
    with path.open("rb") as file:
        return {_first(m.id): _first(m.string) for m in read_po(file, locale="ja") if m.id}


@cache
def texts() -> frozenset[str]:
    """Every text in the code: meanings and reasons are translated when they are shown."""
    trees = [ast.parse(p.read_text("utf-8")) for p in SOURCE.rglob("*.py") if p not in MIGRATIONS]
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    of_tables = {c.meaning for table in TABLES.values() for c in (table, *table.columns)}
    units = {column.unit for table in TABLES.values() for column in table.columns}
    return frozenset({n.value for n in nodes if isinstance(n.value, str)} | of_tables | units)


def _first(text: object) -> str:
    return str(text[0] if isinstance(text, (list, tuple)) else text)


CATALOGUES = sorted((WEB / "locale" / "ja").glob("*.po"))


@pytest.mark.parametrize("room", [*ROOMS, WEB], ids=lambda room: room.name)
def test_every_message_of_an_app_has_a_japanese_translation(room: Path) -> None:
    known = {message for path in CATALOGUES for message, said in catalogue(path).items() if said}
    own = [p for p in FILES if p.is_relative_to(room) and (room != WEB or p.parent == WEB)]
    assert sorted(m for path in own for m in messages(path) - known) == []


OF_DJANGO = {"- Select an option -"}
"""What Django says in its own words, and we in better ones."""


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_no_catalogue_has_a_message_left_over(path: Path) -> None:
    said = {message for file in FILES for message in messages(file)} | texts()
    # {% translate variable %} looks a text up with its % doubled
    said |= {message.replace("%", "%%") for message in said} | OF_DJANGO
    assert sorted(set(catalogue(path)) - said) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_a_translation_fills_the_placeholders_of_its_message(path: Path) -> None:
    wrong = [m for m, said in catalogue(path).items() if _holes(m) != _holes(said)]
    assert wrong == []


def test_catalogues_that_share_a_message_agree_on_it() -> None:
    said: dict[str, set[str]] = {}
    for path in CATALOGUES:
        for message, japanese in catalogue(path).items():
            said.setdefault(message, set()).add(japanese)
    assert {m: found for m, found in said.items() if len(found) > 1} == {}


def test_a_message_of_a_template_is_found() -> None:
    assert "Skip to the content" in messages(WEB / "ui/templates/ui/base.html")


def _holes(text: str) -> set[str]:
    percent = set(re.findall(r"%\((\w+)\)", text))
    try:
        return percent | {name for _t, name, _f, _c in string.Formatter().parse(text) if name}
    except ValueError:
        return percent
