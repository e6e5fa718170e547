"""Names that results use as keys, in words; `words` marks a message for the catalogue."""

from __future__ import annotations

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


def segment_name(say: Language, key: str | None) -> str:
    """Name a segment; a name of the user's own stays as it is."""
    return say(SEGMENTS[key]) if key in SEGMENTS else key or "–"


def model_name(say: Language, key: str | None) -> str:
    """Name a model or a baseline."""
    return say(MODELS.get(key or "", key or "–"))
