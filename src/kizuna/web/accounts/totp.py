"""Time-based one-time passwords of RFC 6238, as authenticator apps make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import secrets
import struct
from urllib.parse import quote, urlencode

import qrcode  # type: ignore[import-untyped]
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]

STEP_SECONDS = 30
DIGITS = 6
NEAR = 1
"""Steps before and after this one that are taken: clocks differ, and people type slowly."""


def new_secret() -> str:
    """Draw 160 random bits, in base 32 as apps read it."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def code_at(secret: str, step: int) -> str:
    """Compute the code of a step of 30 seconds: RFC 4226, section 5.3."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    (value,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(value & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def step_at(timestamp: float) -> int:
    """Count the steps since 1970."""
    return int(timestamp) // STEP_SECONDS


def matching_step(secret: str, code: str, timestamp: float) -> int | None:
    """Find the step near a moment whose code this is."""
    now, given = step_at(timestamp), code.encode()
    near = range(now - NEAR, now + NEAR + 1)
    fits = [s for s in near if hmac.compare_digest(code_at(secret, s).encode(), given)]
    return fits[-1] if fits else None


def address(secret: str, *, account: str, issuer: str) -> str:
    """Write what an app reads from the picture."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def picture(text: str) -> str:
    """Draw a QR code as the address of an image."""
    drawn = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathFillImage).save(drawn)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode("ascii")
