"""What a body is: its size, its key, how many messages it holds; hopeless bodies are refused.

Only the envelope is looked at. A message that is wrong is the worker's to reject with a reason, so
that it never refuses the others of its batch; that goes for what is no JSON as well (`NaN`, as
Python writes it, or brackets too deep for a reader): such a body is cut along its brackets.
"""

from __future__ import annotations

import re
import zlib
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

MESSAGE_BYTES: Final = 32 * 1024
BATCH_BYTES: Final = 500 * 1024
TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]', re.DOTALL)
OPEN: Final = {b"[": b"]", b"{": b"}"}


class HopelessError(ValueError):
    """A body of which nothing can be kept; the text says why, in English, for a developer."""


class TooLargeError(ValueError):
    """A body larger than is taken, or that becomes so when it is inflated."""


class Head(NamedTuple):
    """The envelope of a body."""

    write_key: str
    messages: int


class Single(Struct, rename={"write_key": "writeKey"}):
    """A body that is one message."""

    write_key: Raw | UnsetType = UNSET


class Batch(Struct, rename={"write_key": "writeKey"}):
    """A body that holds messages."""

    batch: list[Raw]
    write_key: Raw | UnsetType = UNSET


_single, _batch = msgspec.json.Decoder(Single), msgspec.json.Decoder(Batch)
_events, _text = msgspec.json.Decoder(list[Raw]), msgspec.json.Decoder(str)


def inflated(body: bytes, encoding: str, most: int) -> bytes:
    """Undo the compression of a body, and stop where it grows larger than is taken."""
    if encoding == "gzip":
        inflator = zlib.decompressobj(wbits=31)
        try:
            body = inflator.decompress(body, most + 1)
        except zlib.error:
            raise HopelessError("the body is not gzip") from None
        if len(body) <= most and not inflator.eof:
            raise HopelessError("the body ends before its gzip does")
    if len(body) > most:
        raise TooLargeError
    return body


def head_of_message(body: bytes) -> Head:
    """Look at a body that is one message."""
    try:
        return Head(_key(_single.decode(body).write_key), 1)
    except msgspec.ValidationError:
        raise HopelessError("the body is not a JSON object") from None
    except (msgspec.DecodeError, RecursionError):
        return Head(_key(cut(body).get("writeKey", UNSET)), 1)


def head_of_batch(body: bytes) -> Head:
    """Look at a body that holds messages in `batch`."""
    try:
        found = _batch.decode(body)
        return Head(_key(found.write_key), len(found.batch))
    except msgspec.ValidationError:
        raise HopelessError("the body is not a JSON object with a list `batch`") from None
    except (msgspec.DecodeError, RecursionError):
        parts = cut(body)
        if not (inside := parts.get("batch", b"").strip()).startswith(b"["):
            raise HopelessError("the body has no list `batch`") from None
        return Head(_key(parts.get("writeKey", UNSET)), _elements(inside))


def count_of_events(body: bytes) -> int:
    """Count the CloudEvents of a batch of them."""
    try:
        return len(_events.decode(body))
    except (msgspec.DecodeError, RecursionError):
        raise HopelessError("the body is not a JSON list") from None


def cut(body: bytes) -> dict[str, bytes]:
    """Cut an object along its brackets, whatever stands between them."""
    found, closers = dict[str, bytes](), list[bytes]()
    depth, begins, key, last = 0, 0, "", b""
    for token in TOKEN.finditer(body):
        mark = token[0]
        if depth == 1 and mark in (b",", b"}") and key:
            found[key], key = body[begins : token.start()].strip(), ""
        if mark in OPEN:
            closers.append(OPEN[mark])
        elif mark in (b"]", b"}") and (not closers or closers.pop() != mark):
            raise HopelessError("the brackets of the body do not match")
        elif depth == 1 and mark == b":" and not key:
            key, begins = _text_of(last), token.end()
        depth, last = len(closers), mark
    if depth or not body.strip().startswith(b"{"):
        raise HopelessError("the body is not a whole JSON object")
    return found


def _elements(inside: bytes) -> int:
    depth, commas = 0, 0
    for token in TOKEN.finditer(inside):
        depth += (token[0] in OPEN) - (token[0] in (b"]", b"}"))
        commas += depth == 1 and token[0] == b","
    return commas + 1 if inside[1:-1].strip() else 0


def _key(found: Raw | bytes | UnsetType) -> str:
    return "" if isinstance(found, UnsetType) else _text_of(bytes(found))


def _text_of(found: bytes) -> str:
    try:
        return _text.decode(found)
    except msgspec.DecodeError:
        return ""
