"""The script in a real browser: consent first, pages, visits, people, and nothing lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from web.snippet.shop import Shop, small

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
AGREED = "kizuna.push(['consent', true])"

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


@pytest.fixture
def room(browser: Any) -> Iterator[Any]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def open_shop() -> Iterator[Callable[..., Shop]]:
    opened: list[Shop] = []

    def open_(more: str = 'data-consent="given"') -> Shop:
        opened.append(Shop(more))
        return opened[-1]

    yield open_
    for shop in opened:
        shop.close()


def until(page: Any, said: Callable[[], object]) -> None:
    """Wait for something to come true, for at most ten seconds."""
    for _wait in range(200):
        if said():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come true")


def visit(room: Any, shop: Shop, path: str = "/") -> Any:
    page = room.new_page()
    page.goto(shop.url + path)
    return page


def kept(page: Any) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(localStorage).sort()")
    return found


def kinds(shop: Shop) -> list[str]:
    return [message["type"] for message in shop.taker.messages]


def test_the_script_travels_in_a_few_kilobytes() -> None:
    assert small() < 3_600


def test_a_page_view_arrives_with_what_a_server_needs(room: Any, open_shop: Any) -> None:
    shop = open_shop()
    page = visit(room, shop, "/cart?utm_source=mail&email=a%40b.example#top")
    until(page, lambda: shop.taker.messages)
    (message,) = shop.taker.messages
    (call,) = shop.taker.calls
    assert (call["writeKey"], call["path"]) == ("wk", "/v1/b")
    assert call["sentAt"] >= message["originalTimestamp"]
    assert (message["type"], message["name"]) == ("page", "/cart")
    assert message["context"]["page"]["url"] == shop.url + "/cart?utm_source=mail"
    assert "example" not in str(message)
    assert message["anonymousId"]
    assert message["context"]["session"]["first"] is True
    assert shop.taker.asked == [], "the browser did not have to ask first"


def test_nothing_is_kept_or_sent_before_consent(room: Any, open_shop: Any) -> None:
    shop = open_shop("")
    page = visit(room, shop)
    page.evaluate("kizuna.push(['track', 'Product Viewed', {product_id: 'A'}])")
    page.wait_for_timeout(700)
    assert (kept(page), room.cookies(), shop.taker.calls) == ([], [], [])
    page.evaluate(AGREED)
    until(page, lambda: len(shop.taker.messages) == 2)
    assert kinds(shop) == ["page", "track"], "what was held is sent, at its own time"


def test_the_same_test_finds_a_script_that_does_not_wait(room: Any, open_shop: Any) -> None:
    shop = open_shop('data-consent="given"')
    page = visit(room, shop)
    until(page, lambda: shop.taker.calls)
    assert kept(page)


def test_a_refusal_deletes_what_was_kept_and_holds(room: Any, open_shop: Any) -> None:
    shop = open_shop()
    page = visit(room, shop)
    until(page, lambda: shop.taker.messages)
    page.evaluate("kizuna.consent(false)")
    page.goto(shop.url + "/more")
    page.evaluate("kizuna.track('Order Completed')")
    page.wait_for_timeout(600)
    assert (kept(page), len(shop.taker.messages)) == (["kz.consent"], 1)


def test_a_browser_that_objects_is_asked_first(room: Any, open_shop: Any) -> None:
    room.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    shop = open_shop()
    page = visit(room, shop)
    page.wait_for_timeout(600)
    assert (kept(page), shop.taker.calls) == ([], [])


def test_pages_without_loading_are_noted_once_each(room: Any, open_shop: Any) -> None:
    shop = open_shop()
    page = visit(room, shop)
    page.evaluate("history.pushState({}, '', '/a')")
    page.wait_for_timeout(50)
    page.evaluate("history.replaceState({}, '', '/a')")
    page.evaluate("history.pushState({}, '', '/b')")
    page.wait_for_timeout(50)
    page.evaluate("history.back()")
    until(page, lambda: len(shop.taker.messages) == 4)
    paths = [message["properties"]["path"] for message in shop.taker.messages]
    assert paths == ["/", "/a", "/b", "/a"]


def test_pages_are_not_noted_where_that_is_off(room: Any, open_shop: Any) -> None:
    shop = open_shop('data-consent="given" data-pages="off"')
    page = visit(room, shop)
    page.evaluate("kizuna.track('Signed Up')")
    until(page, lambda: shop.taker.messages)
    assert kinds(shop) == ["track"]


def test_a_visit_goes_on_over_pages_and_ends_when_it_is_quiet(room: Any, open_shop: Any) -> None:
    shop = open_shop()
    page = visit(room, shop)
    page.goto(shop.url + "/next")
    page.evaluate("localStorage.setItem('kz.session', 'old ' + (Date.now() - 31 * 60000))")
    page.goto(shop.url + "/later")
    until(page, lambda: len(shop.taker.messages) == 3)
    first, second, third = (m["context"]["session"] for m in shop.taker.messages)
    assert (first["id"], "first" in second) == (second["id"], False)
    assert third["id"] not in (first["id"], "old")
    assert third["first"] is True
    assert len({message["anonymousId"] for message in shop.taker.messages}) == 1


def test_who_is_named_stays_named_and_another_is_another(room: Any, open_shop: Any) -> None:
    shop = open_shop('data-consent="given" data-pages="off"')
    page = visit(room, shop)
    page.evaluate("kizuna.track('A')")
    page.evaluate("kizuna.identify('C-1', {plan: 'pro'})")
    page.goto(shop.url + "/next")
    page.evaluate("kizuna.track('B')")
    page.evaluate("kizuna.identify('C-2')")
    page.evaluate("kizuna.reset()")
    page.evaluate("kizuna.track('C')")
    until(page, lambda: len(shop.taker.messages) == 5)
    a, one, b, two, c = shop.taker.messages
    assert [m.get("userId") for m in (a, one, b, two, c)] == [None, "C-1", "C-1", "C-2", None]
    assert one["traits"] == {"plan": "pro"}
    assert a["anonymousId"] == one["anonymousId"] == b["anonymousId"]
    assert len({b["anonymousId"], two["anonymousId"], c["anonymousId"]}) == 3


def test_what_is_said_before_the_script_has_come_is_not_lost(room: Any, open_shop: Any) -> None:
    room.add_init_script("window.kizuna = [['track', 'Early']]")
    shop = open_shop()
    page = visit(room, shop)
    until(page, lambda: len(shop.taker.messages) == 2)
    assert sorted(kinds(shop)) == ["page", "track"]


@pytest.mark.parametrize("trouble", ["offline", 500, 429, 503])
def test_what_could_not_be_sent_is_sent_later_and_counts_once(
    room: Any, open_shop: Any, trouble: str | int
) -> None:
    shop = open_shop()
    page = visit(room, shop)
    until(page, lambda: len(shop.taker.messages) == 1)
    until(page, lambda: not [name for name in kept(page) if name.startswith("kz.q.")])
    room.set_offline(trouble == "offline")
    shop.taker.status = trouble if isinstance(trouble, int) else 200
    for n in range(5):
        page.evaluate(f"kizuna.track('Kept', {{n: {n}}})")
    page.wait_for_timeout(600)
    assert len([name for name in kept(page) if name.startswith("kz.q.")]) == 5
    page.close()
    shop.taker.status = 200
    room.set_offline(False)
    again = visit(room, shop, "/back")
    until(again, lambda: len(shop.taker.messages) == 7)
    tracked = [m["properties"]["n"] for m in shop.taker.messages if m["type"] == "track"]
    assert sorted(tracked) == [0, 1, 2, 3, 4]


def test_what_is_said_as_the_page_goes_arrives(room: Any, open_shop: Any) -> None:
    shop = open_shop('data-consent="given" data-pages="off"')
    page = visit(room, shop)
    page.evaluate("addEventListener('pagehide', () => kizuna.track('Left'))")
    page.goto("about:blank")
    until(page, lambda: kinds(shop) == ["track"])


def test_a_message_that_is_refused_does_not_keep_the_others(room: Any, open_shop: Any) -> None:
    shop = open_shop('data-consent="given" data-pages="off"')
    page = visit(room, shop)
    shop.taker.status = 413
    page.evaluate("kizuna.track('Too much', {text: 'x'.repeat(1000)})")
    until(page, lambda: not [name for name in kept(page) if name.startswith("kz.q.")])
    shop.taker.status = 200
    page.evaluate("kizuna.track('Right')")
    until(page, lambda: shop.taker.messages)
    assert [m["event"] for m in shop.taker.messages] == ["Right"]


def test_a_page_without_storage_sends_all_the_same(room: Any, open_shop: Any) -> None:
    room.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    )
    shop = open_shop()
    page = visit(room, shop)
    page.evaluate("kizuna.track('A')")
    until(page, lambda: len(shop.taker.messages) == 2)


def test_the_queue_is_bounded(room: Any, open_shop: Any) -> None:
    shop = open_shop('data-consent="given" data-pages="off"')
    page = visit(room, shop)
    shop.taker.status = 503
    page.evaluate("for (let n = 0; n < 260; n++) kizuna.track('N', {n})")
    assert len([name for name in kept(page) if name.startswith("kz.q.")]) == 200
    shop.taker.status = 200
    page.goto(shop.url + "/next")
    until(page, lambda: len(shop.taker.messages) == 200)
    assert min(m["properties"]["n"] for m in shop.taker.messages) == 60
