"""When the demo's service desk is open, how soon it promises an answer, what a contact costs."""

from __future__ import annotations

from decimal import Decimal

from kizuna.demo.costs import SERVICE_RATES
from kizuna.web.accounts.models import Person
from kizuna.web.know.effort import services
from kizuna.web.know.retention.services import save_rate

HOURS = [[[540, 1080]]] * 5 + [[], []]
NAMES = {
    "en": ("Service desk", "Phone", "Chat", "Mail and LINE"),
    "ja": ("お客様窓口", "電話", "チャット", "メールとLINE"),
}
AT_ONCE, IN_WRITING = (30, 540), (240, 1080)
"""Minutes of open time to the first answer and to the solution."""


def open_desk(*, actor: Person, lang: str) -> None:
    """Set the open hours of the desk, what it promises on each channel, and what contacts cost."""
    for channel, (once, minute) in SERVICE_RATES.items():
        save_rate(
            actor=actor, channel=channel, per_contact=Decimal(once), per_minute=Decimal(minute)
        )
    desk, phone, chat, written = NAMES[lang]
    calendar = services.save_calendar(
        actor=actor,
        values={
            "name": desk,
            "zone": "Asia/Tokyo",
            "week": HOURS,
            "country": "JP",
            "turn_of_year": True,
            "own_days": "",
        },
    )
    promises = (
        (phone, "phone", AT_ONCE),
        (chat, "chat", AT_ONCE),
        (written, "", IN_WRITING),
    )
    for position, (name, channel, minutes) in enumerate(promises, start=1):
        first, solved = minutes
        services.save_target(
            actor=actor,
            values={
                "name": name,
                "position": position,
                "channel": channel,
                "calendar": calendar,
                "first_response_minutes": first,
                "resolution_minutes": solved,
            },
        )
