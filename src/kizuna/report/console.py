"""The summary as a terminal shows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from kizuna.report.language import Language
from kizuna.report.material import Material
from kizuna.report.names import model_name

FILES = ("report.html", "customers.csv", "customers.parquet", "summary.json", "rejected.csv")


def print_summary(summary: Mapping[str, Any], out: Path, *, lang: str) -> None:
    """Print the summary for reading, and where the files are."""
    console = Console(highlight=False, soft_wrap=True)
    m = Material(summary, {}, Language(lang, summary.get("currency")))
    console.print(f"[bold]{headline(m)}[/bold]", markup=True)
    console.print(_facts(m))
    for warning in summary.get("warnings") or ():
        console.print(f"! {warning}", style="yellow", markup=False)
    console.print(m.say("Written to {folder}: {files}", folder=out, files=", ".join(FILES)))


def headline(m: Material) -> str:
    """Say what the customers are worth, or that it is not yet known."""
    equity = m.get("customer_equity") or {}
    if equity.get("value") is None:
        return m.say("What these customers will bring is not yet known.")
    return m.say(
        "Future margin over {horizon}: {value} (90 % interval {low} to {high})",
        horizon=m.horizon,
        value=m.say.money(equity["value"]),
        low=m.say.money(equity["low"], like=equity["high"]),
        high=m.say.money(equity["high"]),
    )


def _facts(m: Material) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in (
        (m.say("Columns"), _columns(m)),
        (m.say("Rows read"), _rows(m)),
        (m.say("Customers"), m.say.number(m.get("customers"))),
        (m.say("Orders"), m.say.number(m.get("orders"))),
        (m.say("Last day of history"), m.day("as_of")),
        (m.say("Model"), model_name(m.say, m.model)),
        (m.say("On the unseen part"), _holdout(m)),
        (m.say("Why this model"), str(m.get("choice", "reason") or "–")),
    ):
        table.add_row(name, value)
    return table


def _columns(m: Material) -> str:
    guessed = m.get("columns_guessed") or {}
    return ", ".join(f"{part} = {name}" for part, name in guessed.items() if name) or "–"


def _rows(m: Material) -> str:
    rejected = sum((m.get("rows_rejected") or {}).values())
    read, left_out = m.say.number(m.get("rows_read")), m.say.number(rejected)
    return m.say("{read}, of which left out: {rejected}", read=read, rejected=left_out)


def _holdout(m: Material) -> str:
    hold = m.get("holdout")
    if not hold:
        return "–"
    return m.say(
        "{start} to {end}: predicted {predicted} ({low} to {high}), actual {actual} purchases",
        start=m.day("holdout", "start"),
        end=m.day("holdout", "end"),
        predicted=m.say.number(hold["predicted_purchases"]),
        low=m.say.number(hold["predicted_low"]),
        high=m.say.number(hold["predicted_high"]),
        actual=m.say.number(hold["actual_purchases"]),
    )
