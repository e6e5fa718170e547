"""Pictures: a table in, a Plotly figure out; one function a picture.

A figure is a plain dict in Plotly's schema (`plotly.graph_objects.Figure(figure)` makes it an
object): building objects costs a third of a second at start-up, a dict costs nothing.
"""

from kizuna.charts.calibration import calibration
from kizuna.charts.channel_values import channel_values
from kizuna.charts.concentration import concentration
from kizuna.charts.frequency_calibration import frequency_calibration
from kizuna.charts.ltv_by_cohort import ltv_by_cohort
from kizuna.charts.past_forecasts import past_forecasts
from kizuna.charts.retention import retention
from kizuna.charts.segments import segments
from kizuna.charts.style import CONFIG, DARK, Figure
from kizuna.charts.tracking import tracking
from kizuna.charts.value_changes import value_changes
from kizuna.charts.words import PLAIN_ENGLISH, PlainEnglish, Words

__all__ = [
    "CONFIG",
    "DARK",
    "PLAIN_ENGLISH",
    "Figure",
    "PlainEnglish",
    "Words",
    "calibration",
    "channel_values",
    "concentration",
    "frequency_calibration",
    "ltv_by_cohort",
    "past_forecasts",
    "retention",
    "segments",
    "tracking",
    "value_changes",
]
