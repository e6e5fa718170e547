"""Why a message is refused, in codes that pages say in words."""

from __future__ import annotations

CODES = (
    "not_json",
    "not_utf8",
    "too_deep",
    "too_large",
    "not_object",
    "unknown_type",
    "no_customer",
    "bad_text",
    "too_long",
    "no_event",
    "no_group",
    "no_previous",
    "bad_time",
    "time_in_future",
    "no_order_id",
    "no_amount",
    "bad_amount",
    "bad_currency",
    "no_currency",
    "other_currency",
)
