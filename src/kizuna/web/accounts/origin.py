"""Where a request comes from."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Origin:
    """The network address and the browser's name for itself."""

    address: str | None
    agent: str


def origin_of(request: HttpRequest) -> Origin:
    """Read where a request comes from, past as many proxies as the settings name."""
    agent = request.headers.get("User-Agent", "")[:300].replace("\x00", "")
    return Origin(_valid(_address(request)), agent)


def _address(request: HttpRequest) -> str:
    # each proxy of ours adds, at the right, the address it was called from
    trusted: int = settings.KIZUNA_PROXIES
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    if trusted and len(passed) >= trusted:
        return passed[-trusted].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _valid(address: str) -> str | None:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
