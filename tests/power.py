"""Losses of power: from a trace of what a process wrote and synced, what the disk may have held.

A process runs under `strace`. At any moment of its trace, what was synced is on the disk for sure;
of what was not, chance decides: of bytes written over others, each block of 512 bytes; of a file
that grew, how far (file systems bring the bytes to the disk before the length), and one time in
four to the end of a line, where a text reads as if it were whole; of each name that was made or
taken away, whether. A name is synced with its folder, or with the file that it names.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

STRACE = shutil.which("strace")
WHY = "no strace: to enable, as root: apt-get install -y strace"
CALLS = (
    "openat,creat,write,pwrite64,writev,ftruncate,fallocate,fsync,fdatasync,close,"
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,lseek"
)
BLOCK = 512
LINE = re.compile(rb"^(\d+) +(.*)$")
CALL = re.compile(rb"^(\w+)\((.*)\) += (-?\d+)")
FILE = re.compile(rb"^(\d+)<([^>]*)>")
TEXT = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


def traced(out: Path) -> list[str]:
    """Give the command that a process is to be started under."""
    assert STRACE
    options = ["-f", "-y", "-xx", "-s", "100000000", "-e", f"trace={CALLS}", "-o", str(out)]
    return [STRACE, *options]


@dataclass
class File:
    """The bytes of a file: as they are, as they were when last synced, and where they differ."""

    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""
    changed: list[tuple[int, int]] = field(default_factory=list)

    def write(self, at: int, content: bytes) -> None:
        if len(self.now) < at:
            self.now.extend(bytes(at - len(self.now)))
        self.now[at : at + len(content)] = content
        self.changed.append((at, at + len(content)))

    def cut(self, size: int) -> None:
        self.changed.append((min(size, len(self.now)), max(size, len(self.now))))
        del self.now[size:]
        self.now.extend(bytes(size - len(self.now)))

    def sync(self) -> None:
        if self.changed:
            self.kept, self.changed = bytes(self.now), []

    def survived(self, chance: Random) -> bytes:
        """Give what may be on the disk."""
        if not self.changed:
            return self.kept
        length = chance.choice([len(self.kept), len(self.now)])
        if length > len(self.kept):
            length = self._grown(chance)
        found = bytearray(self.now[:length].ljust(length, b"\0"))
        for start, end in self.changed:
            for at in range(start // BLOCK * BLOCK, min(end, len(self.kept), length), BLOCK):
                if chance.random() < 0.5:
                    block = slice(at, min(at + BLOCK, len(self.kept), length))
                    found[block] = self.kept[block]
        return bytes(found)

    def _grown(self, chance: Random) -> int:
        begun, ends = len(self.kept), []
        if chance.random() < 0.25:
            ends = [at for at in range(begun, len(self.now)) if self.now[at] == ord("\n")]
        return chance.choice(ends) if ends else chance.randint(begun, len(self.now))


class Disk:
    """Files below a folder as a trace makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.now: dict[str, File] = {}
        self.kept: dict[str, File] = {}
        self.places: dict[tuple[int, str], int] = {}

    def survived(self, chance: Random) -> Iterator[tuple[str, bytes]]:
        """Give what may be on the disk, by name."""
        for name in sorted({*self.now, *self.kept}):
            now, kept = self.now.get(name), self.kept.get(name)
            file = now if now is kept else chance.choice([now, kept])
            if file is not None:
                yield name, file.survived(chance)

    def do(self, call: str, said: bytes, gave: int) -> None:
        """Follow one call that succeeded."""
        texts = [_plain(text).decode("utf-8", "replace") for text in TEXT.findall(said)]
        if call in ("openat", "creat"):
            self._open(texts[0], said, gave)
        elif call.startswith(("rename", "link")):
            self._name(texts[-2], texts[-1], moved=call.startswith("rename"))
        elif call.startswith("unlink"):
            self.now.pop(texts[0], None)
        elif found := FILE.match(said):
            name = _plain(found[2]).decode("utf-8", "replace")
            self._file(call, int(found[1]), name, said, gave)

    def _open(self, name: str, said: bytes, number: int) -> None:
        if name.startswith(self.folder) and b"O_DIRECTORY" not in said:
            if b"O_CREAT" in said:
                self.now.setdefault(name, File())
            if b"O_TRUNC" in said and name in self.now:
                self.now[name].cut(0)
            self.places[number, name] = len(self.now[name].now) if b"O_APPEND" in said else 0

    def _name(self, old: str, new: str, *, moved: bool) -> None:
        if old in self.now:
            self.now[new] = self.now.pop(old) if moved else self.now[old]

    def _file(self, call: str, number: int, name: str, said: bytes, gave: int) -> None:
        if call in ("fsync", "fdatasync"):
            self._sync(name)
        elif (file := self.now.get(name)) is None:
            return
        elif call == "pwrite64":
            file.write(int(said.rsplit(b",", 1)[1]), _written(said)[:gave])
        elif call in ("write", "writev"):
            at = self.places.get((number, name), 0)
            file.write(at, _written(said)[:gave])
            self.places[number, name] = at + gave
        elif call == "lseek":
            self.places[number, name] = gave
        elif call == "ftruncate":
            file.cut(int(said.rsplit(b",", 1)[1]))

    def _sync(self, name: str) -> None:
        if name in self.now:
            self.now[name].sync()
            self.kept[name] = self.now[name]
            return
        below = {n for n in {*self.now, *self.kept} if n.rpartition("/")[0] == name}
        for one in below:
            if one in self.now:
                self.kept[one] = self.now[one]
            else:
                del self.kept[one]


def _written(said: bytes) -> bytes:
    return b"".join(_plain(text) for text in TEXT.findall(said))


def _plain(text: bytes) -> bytes:
    return bytes.fromhex(text.replace(b"\\x", b"").decode()) if b"\\x" in text else text


def calls(trace: Path) -> Iterator[tuple[str, bytes, int]]:
    """Read the calls of a trace that succeeded, in the order in which they ended."""
    begun: dict[bytes, bytes] = {}
    with trace.open("rb") as lines:
        for line in lines:
            found = LINE.match(line.rstrip(b"\n"))
            if found is None:
                continue
            who, said = found[1], found[2]
            if said.endswith(b"<unfinished ...>"):
                begun[who] = said.removesuffix(b"<unfinished ...>").rstrip()
                continue
            if said.startswith(b"<... "):
                said = begun.pop(who, b"") + said.partition(b"resumed>")[2]
            if (call := CALL.match(said)) and int(call[3]) >= 0:
                yield call[1].decode(), call[2], int(call[3])


def printed(call: str, said: bytes) -> list[str]:
    """Give the words that a call wrote to the standard output."""
    if call == "write" and said.startswith(b"1<"):
        return _written(said).decode().split()
    return []


def lay_out(disk: Disk, folder: Path, chance: Random) -> None:
    """Write what may be on the disk into a folder."""
    for name, content in disk.survived(chance):
        path = folder / name.removeprefix(disk.folder).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
