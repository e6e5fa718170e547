"""How to get this page again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from kizuna import __version__
from kizuna.report.blocks import Block, Column, Grid, Prose, Row, Section
from kizuna.report.material import Material

FLAGS = {"horizon_days": "horizon", "json_": "json"}
QUIET = {"orders", "lang", "seed"}


def section(m: Material) -> Section:
    """Give the command, the version and the options, with the columns that were used."""
    text = m.say("The same file and the same version give the same numbers, digit for digit.")
    version = m.say("Made by Kizuna {version} with this command:", version=__version__)
    words = Markup(" ").join(Markup("<span>{}</span>").format(w) for w in command_words(m))
    command = Markup("<code class='command'>{}</code>").format(words)
    blocks: tuple[Block, ...] = (Prose((text, version, command)), *_columns(m))
    return Section("repeat", m.say("How to repeat this"), blocks=blocks)


def command_words(m: Material) -> list[str]:
    """Write the command with every option that was set, each word quoted for a shell."""
    options = dict(m.get("options") or {})
    files = options.pop("orders", None) or ("ORDERS",)
    files = [files] if isinstance(files, str) else files
    words = ["kizuna", "value", *(shlex.quote(str(file)) for file in files)]
    words += _flags(options.items())
    return [*words, "--lang", m.say.code]


def _flags(options: Iterable[tuple[str, Any]]) -> list[str]:
    found = []
    for name, value in options:
        if name in QUIET or (value is None and name != "holdout") or isinstance(value, dict):
            continue
        text = f"{value}d" if name == "horizon_days" else str("none" if value is None else value)
        found += [f"--{FLAGS.get(name, name).replace('_', '-')}", shlex.quote(text)]
    return found


def _columns(m: Material) -> tuple[Grid, ...]:
    guessed = m.get("columns_guessed") or {}
    if not guessed:
        return ()
    roles = {
        "customer": m.say("Customer"),
        "date": m.say("Date"),
        "amount": m.say("Amount"),
        "order": m.say("Order"),
        "quantity": m.say("Quantity"),
        "price": m.say("Unit price"),
        "status": m.say("Status"),
    }
    heads = (Column(m.say("Used as")), Column(m.say("Column of the file"), code=True))
    rows = tuple(Row((roles.get(role, role), str(name or "–"))) for role, name in guessed.items())
    return (Grid(m.say("Columns, as recognised"), heads, rows),)
