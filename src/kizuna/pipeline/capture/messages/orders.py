"""Orders by events: the e-commerce specification's Order Completed, Updated, Cancelled, Refunded.

The amount is what was sold: `revenue`, which leaves out shipping and tax; else `subtotal`; else
`total` less `shipping` and `tax`; else what the products cost. What goes back is below zero.
An update that tells no amount is an event like any other.
"""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_precision

from kizuna.pipeline.capture.amounts import LARGEST, codes
from kizuna.pipeline.capture.messages.fields import number, text
from kizuna.pipeline.capture.messages.rows import Event, Order, OrderChange, Refused

COMPLETED, REFUNDED = "order completed", "order refunded"
CHANGES = {
    "order updated": "updated",
    "order cancelled": "cancelled",
    "order canceled": "cancelled",
}
KNOWN = codes()


def is_order(event: Event) -> bool:
    """Tell whether an event brings money, or takes it back."""
    return event.kind == "track" and event.name.casefold() in {COMPLETED, REFUNDED}


def is_change(event: Event) -> bool:
    """Tell whether an event changes an order."""
    return event.kind == "track" and event.name.casefold() in CHANGES


def order_of(event: Event, said: dict[str, Any], usual: str | None) -> Order:
    """Read the order; `usual` is the currency of the orders so far, which all others must have."""
    order_id = _order_id(said)
    currency, amount = _currency(said, usual), _amount(said)
    goes_back = event.name.casefold() == REFUNDED
    minor = _minor(amount, currency)
    return Order(
        event.message_id,
        event.customer_key,
        f"{order_id}/{event.message_id}" if goes_back else order_id,
        event.happened_at,
        event.received_at,
        -abs(minor) if goes_back else minor,
        currency,
    )


def change_of(event: Event, said: dict[str, Any], usual: str | None) -> OrderChange | None:
    """Read what became of an order; None where its amount is as it was."""
    word, amount, currency = CHANGES[event.name.casefold()], None, None
    order_id = _order_id(said)
    if word == "updated":
        if not _tells_amount(said):
            return None
        currency = _currency(said, usual)
        amount = _minor(_amount(said), currency)
        if amount < 0:
            raise Refused("bad_amount", "revenue")
    return OrderChange(
        event.message_id,
        event.customer_key,
        order_id,
        event.happened_at,
        event.received_at,
        word,
        amount,
        currency,
    )


def _order_id(said: dict[str, Any]) -> str:
    order_id = text(said, "order_id") or text(said, "orderId")
    if order_id is None:
        raise Refused("no_order_id", "order_id")
    return order_id


def _tells_amount(said: dict[str, Any]) -> bool:
    products = said.get("products")
    priced = isinstance(products, list) and any(
        isinstance(product, dict) and product.get("price") is not None for product in products
    )
    return priced or any(said.get(name) is not None for name in ("revenue", "subtotal", "total"))


def _minor(amount: float, currency: str) -> int:
    minor: int = round(amount * 10 ** get_currency_precision(currency))
    if abs(minor) > LARGEST:
        raise Refused("bad_amount", "revenue")
    return minor


def _currency(said: dict[str, Any], usual: str | None) -> str:
    given = text(said, "currency")
    found = given.upper() if given else usual
    if found is None:
        raise Refused("no_currency", "currency")
    if found not in KNOWN and found != usual:
        raise Refused("bad_currency", "currency")
    if usual is not None and found != usual:
        raise Refused("other_currency", "currency")
    return found


def _amount(said: dict[str, Any]) -> float:
    for name in ("revenue", "subtotal"):
        found = number(said, name)
        if found is not None:
            return found
    total = number(said, "total")
    if total is not None:
        return total - (number(said, "shipping") or 0) - (number(said, "tax") or 0)
    return _of_products(said)


def _of_products(said: dict[str, Any]) -> float:
    products = said.get("products")
    if not isinstance(products, list) or not products:
        raise Refused("no_amount", "revenue")
    return sum(_of_product(product) for product in products)


def _of_product(product: Any) -> float:
    if not isinstance(product, dict):
        raise Refused("not_object", "products")
    price, quantity = number(product, "price"), number(product, "quantity")
    if price is None:
        raise Refused("no_amount", "price")
    return price * (1 if quantity is None else quantity)
