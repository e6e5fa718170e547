"""Customers as programs read them; money in units of the currency."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.db.models import FloatField
from ninja import Field, Schema
from pydantic import AfterValidator, create_model

from kizuna.web.interface.shapes import Computed, Day, Interval, Limit, Number, Whole, Word
from kizuna.web.know.customers.columns import COLUMNS, SORTED, FactColumn
from kizuna.web.know.customers.models import CustomerFact

SORTS = [sign + name for name in SORTED for sign in ("", "-")]


def _known(sort: str) -> str:
    if sort not in SORTS:
        raise ValueError("one of the orders")
    return sort


Sort = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": SORTS})]


class Asked(Schema):
    """The filters of the list, and its order; money in units of the currency."""

    q: Word | None = Field(None, description="part of an id, name, reading, mail or phone number")
    segment: Word | None = Field(None, description="a segment, or `risk` for all at risk")
    alive: Literal["likely", "maybe", "unlikely"] | None = Field(
        None, description="still a customer: 75 % or more, 25 to 75 %, below 25 %"
    )
    value_rank: Literal["top-1", "top-10", "top-20", "rest-20"] | None = None
    value_from: Number | None = None
    value_to: Number | None = None
    history_from: Number | None = None
    history_to: Number | None = None
    orders_from: Whole | None = None
    orders_to: Whole | None = None
    first_from: Day | None = None
    first_to: Day | None = None
    last_from: Day | None = None
    last_to: Day | None = None
    cohort: Annotated[str, Field(pattern="^[12][0-9]{3}-(0[1-9]|1[0-2])$")] | None = Field(
        None, description="month of the first purchase, YYYY-MM"
    )
    mrr_from: Number | None = None
    renewal_to: Whole | None = Field(None, description="days to the next renewal, at most")
    churn_from: Number | None = Field(None, description="probability of leaving in %, at least")
    health_to: Number | None = Field(None, description="health, at most; 100 is healthy")
    unused_from: Whole | None = Field(None, description="days since use, at least")
    untold_from: Whole | None = Field(None, description="days since contact, at least")
    nps_to: Whole | None = Field(None, description="latest answer from 0 to 10, at most")
    cases_from: Whole | None = Field(None, description="open cases, at least")
    failed_from: Whole | None = Field(None, description="failed payments of 90 days, at least")
    channel: Word | None = None
    region: Word | None = None
    kind: Literal["person", "company"] | None = None
    tag: Word | None = None
    owner: Word | None = Field(None, description="mail address of the account owner")
    sort: Sort | None = Field(None, description="a fact; with - the highest first")


class PageAsked(Asked):
    """The list from a cursor on."""

    cursor: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,2000}$")] | None = Field(
        None, description="`next_cursor` of the page before"
    )
    limit: Limit = 50


TYPES = {
    "money": float,
    "share": float,
    "decimal": float,
    "change": float,
    "day": date,
    "month": date,
}


def _type(column: FactColumn) -> type:
    """Give the type that a fact has for programs: a number is whole where the column is."""
    if column.kind == "number":
        decimal = isinstance(CustomerFact._meta.get_field(column.name), FloatField)
        return float if decimal else int
    return TYPES.get(column.kind, str)


if TYPE_CHECKING:

    class Facts(Schema):
        """The facts of one customer."""

else:
    Facts = create_model(
        "Facts",
        __base__=Schema,
        __doc__="The facts of one customer; those of purchases are empty where none is known.",
        **{name: (_type(column) | None, ...) for name, column in COLUMNS.items()},
    )


class Customers(Schema):
    """Some customers; `next_cursor` leads to those that follow, and is empty at the end."""

    items: list[Facts]
    next_cursor: str | None
    as_of: date | None
    currency: str


class ContactShape(Schema):
    """A person at a customer."""

    name: str
    name_kana: str
    role: str
    title: str
    email: str
    phone: str


class OneCustomer(Schema):
    """A customer: facts, value with its interval, story in words, and what people know."""

    facts: Facts
    as_of: date | None
    horizon_days: int
    currency: str
    value_to_come: Interval | None
    expected_purchases: Interval | None
    story: str
    advice: str
    computed: Computed | None
    owner: str | None
    tags: list[str]
    fields: dict[str, Any]
    contacts: list[ContactShape]


class OrderShape(Schema):
    """An order or a return."""

    order_id: str
    ordered_on: date
    amount: float
    is_return: bool


class Orders(Schema):
    """A page of orders, the latest first."""

    items: list[OrderShape]
    page: int
    has_next: bool
    currency: str


class MomentShape(Schema):
    """Something that happened with a customer; `whole_day` where only the day is known."""

    at: datetime
    whole_day: bool
    kind: str
    title: str
    text: str


class Timeline(Schema):
    """A page of what happened, the latest first."""

    items: list[MomentShape]
    page: int
    has_next: bool
