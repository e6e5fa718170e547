"""Who was erased, as digests alone: so that neither a file nor an older backup brings her back.

One line a thing that named her (her id, a mail address, a telephone number) in
`erasures.jsonl` of the data folder. A digest is keyed with `erasure-key` beside it: without the key
nobody can try names out, with it one can only tell whether a name that one has was erased.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kizuna.pipeline.engine import quoted

LINES, KEY = "erasures.jsonl", "erasure-key"


@dataclass(frozen=True, slots=True)
class Tombstones:
    """The digests of one data folder."""

    home: Path

    @property
    def path(self) -> Path:
        """Where they lie."""
        return self.home / LINES

    def keys(self) -> list[str]:
        """Give the keys, the one in use first; it is made where there is none."""
        path = self.home / KEY
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            _append(path, [secrets.token_hex(32)])
        return path.read_text("ascii").split()

    def add(self, texts: Iterable[str], at: datetime) -> None:
        """Bury what named somebody; what lies there already is not buried twice."""
        known, key = self.known(), self.keys()[0]
        new = dict.fromkeys(digest(key, text) for text in texts)
        said = [_line(found, at) for found in new if found not in known]
        _append(self.path, said)

    def known(self) -> frozenset[str]:
        """Give every digest; a line that a crash cut off is left out."""
        if not self.path.exists():
            return frozenset()
        return frozenset(filter(None, map(_digest_of, self.path.read_text("utf-8").splitlines())))

    def among(self, texts: Iterable[str]) -> set[str]:
        """Give those of some texts that were erased."""
        known = self.known()
        if not known:
            return set()
        keys = self.keys()
        return {text for text in texts if any(digest(key, text) in known for key in keys)}

    def condition(self, column: str) -> str:
        """SQL: whether a column names somebody who was erased."""
        known = self.known()
        if not known:
            return "false"
        listed = ", ".join(quoted(found) for found in sorted(known))
        plain = f"lower(trim(CAST({column} AS VARCHAR)))"
        tests = [f"sha256({quoted(key)} || {plain}) IN ({listed})" for key in self.keys()]
        return f"coalesce({' OR '.join(tests)}, false)"

    def join(self, others: Sequence[Path]) -> None:
        """Take over the lines and the keys that lie in other folders."""
        ours = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        known, keys = {_digest_of(line) for line in ours}, self.keys()
        for other in others:
            lines = _lines(other / LINES)
            _append(self.path, [line for line in lines if _digest_of(line) not in {*known, ""}])
            known |= {_digest_of(line) for line in lines}
            _append(self.home / KEY, [key for key in _lines(other / KEY) if key not in keys])
            keys += _lines(other / KEY)

    def lift(self, texts: Iterable[str]) -> int:
        """Forget that somebody was erased, for she has come back of her own will; give how many."""
        lifted = {digest(key, text) for key in self.keys() for text in texts}
        kept = [line for line in _lines(self.path) if _digest_of(line) not in lifted]
        gone = len(_lines(self.path)) - len(kept)
        if gone:
            part = self.path.with_suffix(".part")
            _append(part, kept)
            part.replace(self.path)
        return gone


def digest(key: str, text: str) -> str:
    """Give the digest of a name, whatever its case; `condition` computes the same in SQL."""
    return hashlib.sha256((key + text.strip().lower()).encode()).hexdigest()


def of_store(folder: Path) -> Tombstones:
    """Give the tombstones of the data folder that a store lies in."""
    return Tombstones(folder.parent)


def _line(found: str, at: datetime) -> str:
    return json.dumps({"digest": found, "at": at.isoformat()})


def _digest_of(line: str) -> str:
    try:
        return str(json.loads(line)["digest"])
    except (ValueError, KeyError, TypeError):
        return ""


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _append(path: Path, lines: Sequence[str]) -> None:
    """Add lines, on the disk before this returns."""
    if not lines:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # what a crash cut off must not swallow the first line of ours
        start = "\n" if path.stat().st_size and not path.read_bytes().endswith(b"\n") else ""
        file.write(start + "".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
