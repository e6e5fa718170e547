"""How somebody is addressed: in Japanese by 様, 御中 or 先生, never two, family name first."""

from __future__ import annotations

import re

COMPANY = "company"
GLUED = re.compile(r"[\s\u3000]*(?:様|さま|サマ|殿|どの|御中|さん|サン)$")
OF_COMPANIES = re.compile(r"[\s\u3000]*(?:様|さま|殿|御中)$")
TEACHER = re.compile(r"[\s\u3000]*(?:先生)$")
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々〆]")
SPACE = re.compile(r"[\s\u3000]+")
LONGEST = 300


def bare(name: str, kind: str | None = None) -> str:
    """Give a name without what was glued to it."""
    name = " ".join(name[:LONGEST].split())
    glued = OF_COMPANIES if kind == COMPANY else GLUED
    while (shorter := glued.sub("", name)) not in (name, ""):
        name = shorter
    return name


def salutation(name: str, kind: str | None, language: str, *, teacher: bool = False) -> str:
    """Address a customer by the whole name; empty where there is none."""
    plain = bare(name, kind)
    if not plain:
        return ""
    if kind != COMPANY and (teacher or TEACHER.search(plain)):
        plain = TEACHER.sub("", plain) or plain
        return f"{plain} 先生" if language == "ja" else plain
    if language != "ja":
        return plain
    return f"{plain} 御中" if kind == COMPANY else f"{plain} 様"


def family_name(name: str, kind: str | None) -> str:
    """Give the family name of a Japanese name that is written in parts; else nothing is known."""
    plain = TEACHER.sub("", bare(name, kind))
    parts = SPACE.split(plain)
    if kind == COMPANY or len(parts) < 2 or not JAPANESE.search(plain):
        return ""
    return parts[0]
