"""axe-core finds nothing serious on any page, in either language, in light or in dark.

It is put in by the debugger's own door, so that the pages' strict policy stays as it is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from demo_application import Demo
from project import ROOT
from scripts.screenshots import walk

AXE = ROOT / ".tools" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
  return found.violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 120)}`));
}"""
BEFORE = ["/sign-in/", "/no-such-page/"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: make system-parts"),
]

ALL_LOOKS = [(language, scheme) for language in ("en", "ja") for scheme in ("light", "dark")]
SOAK = os.environ.get("KIZUNA_HYPOTHESIS") == "soak"
LOOKS = ALL_LOOKS if SOAK else ALL_LOOKS[::3]
"""Each language and each scheme once; every pair of them under `make soak`."""


class Reader:
    """A browser's room with axe-core in each page."""

    def __init__(self, player: Any, root: str, **more: Any) -> None:
        size = {"width": more.pop("width", 1400), "height": 900}
        self.root, self.room = root, player.new_context(viewport=size, **more)
        self.page = self.room.new_page()

    def read(self, address: str) -> str:
        """Open an address; give its text where it is a page."""
        answer = self.room.request.get(self.root + address)
        is_page = answer.ok and "html" in answer.headers.get("content-type", "")
        return str(answer.text()) if is_page else ""

    def problems(self, address: str) -> list[str]:
        """Say what axe-core holds against a page."""
        self.page.goto(self.root + address)
        if self.page.locator(".chart").count():
            self.page.wait_for_selector("html[data-charts]")
        self.page.evaluate(AXE.read_text("utf-8"))
        return [f"{address} {problem}" for problem in self.page.evaluate(RUN, RULES)]

    def speak(self, language: str) -> None:
        """Choose a language, as a person does."""
        self.page.goto(self.root)
        self.page.click(f".rail .language button[value={language}]")


@pytest.fixture(scope="module")
def addresses(player: Any, demo: Demo, signed_in: dict[str, Path]) -> list[str]:
    """One address of every kind of page that links lead the owner to."""
    reader = Reader(player, demo.root, storage_state=signed_in["owner"])
    found = walk(reader.read, "/")
    reader.room.close()
    assert len(found) > 15, found
    return found


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_nothing_serious_keeps_anyone_out_of_any_page(
    player: Any,
    demo: Demo,
    signed_in: dict[str, Path],
    addresses: list[str],
    language: str,
    scheme: str,
) -> None:
    reader = Reader(player, demo.root, storage_state=signed_in["owner"], color_scheme=scheme)
    reader.speak(language)
    # every second page in this look, and the others in the other; all of them under `make soak`
    looked_at = addresses if SOAK else addresses[LOOKS.index((language, scheme)) :: len(LOOKS)]
    assert [p for address in looked_at for p in reader.problems(address)] == []
    assert reader.page.get_attribute("html", "lang") == language
    reader.room.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_nor_from_coming_in(player: Any, demo: Demo, language: str, scheme: str) -> None:
    reader = Reader(player, demo.root, locale=language, color_scheme=scheme, width=390)
    assert [p for address in BEFORE for p in reader.problems(address)] == []
    reader.room.close()


def test_a_page_that_keeps_people_out_is_found(player: Any, demo: Demo) -> None:
    reader = Reader(player, demo.root)
    reader.page.goto(f"{demo.root}/sign-in/")
    reader.page.evaluate("document.querySelectorAll('label').forEach((label) => label.remove())")
    reader.page.evaluate(AXE.read_text("utf-8"))
    found = reader.page.evaluate(RUN, RULES)
    reader.room.close()
    assert any("label" in problem for problem in found)
