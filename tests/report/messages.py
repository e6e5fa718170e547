"""Every message that a reader can meet, found in the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import kizuna
from kizuna.pipeline.capture.notes import TEXTS
from kizuna.pipeline.capture.reasons import REASONS
from kizuna.pipeline.capture.truncation import TEXTS as TRUNCATION

SOURCE = Path(kizuna.__file__).parent
SPEAKERS = {"self", "say", "words", "rich", "counted", "Message"}


def used() -> set[str]:
    """Messages of Python files, templates and the reading of orders."""
    rooms = ("charts", "report", "jobs", "demo")
    files = [file for room in rooms for file in (SOURCE / room).rglob("*.py")]
    found = {message for file in files for message in _in_python(file)}
    found |= {*REASONS.values(), *TEXTS.values(), TRUNCATION["truncated"], TRUNCATION["cohort"]}
    return found | {
        message for file in (SOURCE / "report").rglob("*.j2") for message in _in_template(file)
    }


def _in_python(file: Path) -> Iterator[str]:
    for function in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.Module):
            named = _named(function)
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                yield from _in_call(call, named)


def _named(function: ast.FunctionDef | ast.Module) -> dict[str, list[str]]:
    """Texts that a function gives to a name before saying it, as `message` and `text` are."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).extend(_texts(node.value))
    return found


def _in_call(call: ast.Call, named: dict[str, list[str]]) -> Iterator[str]:
    speaker = (
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    )
    if speaker not in SPEAKERS:
        return
    for argument in call.args[:2]:
        yield from _texts(argument)
        if isinstance(argument, ast.Name):
            yield from (text for text in named.get(argument.id, ()) if " " in text)


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return []


def _in_template(file: Path) -> Iterator[str]:
    for _quote, message in re.findall(r"""\bsay\((["'])(.*?)\1""", file.read_text("utf-8")):
        yield message
