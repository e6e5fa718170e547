"""A playbook that was written as text: read, and what is wrong with it by line and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kizuna.web.act.playbooks.checking import check
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.plan import Path, Said
from kizuna.web.act.playbooks.wording import yaml_finding
from kizuna.web.act.playbooks.yaml_text import YamlError, read


def read_text(text: str) -> tuple[Said | None, list[Finding]]:
    """Give what a text says, or what is wrong with it; warnings do not keep it from being read."""
    try:
        marked = read(text)
    except YamlError as error:
        return None, [yaml_finding(error)]
    found = [_placed(one, marked.marks) for one in check(marked.said) if one.is_error]
    return (None if found else marked.said), found


def _placed(found: Finding, marks: Mapping[Path, tuple[int, int]]) -> Finding:
    """Say where in the text it stands: the nearest part that is written."""
    path = found.path
    while path and path not in marks:
        path = path[:-1]
    line, column = marks.get(path, (1, 1))
    return replace(found, line=line, column=column)
