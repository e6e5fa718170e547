"""A small shop whose customers are valued once a test run; published anew for each test."""

from __future__ import annotations

import pickle
import shutil
from datetime import date
from functools import cache
from pathlib import Path

from command import shop_log
from kizuna.jobs.refresh import RefreshResult, refresh
from kizuna.pipeline.capture.orders import OrderSources, read_orders
from kizuna.pipeline.engine import Engine
from kizuna.pipeline.store import Store
from made_once import in_this_run, own_folder

CUSTOMERS = 300
VALUED = 232
"""Of these, customers with an order: the others come after the last day."""


def with_orders(folder: Path, customers: int = CUSTOMERS) -> Store:
    """Give a store with the orders of a shop, in dollars."""
    log = shop_log(folder / "log.csv", customers=customers)
    store = Store(folder / "store")
    with Engine(threads=2) as engine:
        sources = OrderSources(paths=(str(log),))
        read_orders(engine, sources, today=date(2026, 11, 21), currency="USD")
        store.write("transactions", engine.table("transactions"))
    return store


@cache
def refreshed_shop() -> tuple[Path, RefreshResult]:
    """Give a data folder whose store is refreshed, and what the refresh found.

    The folder is this process's own: tests write into it.
    """
    made = in_this_run("shop", _make)
    folder = Path(shutil.copytree(made / "home", own_folder("shop") / "home"))
    with (made / "found").open("rb") as file:
        found: RefreshResult = pickle.load(file)
    return folder, found


def _make(folder: Path) -> None:
    (folder / "home").mkdir()
    found = refresh(with_orders(folder / "home"))
    with (folder / "found").open("wb") as file:
        pickle.dump(found, file)
