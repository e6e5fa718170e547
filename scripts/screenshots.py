"""Take pictures of the main pages: both languages, wide and narrow, light and dark.

    .venv/bin/python scripts/screenshots.py [--home FOLDER] [--out screenshots] [address …]

Without addresses: a page of every kind that the navigation leads to, directly or by links, then
signing in and a missing page. `--home` is the data folder whose customers are shown, such as
`demo-output/home`; without it a new, empty one is made.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from itertools import product
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LANGUAGES = ("en", "ja")
WIDTHS = {"wide": 1440, "narrow": 390}
SCHEMES = ("light", "dark")


class Server(ThreadingMixIn, WSGIServer):
    """Serves several requests at once, and ends with the command."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Logs nothing: the application does."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Start the application in this process and walk through its pages."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("addresses", nargs="*")
    given.add_argument("--home", default=tempfile.mkdtemp(prefix="kizuna-pictures-"))
    given.add_argument("--out", type=Path, default=Path("screenshots"))
    chosen = given.parse_args()
    os.environ["KIZUNA_HOME"] = chosen.home
    os.environ["DJANGO_SETTINGS_MODULE"] = "kizuna.web.settings"
    from kizuna.web.wsgi import application

    with make_server("127.0.0.1", 0, application, Server, Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cookies = {language: _sign_in(language) for language in LANGUAGES}
        root = f"http://127.0.0.1:{server.server_port}"
        _take(root, chosen.addresses or _addresses(cookies["en"]), cookies, chosen.out)
        server.shutdown()


def _sign_in(language: str) -> dict[str, str]:
    """Make an owner who reads a language; give the cookie that signs her in."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    person, _made = get_user_model().objects.get_or_create(
        email=f"pictures-{language}@example.com",
        defaults={"name": "青木 愛子" if language == "ja" else "Aiko Aoki", "role": "owner"},
    )
    person.language = language
    person.save()
    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


def walk(read: Callable[[str], str], *starts: str) -> list[str]:
    """Follow links from page to page; give one address of every kind of page.

    `read` gives the text of a page, or nothing for what is none: a file, a refusal.
    """
    seen, found, waiting = set[str](), list[str](), deque(starts)
    while waiting:
        address = waiting.popleft()
        kind = _kind(address)
        if kind in seen or not (text := read(address)):
            continue
        seen.add(kind)
        found.append(address)
        waiting.extend(html.unescape(link) for link in re.findall(r'href="(/[^"#]*)', text))
    return found


def _kind(address: str) -> str:
    """Name the view behind an address."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(address.partition("?")[0]).view_name
    except Resolver404:
        return address


def _addresses(cookies: dict[str, str]) -> list[str]:
    from django.test import Client
    from django.urls import reverse

    client = Client(headers={"host": "localhost"})
    client.cookies[cookies["name"]] = cookies["value"]

    def read(address: str) -> str:
        answer = client.get(address)
        is_page = answer.status_code == 200 and "html" in answer.get("Content-Type", "")
        return "" if not is_page else answer.content.decode()

    return [*walk(read, "/"), reverse("accounts:sign_in"), "/no-such-page/"]


def _take(root: str, addresses: list[str], cookies: dict[str, dict[str, str]], out: Path) -> None:
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for language, (width, pixels), scheme in product(LANGUAGES, WIDTHS.items(), SCHEMES):
            room = browser.new_context(
                viewport={"width": pixels, "height": 900},
                color_scheme=scheme,  # type: ignore[arg-type]
                locale=language,
            )
            page = room.new_page()
            page.on("console", lambda said: sys.stderr.write(f"{said.text}\n"))
            for address in addresses:
                signed_out = "sign-in" in address
                room.clear_cookies()
                if not signed_out:
                    room.add_cookies([{**cookies[language], "url": root}])  # type: ignore[list-item]
                _picture(
                    page, root, address, out / f"{_name(address)}-{language}-{width}-{scheme}.png"
                )
        browser.close()


def _picture(page: Any, root: str, address: str, path: Path) -> None:
    page.goto(root + address)
    if page.locator(".chart").count():
        page.wait_for_selector("html[data-charts]")
    page.screenshot(path=path, full_page=True)


def _name(address: str) -> str:
    return address.strip("/").replace("/", "-").replace("?", "-") or "first"


if __name__ == "__main__":
    main()
