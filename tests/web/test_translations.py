"""Catalogues: one file an app, compiled when their text changes, by several processes at once."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from kizuna.web.translations import compile_catalogues
from web_installations import environment, start

COMPILE = """
import sys; from pathlib import Path
from kizuna.web.translations import compile_catalogues
compile_catalogues(Path(sys.argv[1]), Path(sys.argv[2]))
"""


class Catalogues:
    """Catalogues in Japanese, and what an application reads from them."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "locale", folder / "compiled"
        (self.source / "ja").mkdir(parents=True)
        self.target.mkdir()

    def write(self, app: str, **words: str) -> Path:
        """Write the catalogue of an app."""
        entries = "".join(f'\nmsgid "{k}"\nmsgstr "{v}"\n' for k, v in words.items())
        path = self.source / "ja" / f"{app}.po"
        path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n' + entries)
        return path

    def compile(self) -> None:
        compile_catalogues(self.source, self.target)

    def read(self, word: str) -> str:
        """Translate, as Django would after a start."""
        with self.compiled.open("rb") as file:
            return gettext.GNUTranslations(file).gettext(word)

    @property
    def compiled(self) -> Path:
        return self.target / "ja" / "LC_MESSAGES" / "django.mo"


@pytest.fixture
def catalogues(tmp_path: Path) -> Catalogues:
    return Catalogues(tmp_path)


def test_the_catalogues_of_all_apps_become_one(catalogues: Catalogues) -> None:
    catalogues.write("board", Value="価値")
    catalogues.write("customers", Customer="顧客")
    catalogues.compile()
    assert (catalogues.read("Value"), catalogues.read("Customer")) == ("価値", "顧客")


def test_a_newer_text_is_compiled(catalogues: Catalogues) -> None:
    catalogues.write("board", Value="値")
    catalogues.compile()
    catalogues.write("board", Value="価値")
    catalogues.compile()
    assert catalogues.read("Value") == "価値"


def test_a_newer_text_with_an_older_date_is_compiled_too(catalogues: Catalogues) -> None:
    catalogues.write("board", Value="値")
    catalogues.compile()
    os.utime(catalogues.write("board", Value="価値"), (0, 0))
    catalogues.compile()
    assert catalogues.read("Value") == "価値"


def test_the_same_text_is_compiled_once(catalogues: Catalogues) -> None:
    catalogues.write("board", Value="価値")
    catalogues.compile()
    before = catalogues.compiled.stat().st_ino
    catalogues.compile()
    assert catalogues.compiled.stat().st_ino == before


def test_a_missing_translation_falls_back_to_english(catalogues: Catalogues) -> None:
    catalogues.write("board", Value="")
    catalogues.compile()
    assert catalogues.read("Value") == "Value"


def test_an_installation_without_catalogues_starts(tmp_path: Path) -> None:
    assert compile_catalogues(tmp_path / "none", tmp_path) == tmp_path


def test_processes_at_the_same_time_leave_one_whole_catalogue(catalogues: Catalogues) -> None:
    catalogues.write("board", **{f"Word {n}": f"語{n}" for n in range(2_000)})
    arguments = (str(catalogues.source), str(catalogues.target))
    env = environment(catalogues.target)
    starts = [start("-c", COMPILE, *arguments, env=env) for _ in range(4)]
    assert [process.communicate(timeout=60) for process in starts] == [("", "")] * 4
    assert catalogues.read("Word 1999") == "語1999"
    names = {path.name for path in catalogues.compiled.parent.iterdir()}
    assert names == {"django.mo", "django.sources"}
