"""Every file is short, portable and finished."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from project import ROOT, files_with, relative, tracked_files

LONGEST_FILE, LONGEST_FUNCTION, LARGEST_KB = 400, 60, 400
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "core", "base", "misc"}
# spelled so that this file does not contain what it looks for
MACHINE_PATH = re.compile(
    r"(?:^|[^A-Za-z0-9_.~-])/(?:" + "|".join(("work", "farm", "root", "home")) + ")/"
)
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME")) + r")\b")

CODE = files_with(".py", ".sql", ".html", ".js", ".css", ".sh")
TEXT = [
    p for p in tracked_files() if p.suffix not in {".png", ".ico", ".woff2"} and p.name != "uv.lock"
]
PYTHON = files_with(".py")


def too_long(text: str) -> bool:
    return len(text.splitlines()) > LONGEST_FILE


def long_functions(text: str) -> list[str]:
    """Names of functions with too many lines, their docstring left out."""
    functions = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef))
    return [f.name for f in functions if _code_lines(f) > LONGEST_FUNCTION]


def _code_lines(function: ast.FunctionDef) -> int:
    docstring = ast.get_docstring(function, clean=False) or ""
    last = function.end_lineno or function.lineno
    return last - function.lineno - len(docstring.splitlines())


def offenders(paths: Iterable[Path], offends: Callable[[str], object]) -> list[str]:
    """Names of the files whose text offends."""
    return [relative(path) for path in paths if offends(path.read_text("utf-8"))]


def test_every_file_is_short_enough_to_read() -> None:
    written = [path for path in CODE if path.parent.name != "migrations"]  # those Django writes
    assert offenders(written, too_long) == [], f"more than {LONGEST_FILE} lines: split by concept"


def test_every_function_is_short_enough_to_read() -> None:
    assert offenders(PYTHON, long_functions) == [], f"functions over {LONGEST_FUNCTION} lines"


def test_no_file_names_a_place_of_one_machine() -> None:
    assert offenders(TEXT, MACHINE_PATH.search) == []


def test_no_file_leaves_something_for_later() -> None:
    assert offenders(TEXT, UNFINISHED.search) == []


def test_no_file_is_large() -> None:
    large = [relative(p) for p in tracked_files() if p.stat().st_size > LARGEST_KB * 1024]
    assert [name for name in large if name != "uv.lock"] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [relative(p) for p in PYTHON if p.stem in EMPTY_NAMES] == []


def test_every_test_module_says_what_it_holds() -> None:
    tests = [p for p in PYTHON if relative(p).startswith("tests/")]
    mute = [relative(p) for p in tests if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert mute == []


def test_the_checks_themselves_bite() -> None:
    assert too_long("x\n" * (LONGEST_FILE + 1))
    assert long_functions("def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION + 1)) == ["f"]
    assert MACHINE_PATH.search("see " + str(Path("/") / "home" / "me" / "kizuna"))
    assert UNFINISHED.search("# TO" + "DO: later")


def test_the_lock_takes_packages_from_the_public_index_alone() -> None:
    sources = re.findall(r'(?:registry|url) = "([a-z]+://[^/"]*)', (ROOT / "uv.lock").read_text())
    assert set(sources) == {"https://pypi.org", "https://files.pythonhosted.org"}
