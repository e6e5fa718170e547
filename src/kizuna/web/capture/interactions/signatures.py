"""Whether what came was signed by who knows the secret: Standard Webhooks, or an HMAC of a body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

MARK: Final = "whsec_"
TOLERANCE_SECONDS: Final = 300
PREFIXES: Final = ("sha256=", "v0=", "v1=")


def standard(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Check `webhook-id`, `webhook-timestamp` and `webhook-signature`; one of several may be right.

    The name of a message is a part of what is signed, and its moment is within five minutes.
    """
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or not _is_of_now(stamp, now):
        return False
    signed = f"{name}.{stamp}.".encode() + body
    expected = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    found = (part.partition(",") for part in headers.get("webhook-signature", "").split(" "))
    given = [_base64(text) for version, _comma, text in found if version == "v1"]
    return any(hmac.compare_digest(expected, digest) for digest in given)


def simple(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: float,
    *,
    signature_header: str,
    timestamp_header: str = "",
) -> bool:
    """Check an HMAC-SHA256 in a header, as hexadecimal or base64.

    With a header for the moment, that is signed before the body, and within five minutes where it
    is a number of seconds.
    """
    stamp = headers.get(timestamp_header.lower(), "") if timestamp_header else ""
    if timestamp_header and (not stamp or (stamp.isdigit() and not _is_of_now(stamp, now))):
        return False
    expected = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    text = headers.get(signature_header.lower(), "").strip()
    for prefix in PREFIXES:
        text = text.removeprefix(prefix)
    return any(hmac.compare_digest(expected, digest) for digest in (_hex(text), _base64(text)))


def key_of(secret: str) -> bytes:
    """Give the bytes of a secret of Standard Webhooks.

    Raises
    ------
    ValueError
        Where it is no base64, or holds fewer than 16 bytes.

    """
    key = base64.b64decode(secret.removeprefix(MARK), validate=True)
    if len(key) < 16:
        raise ValueError("a secret of 16 bytes at least")
    return key


def _is_of_now(stamp: str, now: float) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    return abs(now - int(stamp)) <= TOLERANCE_SECONDS


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (ValueError, binascii.Error):
        return b""


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
