"""The demo: made once, continued as it was left, signed in by links that work once and here."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from demo_application import CUSTOMERS, Demo, demo_left
from web_installations import environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where the demo lies."""
    return demo_left("ja")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    """A demo in Japanese."""
    running = Demo(folder, "--lang", "ja")
    yield running
    running.stop()


def browser() -> Any:
    """Give something that keeps cookies and reads Japanese."""
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    opener.addheaders = [("Accept-Language", "ja")]
    return opener


def page(opener: Any, link: str) -> str:
    with opener.open(link, timeout=30) as answer:
        return str(answer.read().decode())


def test_the_link_opens_the_board_of_a_company_that_is_valued(demo: Demo) -> None:
    shown = page(browser(), demo.owner)
    assert "青木 愛子" in shown
    assert f"{CUSTOMERS}人" in shown
    assert "このリンクは使用済み" in page(browser(), demo.owner)


def test_each_alert_has_an_owner_a_cause_a_true_stake_and_an_advice(folder: Path) -> None:
    said = "SELECT a.person_id, a.severity, a.value, a.at_risk, a.stake_of, r.title, r.advice, "
    said += "r.changes FROM alerts_alert a JOIN alerts_reason r ON r.alert_id = a.id"
    with closing(sqlite3.connect(folder / "home" / "db.sqlite3")) as database:
        found = database.execute(said).fetchall()
    assert len(found) > 5
    for person, severity, value, at_risk, stake_of, title, advice, changes in found:
        assert person is not None
        assert value >= 1
        known = at_risk is not None and 0 < at_risk <= value
        assert severity == "good" or known == (stake_of != "bound")
        assert stake_of in ("contract", "renewal", "bound", "notice", "purchase")
        assert title
        assert advice
        assert json.loads(changes)


def test_of_several_who_use_a_link_at_once_one_comes_in_and_may_only_look(demo: Demo) -> None:
    openers = [browser() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(lambda opener: page(opener, demo.viewer), openers))
    inside = [opener for opener, text in zip(openers, shown, strict=True) if "森 千代" in text]
    assert len(inside) == 1
    with pytest.raises(HTTPError) as refused:
        inside[0].open(f"{demo.root}/people/")
    with refused.value as answer:
        assert answer.code == 403


def test_a_second_demo_in_the_same_folder_is_refused(demo: Demo, folder: Path) -> None:
    command = [sys.executable, "-m", "kizuna", "demo", "--no-open", "--out", str(folder)]
    ran = subprocess.run(command, env=environment(folder), capture_output=True, text=True)
    assert ran.returncode == 2
    assert "runs already" in ran.stderr


def test_started_again_it_goes_on_as_it_was_left() -> None:
    folder = demo_left("en")
    made = (folder / "home" / "db.sqlite3").stat().st_ino
    second = Demo(folder)
    assert "is there already" in second.said
    assert (folder / "home" / "db.sqlite3").stat().st_ino == made
    assert "Aiko Aoki" in page(browser(), second.owner)
    assert second.stop() == 0
