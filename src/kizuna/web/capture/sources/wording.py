"""Why a database is not read, in the language of whoever looks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from kizuna.pipeline.capture.databases.refusals import TEXTS, Refusal


def kept(error: Refusal) -> dict[str, Any]:
    """Give an error as it is kept."""
    return {"code": error.code, "values": error.values}


def said(error: dict[str, Any] | None) -> str:
    """Say an error that was kept."""
    if not error:
        return ""
    sentence = TEXTS[error["code"]]
    text: str = gettext(sentence) % error["values"]
    return text if text.endswith("。") else f"{text[:1].upper()}{text[1:]}."
