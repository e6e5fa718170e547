"""What the value job is asked to do: one frozen record, checked once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Day  # noqa: N812  -- `date` is a column here
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from kizuna.pipeline.capture.orders import OrderSources
from kizuna.pipeline.errors import InputError

type Period = Literal["day", "week"]
type Language = Literal["en", "ja"]

MODELS = ("auto", "bg_nbd", "mbg_nbd", "pareto_nbd")
DAYS = {"d": 1.0, "w": 7.0, "m": 365.25 / 12, "y": 365.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueOptions:
    """Options of `kizuna value`, as documented in `docs/value.md`.

    Attributes
    ----------
    orders : files, folders' globs or both.
    customer, date, amount, order, quantity, price : column names; None means guess.
    date_order : which comes first in 03/04/2026; None means find out.
    horizon_days : how far ahead value is counted.
    holdout : first day of the part kept back; "auto" chooses it; None keeps nothing back.
    period : unit of time of frequency models and of recency and age.
    model : "auto" or the name of a model.
    margin : share of revenue that is kept, in (0, 1].
    discount : yearly rate; 0.10 makes money a year from now worth 1/1.10.
    as_of : last day of history to use; None means the last day in the log.
    """

    orders: tuple[str, ...]
    customer: str | None = None
    date: str | None = None
    amount: str | None = None
    order: str | None = None
    quantity: str | None = None
    price: str | None = None
    date_order: Literal["day", "month"] | None = None
    horizon_days: int = 365
    holdout: Day | Literal["auto"] | None = "auto"
    period: Period = "day"
    model: str = "auto"
    margin: float = 1.0
    discount: float = 0.10
    as_of: Day | None = None
    currency: str | None = None
    timezone: str = "UTC"
    lang: Language = "en"
    seed: int = 0

    @property
    def source(self) -> OrderSources:
        """Files and columns to read."""
        return OrderSources(
            paths=self.orders,
            customer=self.customer,
            date=self.date,
            amount=self.amount,
            order=self.order,
            quantity=self.quantity,
            price=self.price,
            date_order=self.date_order,
        )


def parse_horizon(text: str) -> int:
    """Read a length of time such as 365d, 52w, 12m or 1y as days.

    Raises
    ------
    InputError
        When it is not a whole number above 0 with one of those units.
    """
    match = re.fullmatch(r"(\d{1,5})\s*([dwmy]?)", text.strip().lower())
    days = round(int(match[1]) * DAYS[match[2] or "d"]) if match else 0
    if not 1 <= days <= 36_525:
        raise InputError(f"--horizon {text!r} is not a length of time; write 365d, 52w, 12m or 1y.")
    return days


def parse_day(text: str, option: str) -> Day:
    """Read an ISO day, naming the option in the error."""
    try:
        return Day.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text!r} is not a day; write it as YYYY-MM-DD.") from None


def parse_holdout(text: str) -> Day | Literal["auto"] | None:
    """Read --holdout: auto, none or the first day of the holdout."""
    if text == "auto":
        return "auto"
    return None if text == "none" else parse_day(text, "--holdout")


def parse_model(text: str) -> str:
    """Read a model's name however it is usually written: BG/NBD, bg_nbd, BGNBD."""
    key = re.sub(r"[^a-z]", "", text.lower())
    for name in MODELS:
        if key == name.replace("_", ""):
            return name
    raise InputError(f"--model {text!r} is not known; choose one of {', '.join(MODELS)}.")


def parse_share(value: float, option: str, *, low: float, high: float) -> float:
    """Check a number against its range, naming the option in the error."""
    if low <= value <= high:
        return value
    raise InputError(f"{option} {value:g} is outside {low:g} to {high:g}.")


def parse_timezone(text: str) -> str:
    """Check that a time zone exists."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise InputError(f"--timezone {text!r} is not known; write it as Asia/Tokyo.") from None
    return text


def parse_out(path: Path) -> Path:
    """Check that results can be written into a folder, making it when it is missing."""
    if path.exists() and not path.is_dir():
        raise InputError(f"--out {path} is a file; name a folder for the results.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {path} cannot be made: {error.strerror}.") from None
    return path
