"""Secrets that have to be read again are kept encrypted with the installation's key."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def hide(text: str) -> str:
    """Encrypt what goes into the database."""
    return _cipher().encrypt(text.encode()).decode("ascii")


def reveal(hidden: str) -> str:
    """Decrypt what was hidden, with this key or one that it replaced."""
    return _cipher().decrypt(hidden.encode("ascii")).decode()


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(str(key))) for key in keys])


def _key(secret: str) -> bytes:
    digest = hashlib.sha256(b"kizuna.secrecy" + secret.encode()).digest()
    return base64.urlsafe_b64encode(digest)
