"""docs/import.md says what is accepted, and why rows are left out."""

from __future__ import annotations

from pathlib import Path

from kizuna.jobs.door import REASON as AT_THE_DOOR
from kizuna.pipeline.capture import REASONS
from kizuna.pipeline.capture.columns import SYNONYMS
from kizuna.pipeline.capture.notes import TEXTS, Note

PAGE = (Path(__file__).parents[3] / "docs" / "import.md").read_text("utf-8")


def test_every_reason_is_documented() -> None:
    assert [code for code in REASONS if f"\n| `{code}` |" not in PAGE] == []


def test_no_reason_is_documented_that_does_not_exist() -> None:
    listed = PAGE.split("## Why a row is left out")[1].split("\n## ")[0]
    rows = [line.split("`")[1] for line in listed.splitlines() if line.startswith("| `")]
    assert set(rows) == {*REASONS, AT_THE_DOOR}


def test_every_part_is_documented() -> None:
    table = PAGE.split("| part |")[1].split("\n\n")[0]
    assert [part for part in SYNONYMS if part not in table] == []


def test_every_note_says_something_with_its_values() -> None:
    words = ("part", "column", "others", "file", "encoding", "order", "sign", "currency")
    values: dict[str, object] = dict.fromkeys(words, "x") | {"rows": 1, "against": 2}
    assert all(str(Note(code, values)) for code in TEXTS)
