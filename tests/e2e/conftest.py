"""A real browser, and pages with all that they complained about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo_application import Demo, demo_left

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


@pytest.fixture(scope="module")
def player() -> Iterator[Any]:
    """Chromium; without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: make system-parts")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playing:
        opened = playing.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The demo, in English to begin with."""
    running = Demo(demo_left("en"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def signed_in(player: Any, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Sign both people of the demo in by their links; give where each one's cookies are kept."""
    folder, kept = tmp_path_factory.mktemp("cookies"), {}
    for name, link in {"owner": demo.owner, "viewer": demo.viewer}.items():
        room = player.new_context()
        room.new_page().goto(link)
        kept[name] = folder / f"{name}.json"
        room.storage_state(path=kept[name])
        room.close()
    return kept
