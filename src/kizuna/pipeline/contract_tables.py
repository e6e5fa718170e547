"""Tables of recurring revenue: what contracts bring each month, what moved it, what comes due."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.contracts import Column, Table, optional

_CONTRACT = Column("contract_id", "VARCHAR", "", "the contract, as named by the source")
_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_PRODUCT = Column("product", "VARCHAR", "", "product or plan", True)
_CURRENCY = Column("currency", "VARCHAR", "ISO 4217", "currency of the amounts of the row")
_MRR = Column("mrr", "BIGINT", "minor", "amount ÷ months of its billing period, rounded")
_REMAINDER = Column("remainder", "BIGINT", "minor", "amount of a billing period less its months")
_SEATS = Column("seats", "INTEGER", "", "places or units paid for", True)
_MONTH = Column("month", "DATE", "month", "first day of the month")

MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")
"""What moves recurring revenue, in the order in which it is told."""

_CONTRACTS = (
    Table(
        "contract_phases",
        ("contract_id", "from_on"),
        "Stretches of a contract with the same terms; what is paid once is left out.",
        (
            *(_CONTRACT, _CUSTOMER, _PRODUCT, _CURRENCY),
            Column("from_on", "DATE", "day", "first day of these terms"),
            Column("until_on", "DATE", "day", "last day of these terms; empty while open", True),
            Column("priced_on", "DATE", "day", "first day of this price; its billing begins"),
            Column("amount", "BIGINT", "minor", "amount of one billing period"),
            Column("billing_months", "INTEGER", "month", "months of a billing period: 1, 12, …"),
            *(_MRR, _REMAINDER, _SEATS),
        ),
    ),
    Table(
        "contract_months",
        ("contract_id", "month"),
        "Each contract that ran at the end of a month, and what it brings in that month.",
        (
            *(_CONTRACT, _CUSTOMER, _PRODUCT, _CURRENCY, _MONTH, _MRR),
            replace(
                _REMAINDER, meaning="in the last month of a billing period, what rounding left over"
            ),
            _SEATS,
        ),
    ),
    Table(
        "contract_events",
        ("customer_id", "currency", "day"),
        "Days on which a customer's recurring revenue changed, all contracts of the customer "
        "together.",
        (
            *(_CUSTOMER, _CURRENCY),
            Column("day", "DATE", "day", "first day of the new sum"),
            Column("kind", "VARCHAR", "", "new, expansion, contraction, churn or reactivation"),
            Column("before", "BIGINT", "minor", "recurring revenue a month on the day before"),
            Column("change", "BIGINT", "minor", "recurring revenue after less before"),
            Column("after", "BIGINT", "minor", "recurring revenue a month from that day on"),
        ),
    ),
)


def _moved(kind: str) -> Column:
    return Column(kind, "BIGINT", "minor", f"sum of changes that were {kind}")


_BRIDGE = (
    Table(
        "mrr_bridge",
        ("currency", "month"),
        "Recurring revenue at the beginning of a month, what moved it, and at its end; "
        "all rows add up.",
        (
            *(_CURRENCY, _MONTH),
            Column("until_on", "DATE", "day", "last day of the month that is observed"),
            Column("complete", "BOOLEAN", "", "whether the whole month is observed"),
            Column(
                "opening", "BIGINT", "minor", "recurring revenue at the end of the month before"
            ),
            *map(_moved, MOVEMENTS),
            Column("closing", "BIGINT", "minor", "recurring revenue on the last day"),
            Column("customers_opening", "BIGINT", "customers", "who paid at the end before"),
            Column(
                "customers_won", "BIGINT", "customers", "times a customer paid for the first time"
            ),
            Column("customers_back", "BIGINT", "customers", "times a former customer came back"),
            Column("customers_lost", "BIGINT", "customers", "times a customer stopped paying"),
            Column("customers_closing", "BIGINT", "customers", "who pay on the last day"),
        ),
    ),
    Table(
        "mrr_retention",
        ("currency", "month"),
        "Of the recurring revenue of twelve months ago, how much is there now from the same "
        "customers.",
        (
            *(_CURRENCY, _MONTH),
            Column("customers", "BIGINT", "customers", "who paid twelve months ago"),
            Column("customers_lost", "BIGINT", "customers", "of these, who pay nothing now"),
            Column("mrr_before", "BIGINT", "minor", "their recurring revenue twelve months ago"),
            Column("mrr_now", "BIGINT", "minor", "their recurring revenue now"),
            Column("mrr_kept", "BIGINT", "minor", "of each the smaller of then and now"),
            Column("net_retention", "DOUBLE", "", "mrr_now ÷ mrr_before"),
            Column("gross_retention", "DOUBLE", "share", "mrr_kept ÷ mrr_before"),
        ),
    ),
)

_DUE = (
    Table(
        "contract_terms",
        ("contract_id",),
        "Contracts that run: when the term ends, and by when notice must be given.",
        (
            *(_CONTRACT, _CUSTOMER, _PRODUCT, _CURRENCY),
            Column("amount", "BIGINT", "minor", "amount of one billing period"),
            Column("billing_months", "INTEGER", "month", "months of a billing period: 1, 12, …"),
            *optional(
                Column("mrr", "BIGINT", "minor", "recurring revenue a month; empty if paid once"),
                Column("seats", "INTEGER", "", "places or units paid for"),
                Column("ends_on", "DATE", "day", "last day of the running term"),
                Column("renews", "BOOLEAN", "", "whether it goes on unless somebody ends it"),
                Column("notice_by", "DATE", "day", "last business day on which notice counts"),
                Column("business_days_left", "INTEGER", "days", "business days until then"),
            ),
        ),
    ),
    Table(
        "entitlements",
        ("customer_id",),
        "What a customer has paid for, beside how much of it is used, over 28 days.",
        (
            _CUSTOMER,
            Column("seats", "BIGINT", "", "places paid for by all contracts that run"),
            Column("used", "BIGINT", "", "people seen in events; empty where none is named", True),
            Column("events", "BIGINT", "rows", "events of the customer in these days"),
            Column("use", "DOUBLE", "", "used ÷ seats; over 1 where more is used than paid", True),
        ),
    ),
)

CONTRACT_TABLES = (*_CONTRACTS, *_BRIDGE, *_DUE)
