"""The picture of a survey's waves: each score with its interval, a gap where it is not told."""

from __future__ import annotations

import pyarrow as pa

from kizuna.charts.survey_scores import survey_scores


def test_a_wave_of_too_few_answers_leaves_a_gap() -> None:
    rows = [
        {"label": "1", "score": 20.0, "score_low": 10.0, "score_high": 31.0},
        {"label": "2", "score": None, "score_low": None, "score_high": None},
    ]
    names = ("score", "score_low", "score_high")
    schema = pa.schema([("label", pa.string()), *((name, pa.float64()) for name in names)])
    figure = survey_scores(pa.Table.from_pylist(rows, schema), low=-100, high=100, name="NPS")
    (points,) = figure["data"]
    assert points["y"] == [20.0, None]
    assert points["error_y"]["array"] == [11.0, None]
    assert points["error_y"]["arrayminus"] == [10.0, None]
    assert points["text"] == ["1: 20.0 (10.0 – 31.0)", "2: –"]
    assert not points["connectgaps"]
