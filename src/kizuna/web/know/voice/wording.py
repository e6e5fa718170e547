"""Voice in words: themes with what they move, the register, comments with their moods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.pipeline.parameters import minor_units
from kizuna.web.know.effort.words import channels
from kizuna.web.know.publications.queries import Published
from kizuna.web.know.rows.links import rows_url
from kizuna.web.know.voice.models import Gap
from kizuna.web.know.voice.queries import Comments, Row, Voice
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import writer

NO_DATA = "–"
BADGES = {"good": "good", "bad": "serious", "wish": "caution", "neutral": "unknown"}


def moods() -> dict[str, str]:
    """Name each mood."""
    return {
        "good": _("Praise"),
        "bad": _("Complaint"),
        "wish": _("Wish for better"),
        "neutral": _("Neutral"),
    }


def name_of(found: Voice, theme: str) -> str:
    """Name a theme in the reader's language."""
    if theme == "other":
        return _("Other")
    row = found.dictionary.get(theme)
    if row is None:
        return theme
    return str(row["label_ja" if (get_language() or "").startswith("ja") else "label_en"])


def choices(found: Voice, also: str = "") -> list[tuple[str, str]]:
    """Offer the themes of the dictionary, and one that has left it."""
    keys = [*found.dictionary, *([also] if also and also not in found.dictionary else [])]
    return [(key, name_of(found, key)) for key in keys]


def of_customer(state: Published, comments: Sequence[Sequence[Row]]) -> list[dict[str, Any]]:
    """Give what one customer said last, with its themes and moods."""
    if not comments:
        return []
    known = {row["theme"]: row for row in state.table("voice_themes").to_pylist()}
    return [
        {name: rows[0][name] for name in ("text", "said_on")}
        | {"channel": channel_of(rows[0])}
        | {"themes": [_of_theme(known, row) for row in rows if row["theme"]]}
        for rows in comments
    ]


def channel_of(row: Row) -> str:
    """Name the channel of a contact, or the survey."""
    return channels().get(row["channel"], row["channel"] or "")


def _of_theme(known: Mapping[str, Row], row: Row) -> dict[str, str]:
    name, label = (
        row["theme"],
        "label_ja" if (get_language() or "").startswith("ja") else "label_en",
    )
    said = known[name][label] if name in known else name
    return {
        "name": _("Other") if name == "other" else str(said),
        "url": _url(name) if row["recent"] else "",
        "badge": BADGES[row["mood"]],
        "word": moods()[row["mood"]],
    }


def page(found: Voice) -> dict[str, Any]:
    """Give what the first page shows."""
    return {
        "stats": _stats(found),
        "table": _themes(found),
        "gaps": _gaps(found) if found.gaps else None,
        "proposals": [_proposal(found, row) for row in found.proposals],
        "accuracy": _accuracy(found),
        "explain": _explain(found),
    }


def theme(found: Voice, row: Row, comments: Comments, mood: str) -> dict[str, Any]:
    """Give what the page of a theme shows."""
    say, names, key = writer(), moods(), row["theme"]
    items = [
        {
            **item,
            "word": names[item["mood"]],
            "channel": channel_of(item),
            "badge": BADGES[item["mood"]],
            "url": reverse("customers:one", query={"id": item["customer_id"]}),
            "label": comments.labels.get((item["customer_id"], item["comment_id"])),
        }
        for item in comments.items
    ]
    known = {"": _("All")} | names
    return {
        "name": name_of(found, key),
        "key": key,
        "row": row,
        "driver": _driver(row),
        "money": _money(found, row["value_affected"]),
        "share": say.percent(row["share"]),
        "items": items,
        "mood": mood,
        "tabs": [
            Tab(word, reverse("voice:theme", query={"theme": key, "mood": name}), name == mood)
            for name, word in known.items()
        ],
        "choices": choices(found),
        "explain": _explain(found),
    }


def _stats(found: Voice) -> list[dict[str, Any]]:
    say, other = writer(), found.theme("other")
    named = 1 - (other["share"] if other else 0.0)
    of_year = _("Comments beside survey answers and contacts from customers, over 365 days.")
    return [
        {
            "label": _("Comments in a year"),
            "value": say.number(found.comments),
            "url": rows_url("comments"),
            "explain": Explain(of_year, as_of=_until(found)),
        },
        {
            "label": _("Explained by a theme"),
            "value": say.percent(named),
            "url": rows_url("comments", theme="*"),
            "explain": Explain(
                _("Share of comments that are about at least one theme."),
                _("1 − comments about none ÷ all comments"),
                as_of=_until(found),
            ),
        },
    ]


def _themes(found: Voice) -> Table:
    say = writer()
    heads = (
        _("Share of comments"),
        _("Complaints"),
        _("Last 90 days, and the 90 before"),
        _("Customers who complain"),
        _("Their value to come"),
    )
    columns = [Column(_("Theme")), *(Column(head, number=True) for head in heads)]
    columns.append(Column(_("What it does to the score")))
    rows: list[list[Any]] = [
        [
            Cell(name_of(found, row["theme"]), _url(row["theme"])),
            Cell(say.percent(row["share"]), _url(row["theme"])),
            Cell(say.number(row["complaints"]), _complaints(row)),
            Cell(
                f"{say.number(row['complaints_90d'])} / {say.number(row['complaints_before'])}",
                _complaints(row),
            ),
            Cell(say.number(row["customers_affected"]), _complainers(row)),
            Cell(_money(found, row["value_affected"]), _complainers(row)),
            _driver(row),
        ]
        for row in found.themes
    ]
    return Table(_("Themes, the most valuable complaints first"), columns, rows)


