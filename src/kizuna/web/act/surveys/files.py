"""Answers as a file: a line each, safe in a spreadsheet, with a byte order mark for Japanese."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kizuna.jobs.outputs import BYTE_ORDER_MARK
from kizuna.web.act.surveys.models import Answer, Question
from kizuna.web.capture.imports.downloads import safe


class _Line:
    """What gives back each line that a writer writes."""

    def write(self, text: str) -> str:
        """Give it back."""
        return text


def as_csv(answers: Iterable[Answer], questions: Sequence[Question]) -> Iterator[str]:
    """Write answers, a line each."""
    mark = BYTE_ORDER_MARK if (get_language() or "").startswith("ja") else ""
    names = [_("customer"), _("wave"), _("answered"), _("changed"), _("low")]
    names += [f"{question.number}. {question.text}" for question in questions]
    return _lines(mark, names, answers, [str(question.number) for question in questions])


def _lines(
    mark: str, names: list[str], answers: Iterable[Answer], numbers: Sequence[str]
) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield mark + writer.writerow([safe(name) for name in names])
    for one in answers:
        told = [safe(str(one.replies.get(number, ""))) for number in numbers]
        wave = one.ask.wave.number
        moments = [_moment(one.answered_at), _moment(one.changed_at)]
        yield writer.writerow([safe(one.customer_id), wave, *moments, int(one.is_low), *told])


def _moment(at: object) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")  # type: ignore[arg-type]
