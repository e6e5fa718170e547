"""What people come for, from end to end, in a real browser on a real installation."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.utils import translation

from command import run
from data_sets import data_file, requires_data
from demo_application import Demo
from kizuna.web.ui.templatetags.ui import writer
from web_installations import environment, free_port, install

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"
PATIENCE = 120.0
LONG = PATIENCE * 1000


class Person:
    """Someone in front of a browser, with all that their pages complained about."""

    def __init__(self, player: Any, root: str, **more: Any) -> None:
        self.root, self.room = root, player.new_context(**more)
        self.page = self.room.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, address: str) -> int:
        """Go to an address; give the status of the answer."""
        status: int = self.page.goto(self.root + address).status
        return status

    def fill(self, **values: str) -> None:
        """Fill in the fields of a form, which have their names in their ids."""
        for name, value in values.items():
            field = self.page.locator(f"main #id_{name}")
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, selector: str) -> None:
        """Click, and wait for the page that follows."""
        self.page.click(selector)
        self.page.wait_for_load_state()

    @property
    def text(self) -> str:
        """What the page says."""
        return str(self.page.inner_text("main"))


@pytest.fixture
def person_at(player: Any) -> Iterator[Any]:
    """Give people in front of browsers; nothing may have gone wrong in them."""
    there: list[Person] = []

    def come(root: str, **more: Any) -> Person:
        there.append(Person(player, root, **more))
        return there[-1]

    yield come
    complaints = [said for someone in there for said in someone.complaints]
    for someone in there:
        someone.room.close()
    assert complaints == []


@contextmanager
def served(home: Path) -> Iterator[str]:
    """Serve a fresh installation with its worker; give its address."""
    port = str(free_port())
    command = [sys.executable, "-m", "kizuna", "serve", "--with-worker", "--port", port]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment(install(home)), stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health/live", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            return urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
    pytest.fail("the application never answered")


def set_up(owner: Person, language: str) -> None:
    """Make the owner, on a first start."""
    owner.open("/")
    owner.fill(
        name="Aiko", email="aiko@example.com", password=PASSWORD, again=PASSWORD, language=language
    )
    owner.press("main button.primary")


def bring_in(someone: Person, file: Path, currency: str) -> None:
    """Import a file of orders: look, check, import."""
    someone.open("/imports/")
    someone.page.set_input_files("input[type=file]", str(file))
    someone.press("form[action$='/upload'] button.primary")
    someone.page.wait_for_selector("form[action$='/columns']", timeout=LONG)
    someone.fill(money=currency)
    someone.press("form[action$='/columns'] button.primary")
    someone.page.wait_for_selector("form[action$='/start']", timeout=LONG)
    someone.press("form[action$='/start'] button.primary")
    someone.page.wait_for_selector("form[action$='/undo']", timeout=LONG)


def wait_for_the_board(someone: Person) -> None:
    """Open the first screen again and again until there is something on it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        someone.open("/")
        if someone.page.locator("#findings").count():
            return
        time.sleep(0.5)
    pytest.fail(someone.text)


@requires_data
@pytest.mark.parametrize(
    ("language", "data", "currency"),
    [
        ("en", "online_retail/online_retail.parquet", "GBP"),
        ("ja", "cdnow/cdnow_master.parquet", "USD"),
    ],
)
def test_from_the_first_start_to_the_board_that_says_what_the_command_says(
    person_at: Any, tmp_path: Path, language: str, data: str, currency: str
) -> None:
    (home := tmp_path / "home").mkdir()
    file = data_file(data)
    with served(home) as root:
        owner = person_at(root, locale=language)
        set_up(owner, language)
        bring_in(owner, file, currency)
        wait_for_the_board(owner)
        said = run(file, "--currency", currency, out=tmp_path / "value").summary
        with translation.override(language):
            for name in ("value", "low", "high"):
                assert writer(currency).money(said["customer_equity"][name]) in owner.text


