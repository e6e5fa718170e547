"""Names that results use as keys, in words; `words` marks a message for the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kizuna.report.language import Language


def words(message: str) -> str:
    """Mark a message for translation where it is written, and return it as it is."""
    return message


MODELS = {
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "bg_bb": "BG/BB",
    "gamma_gamma": "Gamma-Gamma",
    "zero": words("Nobody buys again"),
    "own_rate": words("Everyone keeps their own pace"),
    "past_spend": words("Sorted by past spend"),
}
BASELINES = ("zero", "own_rate", "past_spend")


SEGMENTS = {
    "champions": words("Champions"),
    "loyal": words("Loyal"),
    "potential_loyalists": words("Potential loyalists"),
    "new": words("New"),
    "promising": words("Promising"),
    "needs_attention": words("Needs attention"),
    "about_to_sleep": words("About to sleep"),
    "at_risk": words("At risk"),
    "cant_lose": words("Can't lose"),
    "hibernating": words("Hibernating"),
    "lost": words("Lost"),
}


MEASURES = {
    "gini": words("the ranking of customers"),
    "rmse": words("the error per customer"),
    "mae": words("the mean error per customer"),
    "bias": words("the error of the total"),
}
CRITERIA = {
    "log_score": words("Probability given to what each customer then did (log score)"),
    "rmse": words("Error per customer (RMSE)"),
    "bias": words("Error of the total"),
    "one_time_buyers": words("Can tell when a one-time buyer has left"),
}
PARTS = {"day": words("day"), "month": words("month"), "year": words("year")}


def sentence(say: Language, message: str, values: Mapping[str, Any]) -> str:
    """Say a message whose values may be keys: a model, a rule, a measure, part of a date."""
    names = MODELS | MEASURES | PARTS
    spoken = {
        n: say(names[v]) if isinstance(v, str) and v in names else v for n, v in values.items()
    }
    said = say(message, **spoken)
    return said if message.startswith("{") else said[:1].upper() + said[1:]


def segment_name(say: Language, key: str | None) -> str:
    """Name a segment; a name of the user's own stays as it is."""
    known = SEGMENTS.get(segment_key(key))
    return say(known) if known else key or "–"


def segment_key(name: str | None) -> str:
    """Key of a segment, from its key or its English name."""
    return re.sub(r"[^a-z]+", "_", (name or "").lower().replace("'", ""))


def model_name(say: Language, key: str | None) -> str:
    """Name a model or a baseline."""
    return say(MODELS.get(key or "", key or "–"))
