"""The demo: made once, continued as it was left, signed in by links that work once and here."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from web_installations import environment

PATIENCE = 120.0


class Running:
    """A demo in a process of its own."""

    def __init__(self, out: Path, *options: str) -> None:
        command = [sys.executable, "-m", "kizuna", "demo", "--no-open", "--out", str(out)]
        # what another installation is told must not reach the demo
        told = environment(out / "elsewhere", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
        self.process = subprocess.Popen(
            [*command, "--customers", "300", *options],
            env=told,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.said = self._read_until("What the application says")

    @property
    def links(self) -> list[str]:
        """The links of the owner and of the viewer."""
        return re.findall(r"http://\S+/demo/\S+", self.said)

    def browser(self) -> Any:
        """Give a browser that keeps cookies, once the application answers."""
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        opener.addheaders = [("Accept-Language", "ja")]
        root = self.links[0].partition("/demo/")[0]
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                opener.open(f"{root}/health/live", timeout=5).close()
                return opener
            except OSError:
                time.sleep(0.1)
        pytest.fail("the demo never answered")

    def stop(self) -> int:
        """Press Ctrl+C."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def _read_until(self, words: str) -> str:
        said = ""
        for line in self.process.stdout or []:
            said += line
            if words in line:
                return said
        pytest.fail(said)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo lies."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Running]:
    """A demo in Japanese."""
    running = Running(folder, "--lang", "ja")
    yield running
    running.stop()


def page(opener: Any, link: str) -> str:
    with opener.open(link, timeout=30) as answer:
        return str(answer.read().decode())


@pytest.mark.slow
def test_the_link_opens_the_board_of_a_company_that_is_valued(demo: Running) -> None:
    opener = demo.browser()
    shown = page(opener, demo.links[0])
    assert "青木 愛子" in shown
    assert "300人" in shown
    again = page(demo.browser(), demo.links[0])
    assert "このリンクは使用済み" in again


@pytest.mark.slow
def test_the_second_link_is_of_someone_who_may_only_look(demo: Running) -> None:
    openers = [demo.browser() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(lambda opener: page(opener, demo.links[1]), openers))
    inside = [opener for opener, text in zip(openers, shown, strict=True) if "森 千代" in text]
    assert len(inside) == 1, "of several who use the link at once, one comes in"
    root = demo.links[1].partition("/demo/")[0]
    with pytest.raises(HTTPError) as refused:
        inside[0].open(f"{root}/people/")
    with refused.value as answer:
        assert answer.code == 403


@pytest.mark.slow
def test_a_second_demo_in_the_same_folder_is_refused(demo: Running, folder: Path) -> None:
    command = [sys.executable, "-m", "kizuna", "demo", "--no-open", "--out", str(folder)]
    ran = subprocess.run(command, env=environment(folder), capture_output=True, text=True)
    assert ran.returncode == 2
    assert "runs already" in ran.stderr


@pytest.mark.slow
def test_started_again_it_goes_on_as_it_was_left(tmp_path: Path) -> None:
    first = Running(tmp_path)
    first.browser()
    assert first.stop() == 0
    made = (tmp_path / "home" / "db.sqlite3").stat().st_ino
    second = Running(tmp_path)
    assert "is there already" in second.said
    assert (tmp_path / "home" / "db.sqlite3").stat().st_ino == made
    assert "Aiko Aoki" in page(second.browser(), second.links[0])
    assert second.stop() == 0
