"""Messages on a site in a real browser: shown once, by the keyboard, not to whom is held out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler

from kizuna.web.accounts.models import Person
from kizuna.web.act.actions import services as actions
from kizuna.web.act.actions.models import Assignment, Deed
from kizuna.web.act.gate import checks
from kizuna.web.act.on_site import showing
from kizuna.web.act.on_site.models import Hit, Message, Showing
from kizuna.web.act.surveys.models import Answer
from kizuna.web.act.surveys.services import designing
from kizuna.web.capture.ingest import api
from kizuna.web.capture.ingest.models import Kind
from kizuna.web.capture.ingest.services import make_key
from kizuna.web.capture.snippet.models import Site
from kizuna.web.capture.snippet.tags import tag_of
from web.on_site.conftest import AGENT, written
from web.snippet.shop import Shop
from web.snippet.test_in_browser import CHROMIUM, FLAGS, until, visit
from web.surveys.conftest import SAID as SURVEY

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: make system-parts"),
]
CLOSED = "document.querySelector('kizuna-message') === null"
POLICY = "default-src 'none'; script-src {0} 'nonce-n'; connect-src {0}"
PLACE = "document.querySelector('#mine').getBoundingClientRect().toJSON()"
GRID = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("body { display: grid; grid-template-columns: 200px 1fr }");
    document.adoptedStyleSheets = [sheet];
}"""
FOCUS = "document.activeElement.shadowRoot?.activeElement?.textContent ?? document.activeElement.id"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as player:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def room(browser: Any) -> Iterator[Any]:
    opened = browser.new_context(user_agent=AGENT, locale="ja-JP")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer one request at a time: in tests all threads share one connection to the database."""
    lock, answer = Lock(), BaseHandler.get_response

    def alone(self: Any, request: Any) -> Any:
        with lock:
            return answer(self, request)

    monkeypatch.setattr(BaseHandler, "get_response", alone)


@pytest.fixture
def shop(live_server: Any, aiko: Person) -> Iterator[Shop]:
    """Give a shop with a strict policy, whose pages carry the tag."""
    for kept in (api._door, api._inbox):
        kept.cache_clear()
    made = Shop()
    key = make_key(actor=aiko, name="shop", kind=Kind.BROWSER, origins=[made.url])[1]
    site = Site.objects.create(
        name="Shop", key=key, consent="given", pages=False, messages=True,
        recipient="A", purpose_ja="B", purpose_en="C",
    )  # fmt: skip
    policy = POLICY.format(live_server.url)
    made.tag = (
        f'<!doctype html><html lang="ja"><meta charset="utf-8"><title>Shop</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<body><button id="mine">mine</button><p>text</p>{tag_of(site, live_server.url)}'
    )
    yield made
    made.close()
    for kept in (api._door, api._inbox):
        kept.cache_clear()


def come(page: Any) -> Any:
    """Wait for the message."""
    box = page.locator("kizuna-message .box")
    box.wait_for(timeout=10_000)
    return box


def after(page: Any, path: str, do: Any) -> Any:
    """Do something, and give what the server answered to a call that follows from it."""
    with page.expect_response(lambda answer: answer.url.endswith(path)) as call:
        do()
    return call.value


def quiet(page: Any) -> bool:
    """Wait as long as a message would take, and tell that there is none."""
    page.wait_for_timeout(900)
    return bool(page.evaluate(CLOSED))


def test_a_banner_is_shown_once_and_its_deed_is_recorded(
    room: Any, shop: Shop, banner: Message
) -> None:
    complaints = list[str]()
    page = room.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    assert after(page, "/note", lambda: page.goto(shop.url + "/")).status == 204
    box = come(page)
    assert box.get_attribute("role") == "region"
    page.evaluate(GRID)
    place = page.evaluate(PLACE)
    assert "<script>x</script>" in box.inner_text(), "what looks like HTML is read as it is typed"
    page.evaluate("document.querySelector('kizuna-message').remove()")
    assert page.evaluate(PLACE) == place, "it takes no place on the page"
    assert Deed.objects.count() == 1
    assert complaints == [], "a strict policy has nothing to object to"
    page.goto(shop.url + "/next")
    assert quiet(page), "the cap holds on the next page"
    assert Showing.objects.count() == 1


def test_nothing_is_asked_before_consent(room: Any, shop: Shop, banner: Message) -> None:
    shop.tag = shop.tag.replace(' data-consent="given"', "")
    asked = list[str]()
    page = room.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(shop.url + "/")
    assert quiet(page)
    assert not [url for url in asked if "on-site" in url]
    page.evaluate("kizuna.push(['consent', true])")
    come(page)


def test_a_pop_up_is_worked_by_the_keyboard(room: Any, shop: Shop, aiko: Person) -> None:
    written(aiko, look="popup", trigger="seconds", after=1, times=5)
    page = visit(room, shop)
    page.locator("#mine").focus()
    box = come(page)
    assert (box.get_attribute("role"), box.get_attribute("aria-modal")) == ("dialog", "true")
    assert page.evaluate(FOCUS) == "閉じる"
    around = []
    for _press in range(3):
        page.keyboard.press("Tab")
        around.append(page.evaluate(FOCUS))
    assert around == ["見る", "閉じる", "見る"], "the focus stays within"
    after(page, "/note", lambda: page.keyboard.press("Escape"))
    page.wait_for_function(CLOSED)
    assert page.evaluate(FOCUS) == "mine", "and goes back to where it was"
    assert Hit.objects.filter(kind="closed").exists()
    page.goto(shop.url + "/next")
    page.wait_for_timeout(1000)
    assert quiet(page), "who closed it does not see it again"


def asks(aiko: Person, **more: Any) -> Message:
    """Let a message ask a survey."""
    survey = designing.add(actor=aiko, said=SURVEY)
    opened = designing.open_up(actor=aiko, pk=survey.pk)
    return written(aiko, survey=opened, body_ja="", title_ja="", button_ja="", link="", **more)


def test_a_survey_is_answered_by_one_key_and_words_may_follow(
    room: Any, shop: Shop, aiko: Person
) -> None:
    asks(aiko, look="popup", trigger="seconds", after=1)
    page = room.new_page()

    def begin() -> None:
        page.goto(shop.url + "/")
        page.locator("#mine").focus()

    assert after(page, "/note", begin).status == 204
    box = come(page)
    assert box.get_attribute("aria-labelledby") == "question"
    page.wait_for_timeout(600)
    for _press in range(10):
        page.keyboard.press("Tab")
    assert page.evaluate(FOCUS) == "9"
    assert after(page, "/answer", lambda: page.keyboard.press("Enter")).status == 204
    status = page.locator("kizuna-message [role=status]")
    until(page, lambda: "届きました" in status.inner_text())
    assert page.evaluate(FOCUS) == "9", "the focus stays where it was"
    assert Answer.objects.get().score == 9
    for _press in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type("早くて助かる")
    page.keyboard.press("Tab")
    assert after(page, "/answer", lambda: page.keyboard.press("Enter")).status == 204
    until(page, lambda: page.locator("kizuna-message textarea").count() == 0)
    assert Answer.objects.get().comment == "早くて助かる"
    page.keyboard.press("Escape")
    page.wait_for_function(CLOSED)
    assert page.evaluate(FOCUS) == "mine"
    assert not Hit.objects.filter(kind="closed").exists(), "who answered has not sent it away"
    page.goto(shop.url + "/next")
    assert quiet(page)


def scans(room: Any, shop: Shop, aiko: Person) -> int:
    """Let a program press whatever there is as soon as it is there; give how many answers count."""
    asks(aiko)
    page = room.new_page()
    page.add_init_script(
        """const timer = setInterval(() => {
            const found = document.querySelector('kizuna-message')?.shadowRoot
                .querySelectorAll('[role=group] button') ?? [];
            found.forEach((one) => one.click());
            if (found.length) clearInterval(timer);
        }, 5)"""
    )
    sent, answered = list[str](), list[str]()
    page.on("request", lambda one: sent.append(one.url))
    page.on("response", lambda one: answered.append(one.url))
    assert after(page, "/answer", lambda: page.goto(shop.url + "/")).status in (204, 409)
    until(page, lambda: len(answered) == len(sent))
    page.close()
    return int(Answer.objects.count())


def test_a_program_that_presses_everything_answers_nothing(
    room: Any, shop: Shop, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "FASTEST", timedelta(minutes=1))  # however slow this machine is
    assert scans(room, shop, aiko) == 0


def test_the_same_test_finds_a_door_that_takes_every_press(
    room: Any, shop: Shop, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "_judged", lambda *_said: "")
    assert scans(room, shop, aiko) == 1


def test_it_comes_after_scrolling(room: Any, shop: Shop, aiko: Person) -> None:
    written(aiko, trigger="scroll", after=50)
    shop.tag += "<p>more</p>" * 200
    page = visit(room, shop)
    assert quiet(page)
    assert not Assignment.objects.exists(), "who never got there is in no arm"
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    come(page)


def lets_in(room: Any, shop: Shop, aiko: Person) -> bool:
    """Hold nearly everybody out; tell whether a visitor who is held out sees the message."""
    message = written(aiko)
    actions.set_holdout(actor=aiko, action=message.action, holdout=0.9)
    for _visitor in range(9):
        page = room.new_page()
        answer = after(page, "/ask", lambda page=page: page.goto(shop.url + "/")).json()
        is_quiet = quiet(page)
        if Assignment.objects.order_by("-pk")[0].is_control:
            assert is_quiet == ("shown" not in answer)
            return not is_quiet
        # chance let this one see it: another browser, another chance
        page.evaluate("localStorage.clear()")
        page.close()
    raise AssertionError("nobody was held out")


def test_a_visitor_who_is_held_out_sees_nothing(room: Any, shop: Shop, aiko: Person) -> None:
    assert not lets_in(room, shop, aiko)


def test_the_same_test_finds_a_gate_that_lets_her_in(
    room: Any, shop: Shop, aiko: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(asked: Any) -> None:
        checks_holdout(asked)

    checks_holdout = checks.holdout
    without = tuple(blind if one is checks.holdout else one for one in checks.CHECKS)
    monkeypatch.setattr(checks, "CHECKS", without)
    assert lets_in(room, shop, aiko)


def test_a_program_is_shown_nothing(browser: Any, shop: Shop, banner: Message) -> None:
    opened = browser.new_context(user_agent=AGENT.replace("Chrome", "HeadlessChrome"))
    assert quiet(visit(opened, shop))
    assert not Assignment.objects.exists()
    opened.close()