def _complaints(row: Row) -> str:
    return rows_url("comments", theme=row["theme"], mood="bad")


def _complainers(row: Row) -> str:
    return rows_url("complainers", theme=row["theme"])


def _driver(row: Row) -> str:
    """Say what a theme does to the score, with its interval, or how many are missing."""
    say = writer()
    if row["delta"] is None:
        return _("not yet known: %(count)s scores, 5 are needed") % {
            "count": say.number(min(row["scored_with"], row["scored_without"]))
        }
    score = {"nps": _("recommendation (0–10)"), "csat": _("satisfaction (0–100)")}[row["score"]]
    numbers = {
        name: _signed(row[key])
        for name, key in (("delta", "delta"), ("low", "delta_low"), ("high", "delta_high"))
    }
    return _("%(delta)s on %(score)s (90%% interval: %(low)s to %(high)s)") % {
        **numbers,
        "score": score,
    }


def _signed(value: float) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + writer().number(abs(value), 1)


def _gaps(found: Voice) -> Table:
    columns = [Column(_("Gap")), Column(_("Theme")), Column(_("Value affected"), number=True)]
    columns += [Column(h) for h in (_("Owner"), _("Improvement"), _("Complaints before and since"))]
    rows: list[list[Any]] = []
    for gap in found.gaps:
        row = found.theme(gap.theme)
        rows.append(
            [
                Cell(gap.about, reverse("voice:gap", args=[gap.pk])),
                Cell(name_of(found, gap.theme), _url(gap.theme) if row else ""),
                _money(found, row["value_affected"]) if row else NO_DATA,
                gap.owner.name if gap.owner else _("Nobody yet"),
                _improvement(gap),
                _effect(found, gap),
            ]
        )
    return Table(_("Gaps in service, the most valuable first"), columns, rows)


def _improvement(gap: Gap) -> str:
    if gap.improved_on is None:
        return gap.improvement or _("None yet")
    told = {"what": gap.improvement, "day": writer().day(gap.improved_on)}
    return _("%(what)s (live since %(day)s)") % told


def _effect(found: Voice, gap: Gap) -> str:
    say, row = writer(), found.effects.get(str(gap.pk))
    if gap.improved_on is None:
        return NO_DATA
    if row is None or row["change"] is None or row["theme"] != gap.theme:
        return _("told after the next computation of the figures, once there are comments")
    points = {
        name: _signed(100 * row[key])
        for name, key in (("change", "change"), ("low", "change_low"), ("high", "change_high"))
    }
    return _(
        "%(before)s → %(after)s of all comments over %(days)s days each: %(change)s points "
        "(90%% interval: %(low)s to %(high)s)"
    ) % {
        "before": say.percent(row["before"] / row["before_of"]),
        "after": say.percent(row["after"] / row["after_of"]),
        "days": say.number(row["days"]),
        **points,
    }


def _proposal(found: Voice, row: Row) -> dict[str, Any]:
    texts = [found.examples[key] for key in row["examples"].split("|") if key in found.examples]
    words = row["words"].split("|")
    return {"words": " · ".join(words), "comments": row["comments"], "examples": texts}


def _accuracy(found: Voice) -> Table:
    say, ways = writer(), {"words": _("By its words"), "learned": _("Learned from labels")}
    heads = [_("Labelled"), _("Words: right of those found"), _("Words: found of those about it")]
    heads += [_("Learner: right of those found"), _("Learner: found of those about it")]
    heads += [_("Labels missing")]
    columns = [Column(_("Theme")), Column(_("Found how"))]
    columns += [Column(head, number=True) for head in heads]
    parts = ("words_precision", "words_recall", "learned_precision", "learned_recall")
    rows: list[list[Any]] = [
        [
            Cell(name_of(found, row["theme"]), _url(row["theme"])),
            ways[row["method"]],
            say.number(row["labelled"]),
            *(NO_DATA if row[part] is None else say.percent(row[part]) for part in parts),
            say.number(row["needed"]),
        ]
        for row in found.model
    ]
    return Table(_("How well themes are found"), columns, rows)


def _explain(found: Voice) -> Explain:
    return Explain(
        _(
            "The score of those who speak of a theme less the score of those who do not. It shows "
            "where to look, not what causes what: only an improvement, measured, does."
        ),
        _("mean score with the theme − mean score without it"),
        _("Answers with a comment, and contacts whose case was rated, of 365 days."),
        _("90 %, by Welch's t; told from 5 scores on either side."),
        as_of=_until(found),
    )


def _until(found: Voice) -> str:
    as_of = found.state.publication.as_of
    return writer().day(as_of) if as_of else ""


def _money(found: Voice, amount: float) -> str:
    unit = minor_units(found.state.currency)
    return writer(found.state.currency).money(amount / unit)


def _url(theme: str, mood: str = "") -> str:
    return reverse("voice:theme", query={"theme": theme} | ({"mood": mood} if mood else {}))
