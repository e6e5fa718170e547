"""A playbook as YAML: in with the line and column of each error, out as a person would write it.

Read are mappings, lists, texts, numbers and true or false. There is no way to name a class, to
refer to another part of the text, or to say yes by "yes": what is written is what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from kizuna.web.act.playbooks.plan import Path, Said

LONGEST = 50_000
MOST_DEEP = 30
PLAIN = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
FIRST = ("name", "purpose", "id", "do", "when", "of", "if", "rule", "segment", "event", "title")
LAST = ("trigger", "again", "exit", "steps", "then", "else")
"""Parts in the order in which people read them; others stand between, by their names."""


class YamlError(ValueError):
    """A text that is no playbook; `line` and `column` count from 1."""

    def __init__(self, code: str, line: int = 1, column: int = 1, **values: object) -> None:
        super().__init__(code)
        self.code, self.line, self.column, self.values = code, line, column, values


@dataclass(frozen=True, slots=True)
class Marked:
    """What a text says, and where each part of it stands: path → line and column, from 1."""

    said: Said
    marks: Mapping[Path, tuple[int, int]]


class _Plain(yaml.SafeLoader):
    """Reads words as words: only true, false, null and numbers are something else."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Plain.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Plain.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789")
)
_Plain.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?[0-9]{1,17}\.[0-9]{1,17}$"), list("-0123456789")
)


def read(text: str) -> Marked:
    """Read a text; raises `YamlError`."""
    if len(text) > LONGEST:
        raise YamlError("too_long", most=LONGEST)
    try:
        _refuse_references(text)
        node = yaml.compose(text, Loader=_Plain)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlError("syntax", *at, problem=error.problem or "") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise YamlError("syntax", problem=str(error).partition("\n")[0]) from None
    if not isinstance(node, yaml.MappingNode):
        raise YamlError("no_mapping")
    marks: dict[Path, tuple[int, int]] = {}
    return Marked(_value(node, (), marks), marks)


def _refuse_references(text: str) -> None:
    """Refuse parts that stand for other parts: a few lines could stand for millions."""
    for event in yaml.parse(text, Loader=_Plain):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError("reference", *_at(event))


def _value(node: yaml.Node, path: Path, marks: dict[Path, tuple[int, int]]) -> Any:
    marks.setdefault(path, _at(node))
    if len(path) > MOST_DEEP:
        raise YamlError("too_deep", *_at(node))
    if not isinstance(node, yaml.ScalarNode) and node.tag not in PLAIN:
        raise YamlError("tag", *_at(node), name=node.tag)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, marks)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*path, at), marks) for at, one in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, marks: dict[Path, tuple[int, int]]) -> Said:
    made: Said = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError("key", *_at(key))
        if key.value in made:
            raise YamlError("twice", *_at(key), name=key.value)
        marks[*path, key.value] = _at(key)
        made[str(key.value)] = _value(value, (*path, key.value), marks)
    return made


def _scalar(node: yaml.Node) -> Any:
    kind = str(node.tag).rpartition(":")[2]
    readers: dict[str, Callable[[str], Any]] = {
        "int": int,
        "float": float,
        "bool": lambda text: text == "true",
        "str": str,
    }
    if kind == "null":
        return None
    if kind not in readers:
        raise YamlError("tag", *_at(node), name=node.tag)
    try:
        return readers[kind](node.value)
    except ValueError:
        raise YamlError("tag", *_at(node), name=node.tag) from None


def _at(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


class _Writer(yaml.SafeDumper):
    """Writes lists below their name, indented, and long texts as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _text)


def write(said: Said) -> str:
    """Write a playbook as text that `read` reads into the same.

    Its parts are in the order in which people read them: a database need not keep the order.
    """
    return yaml.dump(_ordered(said), Dumper=_Writer, allow_unicode=True, sort_keys=False, width=100)


def _ordered(said: Any) -> Any:
    if isinstance(said, list):
        return [_ordered(one) for one in said]
    if not isinstance(said, dict):
        return said
    place = {name: k - len(FIRST) for k, name in enumerate(FIRST)}
    place |= {name: k for k, name in enumerate(LAST, start=1)}
    names = sorted(said, key=lambda name: (place.get(name, 0), name))
    return {name: _ordered(said[name]) for name in names}