STORY = {"en": "probability", "ja": "見込"}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_three_clicks_lead_to_the_valuable_customers_at_risk_and_why(
    person_at: Any, demo: Demo, signed_in: dict[str, Path], language: str
) -> None:
    owner = person_at(demo.root, storage_state=signed_in["owner"])
    owner.open("/")
    owner.press(f".rail .language button[value={language}]")
    owner.press(".page-head .actions a.primary")
    listed = owner.page.locator("main table tbody tr")
    assert listed.count() > 0
    owner.press("main table tbody tr a >> nth=0")
    story = owner.page.locator("main p.prose").first.inner_text()
    assert STORY[language] in story
    assert re.search(r"\d", story)
    assert owner.page.get_attribute("html", "lang") == language


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_success_manager_sees_who_fell_and_says_what_she_knows(
    person_at: Any, demo: Demo, signed_in: dict[str, Path], language: str
) -> None:
    owner = person_at(demo.root, storage_state=signed_in["owner"])
    owner.open("/customer-health/")
    owner.press(f".rail .language button[value={language}]")
    with translation.override(language):
        assert translation.gettext("Health of customers") in owner.text
        assert translation.gettext("Who moved") in owner.text
    owner.press("#moved ~ div tbody a >> nth=0")
    owner.page.select_option("#rating_rating", "4")
    owner.page.fill("#rating_reason", "Met last week")
    owner.press("form[action*='/rate'] button")
    with translation.override(language):
        assert translation.gettext("4: content; reaches what they came for") in owner.text
    until = owner.page.evaluate("new Date(Date.now() + 9 * 864e5).toISOString().slice(0, 10)")
    for name, value in {"health": "91", "reason": "Signed yesterday", "until_on": until}.items():
        owner.page.fill(f"#by_hand_{name}", value)
    owner.press("form[action*='/override'] button")
    assert "Signed yesterday" in owner.text
    owner.press("form[action*='/end-override'] button")
    owner.open("/customer-health/bands")
    owner.press("button[value=try]")
    with translation.override(language):
        assert translation.gettext("Customers of today by band") in owner.text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_two_people_see_what_they_may_and_no_more(
    person_at: Any, tmp_path: Path, language: str
) -> None:
    with served(tmp_path) as root:
        owner = person_at(root, locale=language)
        set_up(owner, language)
        owner.open("/people/")
        owner.fill(note="Chiyo", role="viewer")
        owner.press("main form:has([name=note]) button.primary")
        link = owner.page.locator("main code").first.inner_text()
        viewer = person_at(root, locale=language)
        viewer.open(link.removeprefix(root))
        viewer.fill(
            name="千代 مرحبا 😀", email="chiyo@example.com", password=PASSWORD, again=PASSWORD
        )
        viewer.press("main button.primary")
        seen = {name: _addresses_in(someone) for name, someone in (("o", owner), ("v", viewer))}
        assert seen["v"] < seen["o"]
        assert {"/imports/", "/people/", "/audit/"} <= seen["o"] - seen["v"]
        for address in seen["o"] - seen["v"]:
            assert viewer.open(address) == 403
        assert viewer.open("/customers/") == 200
        owner.open("/audit/")
        assert "千代 مرحبا 😀" in owner.text


def _addresses_in(someone: Person) -> set[str]:
    """Where the navigation leads to."""
    someone.open("/")
    links = someone.page.locator(".rail nav a").all()
    return {str(link.get_attribute("href")) for link in links}


def test_the_keyboard_alone_leads_from_signing_in_to_a_customer(
    person_at: Any, demo: Demo, signed_in: dict[str, Path]
) -> None:
    owner = person_at(demo.root, storage_state=signed_in["owner"])
    owner.open("/")
    for wanted in (f"{demo.root}/customers/", f"{demo.root}/customers/one"):
        _tab_to(owner, wanted)
        with owner.page.expect_navigation():
            owner.page.keyboard.press("Enter")
    assert owner.page.locator("main p.prose").count() == 1


FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  return {href: e.href || '', outline: style.outlineStyle, tag: e.outerHTML.slice(0, 80)};
}"""


def _tab_to(someone: Person, address: str) -> None:
    """Press Tab until a link to an address has the focus, which must be seen all the way."""
    for _ in range(400):
        someone.page.keyboard.press("Tab")
        focused = someone.page.evaluate(FOCUSED)
        if focused["tag"].startswith("<body"):
            continue
        assert focused["outline"] != "none", focused["tag"]
        if focused["href"].startswith(address):
            return
    pytest.fail(f"the keyboard never came to {address}")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_without_script_everything_but_the_pictures_is_there(
    person_at: Any, demo: Demo, signed_in: dict[str, Path], tmp_path: Path, language: str
) -> None:
    owner = person_at(demo.root, storage_state=signed_in["owner"], java_script_enabled=False)
    owner.open("/")
    owner.press(f".rail .language button[value={language}]")
    assert owner.page.locator("#findings").count() == 1
    owner.open("/customers/")
    owner.page.fill("main [name=q]", "C000007")
    owner.press("main form[role=search] button.primary")
    assert owner.page.locator("main table tbody tr").count() == 1
    owner.press("main table tbody tr a >> nth=0")
    assert "C000007" in owner.text
    orders = tmp_path / f"{language}.csv"
    orders.write_text("customer_id,date,amount\nNEW,2026-09-01,1200\nNEW,soon,1200\n", "utf-8")
    owner.open("/imports/")
    owner.page.set_input_files("input[type=file]", str(orders))
    owner.press("form[action$='/upload'] button.primary")
    owner.press("form[action$='/columns'] button.primary")
    _wait_without_script(owner, "form[action$='/start']")
    assert owner.page.locator("a[download]").count() == 1, "one row is left out, and can be had"


def _wait_without_script(someone: Person, selector: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not someone.page.locator(selector).count():
        time.sleep(0.5)
        someone.page.reload()
    assert someone.page.locator(selector).count(), someone.text
