"""The report in a real browser: drawn, silent, readable, printable."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kizuna.report import render
from report import results

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "</script><img src=x onerror=\"document.title='taken'\">"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: make system-parts"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports in both languages, with a customer who wants to run a script."""
    folder = tmp_path_factory.mktemp("report")
    tables = results.tables()
    tables["top_customers"] = results.top_customers(
        (HOSTILE, "مرحبا بالعالم", "😀", "=1+1", "山田")
    )
    for lang in ("en", "ja"):
        page = render(results.summary(), tables, lang=lang)  # type: ignore[arg-type]
        (folder / f"{lang}.html").write_text(page, encoding="utf-8")
    return folder


class Opened:
    """A page with all that it complained about or asked for."""

    def __init__(self, browser: Any, file: Path, width: int = 1440, scheme: str = "light") -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-ready]")

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.context.close()


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("width", [1440, 390])
def test_all_charts_are_drawn_and_nothing_overflows(
    browser: Any, folder: Path, lang: str, width: int
) -> None:
    with Opened(browser, folder / f"{lang}.html", width) as opened:
        drawn = opened.page.locator(".chart .main-svg:first-of-type").count()
        assert drawn == opened.page.locator(".chart").count() == 8
        overflow = "document.documentElement.scrollWidth - window.innerWidth"
        assert opened.page.evaluate(overflow) <= 0


def test_the_page_asks_for_nothing_and_complains_about_nothing(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "en.html") as opened:
        assert opened.complaints == []
        assert [url for url in opened.requests if not url.startswith("file:")] == []


def test_a_script_that_is_not_of_the_page_does_not_run(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "en.html") as opened:
        opened.page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent ="
            " \"document.title='taken'\"; document.body.append(s); }"
        )
        assert opened.page.title() != "taken"
        assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def test_a_hostile_customer_is_shown_as_text(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "en.html") as opened:
        assert opened.page.title().startswith("Customer lifetime value")
        assert opened.page.locator("#customers code").first.inner_text() == HOSTILE


def test_dark_readers_get_dark_charts(browser: Any, folder: Path) -> None:
    line = "getComputedStyle(document.querySelector('#tracking-lines .js-line')).stroke"
    found = {}
    for scheme in ("light", "dark"):
        with Opened(browser, folder / "en.html", scheme=scheme) as opened:
            found[scheme] = opened.page.evaluate(line)
    assert found == {"light": "rgb(29, 35, 41)", "dark": "rgb(231, 234, 237)"}


def test_the_numbers_open_by_keyboard(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "en.html") as opened:
        opened.page.locator("details.numbers summary").first.focus()
        opened.page.keyboard.press("Enter")
        assert opened.page.locator("details.numbers").first.evaluate("d => d.open")


def test_the_first_key_leads_past_the_contents(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "ja.html") as opened:
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.className") == "skip"


def test_charts_fit_the_paper_when_printed(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "en.html") as opened:
        opened.page.emulate_media(media="print")
        opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        widths = opened.page.eval_on_selector_all(
            ".chart .main-svg:first-of-type", "all => all.map(svg => svg.clientWidth)"
        )
        assert len(widths) == 8
        assert max(widths) <= 690


def test_the_page_prints_on_a_handful_of_a4_sheets(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "ja.html") as opened:
        pdf = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    sheets = re.findall(rb"/MediaBox\s*\[0 0 (\d+)[.\d]* (\d+)", pdf)
    assert 5 <= len(sheets) <= 11
    assert {(int(w), int(h)) for w, h in sheets} <= {(594, 841), (595, 841), (595, 842)}
