"""The page: one file, nothing loaded, nothing unescaped, every part present."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from kizuna.report import render
from kizuna.report.page import script_json
from report import results

HOSTILE = "</script><script>document.title='taken'</script>"
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# names, keys and files are the same in every language
SHARED = re.compile(
    r"Kizuna|LTV|CLV|RFM|RMSE|MAE|Pareto|MBG|BG|NBD|Gamma|JavaScript|customers\.csv|orders\.csv|BIC|rejected\.csv|"
    r"cdnow_sample\.parquet|USD|--\S+"
)


class Outline(HTMLParser):
    """What a page is made of: tags with attributes, and its text outside of code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style", "code"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@cache
def html(lang: str = "en", kind: str = "whole") -> str:
    """Page of the fixture, whole or bare."""
    if kind == "bare":
        return render(results.bare(), {}, lang=lang)  # type: ignore[arg-type]
    return render(results.summary(truth=results.truth()), results.tables(), lang=lang)  # type: ignore[arg-type]


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    return found


def ids(found: Outline) -> list[str]:
    return [str(attrs["id"]) for _, attrs in found.tags if "id" in attrs]


@pytest.mark.parametrize("kind", ["whole", "bare"])
def test_no_english_stands_in_the_japanese_page(kind: str) -> None:
    text = SHARED.sub("", outline(html("ja", kind)).text)
    assert re.findall(r"[A-Za-z]{3,}", text) == []


@pytest.mark.parametrize("kind", ["whole", "bare"])
def test_no_japanese_stands_in_the_english_page(kind: str) -> None:
    assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", outline(html("en", kind)).text)


def test_no_english_stands_in_the_japanese_charts() -> None:
    block = re.search(r'id="chart-data">(.*?)</script>', html("ja"))
    assert block
    figures = json.loads(block[1])["figures"]
    shown = json.dumps([_shown(figure) for figure in figures.values()], ensure_ascii=False)
    assert re.findall(r"(?<![%{\w])[A-Z][a-z]{2,}", shown) == []


def _shown(figure: dict[str, Any]) -> list[Any]:
    layout = figure["layout"]
    notes = [note["text"] for note in layout.get("annotations", ())]
    axes = [
        [*layout[name].get("ticktext", []), layout[name]["title"]["text"]]
        for name in layout
        if name.startswith(("xaxis", "yaxis"))
    ]
    return [trace.get("name") for trace in figure["data"]] + notes + axes


def test_nothing_is_loaded_from_anywhere() -> None:
    for tag, attrs in outline(html()).tags:
        assert "src" not in attrs, tag
        assert tag not in ("link", "iframe", "object", "embed", "form")
        assert str(attrs.get("href", "#")).startswith("#")


def test_the_policy_allows_exactly_the_scripts_of_the_page() -> None:
    meta = next(a for t, a in outline(html()).tags if t == "meta" and "http-equiv" in a)
    allowed = set(re.findall(r"'sha256-(.*?)'", str(meta["content"])))
    found = {
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in SCRIPT.findall(html())
    }
    assert allowed == found
    assert str(meta["content"]).startswith("default-src 'none'; ")


def test_plotly_is_carried_once() -> None:
    assert html().count("plotly.js v") == 1


def test_hostile_names_are_shown_as_text() -> None:
    tables = results.tables()
    tables["top_customers"] = results.top_customers((HOSTILE, "مرحبا", "😀", "=1+1", "a" * 300))
    page = render(results.summary(options={"orders": [HOSTILE]}), tables)
    assert "<script>document" not in page
    assert page.count("<script") == 3
    assert "&lt;/script&gt;" in page


def test_no_content_breaks_out_of_the_data_block() -> None:
    written = script_json({"name": HOSTILE, "nan": float("nan"), "line": "\u2028"})
    assert "<" not in written
    assert json.loads(written) == {"name": HOSTILE, "nan": None, "line": "\u2028"}


@pytest.mark.parametrize("kind", ["whole", "bare"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_entry_of_the_contents_leads_somewhere(lang: str, kind: str) -> None:
    found = outline(html(lang, kind))
    targets = [str(a["href"])[1:] for t, a in found.tags if t == "a"]
    assert set(targets) <= set(ids(found))
    assert len(targets) >= 14


def test_no_name_is_given_twice() -> None:
    assert len(ids(outline(html()))) == len(set(ids(outline(html()))))


def test_headings_never_skip_a_level() -> None:
    levels = [int(tag[1]) for tag, _ in outline(html()).tags if re.match(r"h[1-6]$", tag)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_page_has_its_landmarks_and_language() -> None:
    tags = [tag for tag, _ in outline(html("ja")).tags]
    assert {"header", "nav", "main", "footer"} <= set(tags)
    assert outline(html("ja")).tags[0] == ("html", {"lang": "ja"})


def test_every_chart_has_a_description_and_a_table() -> None:
    found = outline(html())
    charts = [a for _, a in found.tags if a.get("class") == "chart"]
    described = {name for chart in charts for name in str(chart["aria-labelledby"]).split()}
    assert len(charts) == 8
    assert described <= set(ids(found))
    assert sum(a.get("class") == "numbers" for _, a in found.tags) == len(charts)


def test_the_same_results_make_the_same_page() -> None:
    again = render(results.summary(truth=results.truth()), results.tables())
    assert again == html()


def test_what_is_missing_is_said_not_hidden() -> None:
    whole, bare = outline(html()), outline(html("en", "bare"))
    parts = {a["id"] for tag, a in whole.tags if tag == "section" and "id" in a} - {"truth"}
    assert parts <= set(ids(bare))
    assert bare.text.count("Not yet known") >= 8


def test_a_warning_unknown_to_the_catalogue_is_still_shown() -> None:
    assert "Nobody knows" in render(results.summary(warnings=["nobody knows this"]), {})
