"""The frame and the components in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from kizuna.web.accounts.models import Person, Role

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

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: make system-parts"),
]


@pytest.fixture(scope="module")
def unsafe() -> Iterator[None]:
    """Let this thread reach the database though the browser keeps a loop in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="module")
def browser(unsafe: None) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Visit:
    """A signed-in owner's page, with all that it complained about."""

    def __init__(self, browser: Any, server: Any, **more: Any) -> None:
        self.complaints: list[str] = []
        size = {"width": more.pop("width", 1440), "height": 900}
        room = browser.new_context(viewport=size, **more)
        room.add_cookies([{"name": n, "value": v, "url": server.url} for n, v in _cookies()])
        self.page = room.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{server.url}/ui/")


def _cookies() -> list[tuple[str, str]]:
    owner = Person.objects.create(email="aiko@example.com", name="Aiko", role=Role.OWNER)
    client = Client()
    client.force_login(owner)
    return [(name, morsel.value) for name, morsel in client.cookies.items()]


@pytest.fixture
def visit(browser: Any, live_server: Any) -> Any:
    """Open the style page, as an owner."""
    return lambda **more: Visit(browser, live_server, **more)


def test_charts_are_drawn_under_the_strict_policy_without_a_complaint(visit: Any) -> None:
    opened = visit()
    opened.page.wait_for_selector("html[data-charts] .chart .main-svg")
    assert opened.complaints == []


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_page_is_wider_than_the_screen(visit: Any, width: int, language: str) -> None:
    opened = visit(width=width)
    if language == "ja":
        Person.objects.update(language="ja")
        opened.page.reload()
    opened.page.wait_for_selector("html[data-charts]")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_chart_follows_the_width_and_the_colours(visit: Any) -> None:
    page = visit().page
    page.wait_for_selector("html[data-charts]")
    light = page.evaluate("document.querySelector('.chart')._fullLayout.font.color")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 600, "height": 900})
    page.wait_for_function("Number(document.querySelector('.chart').dataset.drawn) < 560")
    assert page.evaluate("document.querySelector('.chart')._fullLayout.font.color") != light


def test_the_first_key_skips_to_the_content_and_the_focus_is_seen(visit: Any) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_every_control_on_a_narrow_screen_can_be_hit_by_a_finger(visit: Any) -> None:
    page = visit(width=390).page
    page.click(".burger > summary")
    small = page.evaluate(
        """[...document.querySelectorAll(
             'a.button, button, .drawer a, .pages a, .tabs a, summary, select, input[type=text]')]
           .filter((e) => e.getBoundingClientRect().height)
           .filter((e) => e.getBoundingClientRect().height < 43.5)
           .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_the_menu_of_a_narrow_screen_closes_by_escape_and_gives_the_focus_back(visit: Any) -> None:
    page = visit(width=390).page
    page.click(".burger > summary")
    assert page.is_visible(".drawer nav")
    page.keyboard.press("Escape")
    assert not page.is_visible(".drawer nav")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c;
    canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .04045 ? v / 12.92
    : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; }
    return [255, 255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility() || e.closest('svg, [disabled], .hidden, .skip')) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgba(style.color).slice(0, 3)), light(behind(e).slice(0, 3))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push([e.outerHTML.slice(0, 70), ratio.toFixed(2)]);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(visit: Any, scheme: str) -> None:
    assert visit(color_scheme=scheme).page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_of_pages_before_signing_in_stands_out_too(visit: Any, scheme: str) -> None:
    page = visit(color_scheme=scheme).page
    page.goto(page.url.replace("/ui/", "/no-such-page/"))
    assert page.evaluate(CONTRAST) == []


def test_another_language_is_one_press_away_and_stays(visit: Any) -> None:
    page = visit().page
    page.click(".rail .language button:text('日本語')")
    assert page.locator("h1").inner_text() == "画面部品"
    page.goto(page.url)
    assert page.get_attribute("html", "lang") == "ja"


def test_paper_shows_the_content_and_no_frame(visit: Any) -> None:
    page = visit().page
    page.emulate_media(media="print")
    assert not page.is_visible("header.side")
    assert page.is_visible("main h1")


def test_the_page_can_be_read_without_script(visit: Any) -> None:
    page = visit(java_script_enabled=False, width=390).page
    page.click(".burger > summary")
    assert page.is_visible(".drawer nav")
    page.click(".burger > summary")
    page.click(".explain summary")
    assert page.is_visible(".explain dl")
