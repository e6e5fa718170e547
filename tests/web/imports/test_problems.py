"""Whatever the reader of files refuses is said in the words of the page, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from kizuna.pipeline.capture.text_files import MAGIC
from kizuna.web.capture.imports import problems
from kizuna.web.capture.imports.problems import problem
from project import SOURCE

READERS = sorted(
    p
    for folder in ("pipeline/capture", "pipeline/capture/standard", "jobs", "web/capture/imports")
    for p in (SOURCE / folder).glob("*.py")
    if folder != "jobs" or p.name in {"load.py", "records.py"}
)


def refusals(path: Path) -> Iterator[str]:
    """Every sentence that a file raises an `InputError` with, its values filled in."""
    tree = ast.parse(path.read_text("utf-8"))
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == "InputError":
            yield from _said(tree, call.args[0])


def _said(tree: ast.AST, node: ast.expr) -> Iterator[str]:
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        yield _filled(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        of = (f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef))
        function = next((f for f in of if f.name == node.func.id), None)
        for part in ast.walk(function) if function else ():
            if isinstance(part, ast.Return) and part.value is not None:
                yield from _said(tree, part.value)


def _filled(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return "".join(_part(p) for p in parts)


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    listed = "_listed" in ast.unparse(node)
    return "the columns are a, b" if listed else "7"


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.name)
def test_every_refusal_is_said_in_japanese(path: Path) -> None:
    with translation.override("ja"):
        wrong = [said for said in refusals(path) if not japanese(problem(said))]
    assert wrong == []


def japanese(text: str) -> bool:
    return bool(re.search(r"[ぁ-ん]", text))


def test_the_search_for_refusals_finds_them() -> None:
    found = {said for path in READERS for said in refusals(path)}
    assert len(found) > 25
    assert "7: there is no row below the header" in found
    assert any(said.startswith("no row can be used") for said in found)


def test_a_sentence_that_nobody_has_translated_is_found() -> None:
    with translation.override("ja"):
        assert not japanese(problem("the moon is in the wrong house"))


@pytest.mark.parametrize("plain", problems.PROBLEMS, ids=str)
def test_a_problem_is_read_with_its_own_sentence(plain: str) -> None:
    sentence = re.sub(r"\{(\w+)\}", "X", plain)
    first = next(said for pattern, said in problems._patterns() if pattern.fullmatch(sentence))
    assert first == problems.PROBLEMS[plain]


def test_reasons_within_a_sentence_are_said_in_the_language_too() -> None:
    sentence = (
        "no row can be used: 2 the date cannot be read, 1,000 no customer is given; column 'day' "
        "holds e.g. 'x, y': is --date the right column?"
    )
    with translation.override("ja"):
        said = problem(sentence)
    assert "日付を読み取れません（2行）、顧客の記載がありません（1,000行）" in said
    assert "「注文日」" in said
    assert "--" not in said


def test_options_of_the_command_are_named_as_on_the_page() -> None:
    sentence = "no column looks like the amount: name it with --amount; the columns are a, b"
    with translation.override("en"):
        assert problem(sentence) == "No column was recognised as: Amount. Choose one of: a, b."


def test_every_kind_of_file_that_is_no_table_has_words() -> None:
    assert problems.KINDS.keys() == {*MAGIC.values(), "not text"}
