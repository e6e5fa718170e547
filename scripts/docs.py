"""Write the pages that are made from the code: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer.main

from kizuna.cli import app
from kizuna.pipeline import contracts
from kizuna.pipeline.tables import TABLES

DOCS = Path(__file__).parents[1] / "docs"
COMMAND_HEAD = """\
# The command

Written from the code by `make docs`. Bad input gets one sentence and exit code 2.
"""


def pages() -> dict[str, str]:
    """Give the text of each generated page, by its name."""
    return {"tables.md": contracts.markdown(TABLES.values()), "command.md": command_page()}


def command_page() -> str:
    """Describe each command with its arguments and options."""
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    sections = ("\n".join(_section(name, command)) for name, command in commands.items())
    return "\n".join([COMMAND_HEAD, *sections])


def _section(name: str, command: Any) -> Iterator[str]:
    yield f"## kizuna {name}\n\n{command.help}\n"
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    yield from (f"`{p.name.upper()}`: {p.help}\n" for p in arguments)
    if options:
        yield "| option | meaning | default |\n|---|---|---|"
        hints = get_type_hints(command.callback)
        yield from (_option(option, hints[option.name]) for option in options)
        yield ""


def _option(option: Any, hint: Any) -> str:
    names = " / ".join([*option.opts, *option.secondary_opts])
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    values = f" One of {', '.join(choices)}." if choices else ""
    shown = option.opts[0] if option.default is True else option.default
    default = "" if option.default in (None, False) else f"`{shown}`"
    return f"| `{names}` | {option.help}{values} | {default} |"


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
