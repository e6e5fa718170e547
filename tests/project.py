"""The project as its repository tests see it: its files, its text, its public names."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "kizuna"
DOCS = ROOT / "docs"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files that belong to the project: tracked by git, or new and not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in sorted(listing.stdout.split("\0")) if name)
    return tuple(path for path in paths if path.is_file())


def files_with(*suffixes: str) -> list[Path]:
    """Files of the project with one of these suffixes."""
    return [path for path in tracked_files() if path.suffix in suffixes]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def documentation() -> str:
    """All that a user may read: README, CONTRIBUTING and every page of docs/."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
    return "\n".join(page.read_text("utf-8") for page in pages)


def public_definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Public classes, functions and methods of a module; properties and dunders left out."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            yield from (
                (f"{node.name}.{method.name}", method)
                for method in node.body
                if isinstance(method, ast.FunctionDef) and _is_public(method)
            )
        elif isinstance(node, ast.FunctionDef) and _is_public(node):
            yield node.name, node


def _is_public(function: ast.FunctionDef) -> bool:
    decorators = {ast.unparse(d) for d in function.decorator_list}
    return not function.name.startswith("_") and not decorators & {"property", "overload"}


def code_blocks(page: str, language: str) -> list[str]:
    """Fenced blocks of a Markdown page in one language."""
    blocks, inside = [], None
    for line in page.splitlines():
        if inside is None and line == f"```{language}":
            inside = []
        elif inside is not None and line == "```":
            blocks.append("\n".join(inside))
            inside = None
        elif inside is not None:
            inside.append(line)
    return blocks
