"""The list as the table component shows it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.know.customers.columns import SORTED
from kizuna.web.know.customers.queries import CustomerPage
from kizuna.web.know.publications.queries import Published
from kizuna.web.ui.components import Cell, Column, Table, Text
from kizuna.web.ui.templatetags.ui import writer


def table_of(page: CustomerPage, state: Published | None) -> Table:
    """Write the rows of a page; the customer's name leads to the customer."""
    say = writer(state.currency if state else "")
    heads = [
        Column(column.label, column.number, column.name if column.name in SORTED else "")
        for column in page.columns
    ]
    rows: list[list[Text | Cell]] = [
        [
            Cell(row.customer_id, reverse("customers:one", query={"id": row.customer_id})),
            *(column.written(getattr(row, column.name), say) for column in page.columns[1:]),
        ]
        for row in page.rows
    ]
    return Table(_("Customers"), heads, rows, page.sort)
