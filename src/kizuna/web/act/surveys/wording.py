"""Surveys in words: their state, waves, scores with intervals, who stayed silent, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.charts.survey_scores import survey_scores
from kizuna.report.names import segment_name
from kizuna.web.act.gate.checks import VISITOR
from kizuna.web.act.surveys.models import Answer, Ask, Kind, Question, Survey, Wave, Why
from kizuna.web.act.surveys.queries import Results, Row
from kizuna.web.know.effort.words import customer_url
from kizuna.web.ui.components import Cell, Column, Explain, Tab, Table
from kizuna.web.ui.templatetags.ui import moment, writer

NO_DATA = "–"
SHORT = 16
MOODS = {"draft": "unknown", "open": "good", "closed": "info"}
SCALES = {"nps": (-100.0, 100.0), "csat": (0.0, 100.0), "ces": (1.0, 7.0)}
PROBLEMS: Mapping[str, str | Promise] = {
    "no_questions": gettext_lazy("It asks nothing yet: add a question first."),
    "no_subject": gettext_lazy("Say first what the question names."),
    "opened": gettext_lazy("It has been opened, so its questions stand: answers stay comparable."),
}


def tabs(survey: Survey, current: str) -> list[Tab]:
    """Give the pages of a survey."""
    pages = [
        ("show", _("Survey")),
        ("results", _("Results")),
        ("answers", _("Answers")),
    ]
    return [
        Tab(label, reverse(f"surveys:{name}", args=[survey.pk]), name == current)
        for name, label in pages
    ]


def listed(surveys: Sequence[Any]) -> Table:
    """List surveys with how far they are."""
    say = writer()
    columns = [Column(_("Name")), Column(_("State")), Column(_("What is asked"))]
    columns += [Column(label, number=True) for label in (_("Waves"), _("Sent"), _("Answered"))]
    rows: list[list[str | Cell]] = [
        [
            Cell(one.name, reverse("surveys:show", args=[one.pk])),
            Cell(one.get_state_display(), mood=MOODS[one.state]),
            one.get_kind_display(),
            say.number(one.last_wave or 0),
            say.number(one.sent),
            say.number(one.answered),
        ]
        for one in surveys
    ]
    return Table(_("Surveys"), columns, rows)


def waves(found: Sequence[Wave]) -> Table:
    """List waves with what became of asking."""
    say = writer()
    columns = [Column(_("Wave")), Column(_("Began")), Column(_("Ends"))]
    names = (_("To be sent"), _("Sent"), _("Not asked"), _("Answered"))
    columns += [Column(name, number=True) for name in names]
    rows = [
        [
            say.number(one.number),
            moment(one.opened_at),
            moment(one.closes_at),
            *(say.number(getattr(one, n)) for n in ("waiting", "sent", "not_asked", "answered")),
        ]
        for one in found
    ]
    return Table(_("Waves"), columns, rows)


def reasons(found: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """Say why customers were not asked, and how many."""
    return [(str(Why(why).label), writer().number(n)) for why, n in found]


def results(survey: Survey, found: Results, questions: Sequence[Question]) -> dict[str, Any]:
    """Give what the page of results shows."""
    return {
        "stats": _stats(survey, found),
        "chart": _chart(survey, found),
        "trend": _trend(survey, found),
        "silent": [_parts(survey, found, cut) for cut in ("value", "segment")],
        "choices": _choices(found, questions),
        "as_of": _as_of(found),
    }


def score_name(kind: str) -> str:
    """Name the score of a kind."""
    names = {
        "nps": _("NPS"),
        "csat": _("CSAT: share of 4 and 5, in percent"),
        "ces": _("CES: mean of 1 to 7"),
        "custom": _("Mean of the first question"),
    }
    return names[kind]


def explain(survey: Survey, found: Results) -> Explain:
    """Say how the score is computed."""
    say, formulas = (
        writer(),
        {
            "nps": _("% of 9 and 10 − % of 0 to 6"),
            "csat": _("answers of 4 and 5 ÷ answers"),
            "ces": _("sum of the numbers ÷ answers"),
            "custom": _("sum of the numbers ÷ answers"),
        },
    )
    ways = {
        "nps": _(
            "90 %, of √((p + d − (p − d)²) ÷ n); of fewer than 30 answers, or all of one sort, "
            "with three answers added (Rocks 2016)."
        ),
        "csat": _("90 %, by Wilson."),
        "ces": _("90 %, by Student's t."),
        "custom": _("90 %, by Student's t."),
    }
    text = _("The score of one wave, of those who answered. Told from five answers on.")
    if survey.kind == Kind.NPS:
        text += " " + _(
            "In Japan answers gather around 5 to 7: compare with your own waves, not with other "
            "countries. Net Promoter Score is a mark of Bain & Company, NICE Satmetrix and Fred "
            "Reichheld."
        )
    rows = _("%(n)s answers of wave %(wave)s") % {
        "n": say.number(found.latest["answered"]),
        "wave": say.number(found.latest["wave_no"]),
    }
    way, formula = ways[survey.kind], formulas[survey.kind]
    return Explain(text, formula, rows, way, as_of=_as_of(found))


def score(row: Row, name: str = "score") -> str:
    """Write a score; a dash where there are too few answers."""
    return NO_DATA if row[name] is None else writer().number(row[name], 1)


def interval(row: Row, name: str = "score") -> str:
    """Write the ends of an interval."""
    if row[name] is None:
        return NO_DATA
    say = writer()
    return f"{say.number(row[f'{name}_low'], 1)} – {say.number(row[f'{name}_high'], 1)}"


def _stats(survey: Survey, found: Results) -> list[dict[str, Any]]:
    say, row = writer(), found.latest
    few = _("Told from five answers on; there are %(n)s.") % {"n": say.number(row["answered"])}
    note = ""
    if row["score"] is not None:
        margin = (row["score_high"] - row["score_low"]) / 2
        note = _("Margin of error ± %(n)s") % {"n": say.number(margin, 1)}
    told = {
        "label": score_name(survey.kind),
        "value": score(row),
        "unknown": few if row["score"] is None else "",
        "interval": interval(row),
        "note": note,
        "explain": explain(survey, found),
    }
    change = {
        "label": _("Change since the wave before"),
        "value": _signed(row["change"]),
        "unknown": _("Needs two waves with five answers each.") if row["change"] is None else "",
        "interval": interval(row, "change"),
        "note": "" if row["change"] is None else _moved(row),
    }
    rate = {
        "label": _("Response rate, in percent"),
        "value": score(row, "rate"),
        "unknown": _("Told once five customers were asked.") if row["rate"] is None else "",
        "interval": interval(row, "rate"),
        "note": _("%(answered)s of %(asked)s who were asked")
        % {"answered": say.number(row["answered"]), "asked": say.number(row["asked"])},
    }
    return [told, change, rate]


def _as_of(found: Results) -> str:
    return moment(found.state.publication.published_at)


def _signed(value: float | None) -> str:
    if value is None:
        return NO_DATA
    return ("+" if value > 0 else "") + writer().number(value, 1)


def _moved(row: Row) -> str:
    if row["change_low"] > 0:
        return _("It rose by more than chance explains.")
    if row["change_high"] < 0:
        return _("It fell by more than chance explains.")
    return _("Chance alone may explain it.")


def _label(row: Row) -> str:
    return f"{writer().number(row['wave_no'])} · {writer().month(row['first_on'])}"


def _chart(survey: Survey, found: Results) -> dict[str, Any]:
    names = ("label", "score", "score_low", "score_high")
    rows = [{"label": _label(row)} | {n: row[n] for n in names[1:]} for row in found.waves]
    schema = pa.schema([("label", pa.string()), *((n, pa.float64()) for n in names[1:])])
    low, high = SCALES.get(survey.kind) or _ends(found)
    return survey_scores(
        pa.Table.from_pylist(rows, schema),
        low=low,
        high=high,
        name=score_name(survey.kind),
        words=writer(),
    )


def _ends(found: Results) -> tuple[float, float]:
    known = [row for row in found.waves if row["score"] is not None]
    low = min((row["score_low"] for row in known), default=0.0)
    high = max((row["score_high"] for row in known), default=1.0)
    return low, max(high, low + 1)


def _trend(survey: Survey, found: Results) -> Table:
    say = writer()
    columns = [Column(_("Wave"))]
    names = [_("Asked"), _("Answered"), _("Response rate, %"), _("Score"), _("90 % interval")]
    names += [_("Change"), _("90 % interval")]
    if survey.kind == Kind.CES:
        names.append(_("Share of 5 to 7, %"))
    columns += [Column(name, number=True) for name in names]
    rows = []
    for row in reversed(found.waves):
        cells = [_label(row), say.number(row["asked"]), say.number(row["answered"])]
        cells += [score(row, "rate"), score(row), interval(row), _signed(row["change"])]
        cells += [interval(row, "change")]
        rows.append([*cells, score(row, "agree")] if survey.kind == Kind.CES else cells)
    return Table(_("Wave by wave"), columns, rows)


def _parts(survey: Survey, found: Results, cut: str) -> Table:
    """Show who answered and who did not, by what customers are worth or how they buy."""
    say = writer()
    first = {"value": _("Value to come"), "segment": _("Segment")}[cut]
    names = [_("Asked"), _("Answered"), _("Response rate, %"), _("90 % interval")]
    names += [_("Score"), _("90 % interval")]
    columns = [Column(first), *(Column(name, number=True) for name in names)]
    mine = sorted((r for r in found.parts if r["cut"] == cut), key=lambda r: r["part"] or "~")
    rows = [
        [
            _part(cut, row["part"]),
            say.number(row["asked"]),
            say.number(row["answered"]),
            score(row, "rate"),
            interval(row, "rate"),
            score(row),
            interval(row),
        ]
        for row in mine
    ]
    caption = {
        "value": _("Who answered, by value"),
        "segment": _("Who answered, by segment"),
    }[cut]
    return Table(caption, columns, rows)


def _part(cut: str, part: str) -> str:
    if not part:
        return _("Not known")
    if cut == "segment":
        return segment_name(writer(), part)
    names = {
        "1": _("Most valuable fifth"),
        "2": _("Second fifth"),
        "3": _("Middle fifth"),
        "4": _("Fourth fifth"),
        "5": _("Least valuable fifth"),
    }
    return names.get(part, part)


def _choices(found: Results, questions: Sequence[Question]) -> list[Table]:
    """Count the replies to each question, in the order in which it offers them."""
    return [
        _of_question(question, [r for r in found.choices if r["question_no"] == question.number])
        for question in questions
        if any(r["question_no"] == question.number for r in found.choices)
    ]


def _of_question(question: Question, rows: Sequence[Row]) -> Table:
    say, given = writer(), {row["reply"]: row for row in rows}
    offered = [(str(n), str(n)) for n in question.scale] or question.choices
    columns = [Column(_("Answer")), Column(_("Answers"), number=True)]
    columns += [Column(_("Share"), number=True), Column(_("90 % interval"), number=True)]
    cells: list[list[str]] = []
    for value, words in offered:
        row = given.get(value)
        if row is None:
            cells.append([words, say.number(0), say.percent(0), NO_DATA])
            continue
        ends = f"{say.percent(row['share_low'])} – {say.percent(row['share_high'])}"
        cells.append([words, say.number(row["replies"]), say.percent(row["share"]), ends])
    return Table(f"{question.number}. {question.text}", columns, cells)


def answers(found: Sequence[Answer], questions: Sequence[Question]) -> Table:
    """List answers, each question in a column."""
    columns = [Column(_("Customer")), Column(_("Day")), Column(_("Wave"), number=True)]
    columns += [Column(_short(question)) for question in questions]
    rows: list[list[str | Cell]] = [
        [
            _who(one.customer_id),
            writer().day(timezone.localdate(one.changed_at)),
            writer().number(one.ask.wave.number),
            *(_cell(one, question) for question in questions),
        ]
        for one in found
    ]
    return Table(_("Answers"), columns, rows)


def _who(customer_id: str) -> Cell:
    """Lead to a customer; a browser that nobody knows leads nowhere."""
    if customer_id.startswith(VISITOR):
        return Cell(_("Unknown visitor"))
    return Cell(customer_id, customer_url(customer_id))


def line(one: Ask) -> dict[str, Any]:
    """Say what a customer was asked, and what she answered."""
    found = getattr(one, "answer", None)
    shown = {"name": one.survey.name, "url": reverse("surveys:answers", args=[one.survey_id])}
    shown["day"] = writer().day(timezone.localdate(one.sent_at or one.made_at))
    if found is None:
        return shown | {"word": one.get_state_display(), "mood": "unknown", "comment": ""}
    score = NO_DATA if found.score is None else str(found.score)
    word = _("%(score)s: low") % {"score": score} if found.is_low else score
    return shown | {
        "word": word,
        "mood": "caution" if found.is_low else "info",
        "comment": found.comment,
    }


def _short(question: Question) -> str:
    """Begin a question, for the head of a column; the whole stands on the first page."""
    text = question.text
    return f"{question.number}. {text[:SHORT]}{'…' if len(text) > SHORT else ''}"


def _cell(one: Answer, question: Question) -> str | Cell:
    reply = one.replies.get(str(question.number))
    if reply is None:
        return NO_DATA
    if question.number == 1 and one.is_low:
        return Cell(_("%(score)s: low") % {"score": reply}, mood="caution")
    return _reply(question, reply)


def _reply(question: Question, reply: object) -> str:
    return dict(question.choices).get(str(reply), str(reply))
