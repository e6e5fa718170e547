"""What `kizuna demo` does: the company simulated, brought in, served, and a browser opened."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

from kizuna.demo import simulate_company
from kizuna.pipeline.errors import InputError
from kizuna.web import serve
from kizuna.web.demo.home import Company, DemoHome

type Progress = Callable[[str, float], None]
type Say = Callable[[str], None]

PORT = 8000
PATIENCE_SECONDS = 60.0
WELCOME = """\
Kizuna is at {root}, with the demo company in it (Ctrl+C ends it).
Sign in by one of these links; each works once, on this machine, within the hour:
  owner   {root}{owner}
  viewer  {root}{viewer}
What the application says of itself: {log}"""
CONTINUES = "The company of {customers:,} customers in {out} is there already, as you left it."


def make(out: Path, company: Company, *, today: date, on_progress: Progress, say: Say) -> DemoHome:
    """Make the demo's installation, or find it as it was left."""
    home = DemoHome.of(out)
    there = home.company()
    if there is None:
        home.begin(company)
    home.enter()
    serve.prepare()
    _log_into(home.log)
    if there is None:
        _fill(home, company, today, on_progress)
        home.finish(company)
    else:
        say(CONTINUES.format(customers=there.customers, out=home.out))
    return home


def show(home: DemoHome, *, port: int | None, open_: bool, say: Say) -> int:
    """Serve it with its worker until told to stop; a browser opens once it answers."""
    from kizuna.web.demo.company import owner_and_viewer
    from kizuna.web.demo.links import link_of

    address = _address(port)
    owner, viewer = (link_of(person) for person in owner_and_viewer())
    root = f"http://{address}"
    say(WELCOME.format(root=root, owner=owner, viewer=viewer, log=home.log))
    if open_:
        threading.Thread(target=_open, args=(root, owner), daemon=True).start()
    _turn_stderr_to(home.log)
    return serve.serve_with_worker(address)


def _fill(home: DemoHome, company: Company, today: date, on_progress: Progress) -> None:
    from kizuna.web.demo.company import fill

    on_progress("simulate", 0.0)
    lang: Literal["en", "ja"] = "ja" if company.lang == "ja" else "en"
    simulated = simulate_company(
        home.out,
        as_of=today.replace(day=1) - timedelta(days=1),
        customers=company.customers,
        seed=company.seed,
        lang=lang,
    )
    fill(simulated, lang=lang, on_progress=on_progress)


def _address(port: int | None) -> serve.Address:
    """Give the address asked for, or where none was, one that is free."""
    address = serve.Address("127.0.0.1", PORT if port is None else port)
    try:
        address.check_free()
    except InputError:
        if port is not None:
            raise
        return serve.Address("127.0.0.1", _free_port())
    return address


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _open(root: str, path: str) -> None:
    """Wait until the application answers, then show it."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with suppress(URLError, ConnectionError), urlopen(f"{root}/health/live", timeout=5):
            webbrowser.open(root + path)
            return
        time.sleep(0.2)


def _log_into(path: Path) -> None:
    """Write the log of this process into a file, so that the terminal keeps its progress bar."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(path.open("a", encoding="utf-8"))


def _turn_stderr_to(path: Path) -> None:
    """Send what the processes started from here say into the same file."""
    with path.open("ab") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
