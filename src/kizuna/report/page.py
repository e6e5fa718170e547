"""The page: sections into HTML, figures into data, everything in one file under a strict policy."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pyarrow import Table

from kizuna import __version__
from kizuna.charts import CONFIG, DARK, Figure
from kizuna.report.blocks import Pair, Picture, Section
from kizuna.report.language import LOCALES, Language
from kizuna.report.material import Material
from kizuna.report.sections import SECTIONS
from kizuna.report.sections.headline import headline

HERE = LOCALES.parent
MOODS = {"good": "✓", "info": "i", "caution": "!", "serious": "‼", "unknown": "?"}


def page(summary: Mapping[str, Any], tables: Mapping[str, Table], *, lang: str) -> str:
    """Write the whole page."""
    m = Material(summary, tables, Language(lang, summary.get("currency")))
    sections = [section for write in SECTIONS if (section := write(m))]
    scripts = (plotly(), (HERE / "static" / "page.js").read_text("utf-8"))
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            m=m,
            say=m.say,
            headline=headline(m),
            source=source(m),
            sections=sections,
            moods=MOODS,
            mood_words=mood_words(m.say),
            version=__version__,
            policy=policy(scripts),
            style=Markup((HERE / "static" / "style.css").read_text("utf-8")),
            scripts=[Markup(script) for script in scripts],
            data=script_json(chart_data(pictures(sections))),
        )
    )


@cache
def environment() -> Environment:
    """Templates, escaping everything; a name that is missing is an error."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def plotly() -> str:
    """Plotly's script from the installed package, once."""
    return files("plotly").joinpath("package_data/plotly.min.js").read_text("utf-8")


def policy(scripts: Iterable[str]) -> str:
    """Content security policy: these scripts alone run, nothing is loaded or sent.

    Styles may be inline because Plotly positions its marks with style attributes.
    """
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def pictures(sections: Iterable[Section]) -> list[Picture]:
    """All pictures in order."""
    found: list[Picture] = []
    for block in (block for section in sections for block in section.blocks):
        found += block.pictures if isinstance(block, Pair) else ()
        found += [block] if isinstance(block, Picture) else ()
    return found


def chart_data(found: Iterable[Picture]) -> dict[str, Any]:
    """What the page's script draws from: figures by name, Plotly's settings, dark colours."""
    figures: dict[str, Figure] = {picture.name: picture.figure for picture in found}
    return {"figures": figures, "config": CONFIG, "dark": DARK}


def script_json(value: Any) -> Markup:
    """JSON that no content can break out of: `<`, `>` and `&` never appear in it."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def source(m: Material) -> str:
    """Name the files that the numbers come from."""
    orders = m.get("options", "orders") or ()
    names = [orders] if isinstance(orders, str) else [str(name) for name in orders]
    return m.say.join(name.replace("\\", "/").rsplit("/", 1)[-1] for name in names) or "–"


def mood_words(say: Language) -> dict[str, str]:
    """Words that stand beside the icons."""
    return {
        "good": say("Good"),
        "info": say("Finding"),
        "caution": say("Caution"),
        "serious": say("Important"),
        "unknown": say("Not yet known"),
    }


@cache
def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _finite(value: Any) -> Any:
    """Replace numbers that JSON cannot hold by null."""
    if isinstance(value, Mapping):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
