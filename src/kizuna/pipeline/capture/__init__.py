"""Capture: from any file of orders to a clean table `transactions`."""

from kizuna.pipeline.capture.notes import Note
from kizuna.pipeline.capture.orders import OrderSources, OrdersRead, read_orders
from kizuna.pipeline.capture.reasons import REASONS

__all__ = ["REASONS", "Note", "OrderSources", "OrdersRead", "read_orders"]
