"""Export files of other tools are known by their headings, and read without a word about them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kizuna.jobs import load as orders
from kizuna.jobs import records
from kizuna.jobs.load import OrderFile
from kizuna.jobs.records import RecordFile
from kizuna.pipeline.capture.presets import PRESETS, preset_of
from kizuna.pipeline.capture.standard.guess import likely_table
from kizuna.pipeline.capture.standard.specs import SPECS
from kizuna.pipeline.store import Store

TODAY, AT = date(2026, 11, 21), datetime(2026, 11, 21, tzinfo=UTC)
SHOPIFY_ORDERS = """Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,\
Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,\
Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name
#1001,kim@example.com,paid,2026-05-01 10:00:00 +0900,fulfilled,,no,JPY,1000,200,100,1300,,0,\
Post,2026-05-01 09:59:00 +0900,1,Tea,600,Kim
#1001,kim@example.com,,,,,,,,,,,,,,2026-05-01 09:59:00 +0900,1,Cup,400,
#1002,lee@example.com,paid,2026-05-02 10:00:00 +0900,fulfilled,,no,JPY,500,0,50,550,,0,\
Post,2026-05-02 09:59:00 +0900,1,Tea,500,Lee
"""
STRIPE_PAYMENTS = """id,Description,Created (UTC),Amount,Amount Refunded,Currency,\
Converted Amount,Fee,Mode,Status,Customer ID,Customer Description,Customer Email,Captured
ch_1,,2026-05-01 01:47,19.00,0.00,usd,19.00,0.85,Live,Paid,cus_1,,kim@example.com,true
ch_2,,2026-05-02 01:47,249.00,0.00,usd,249.00,7.52,Live,Paid,cus_2,,lee@example.com,true
"""
SHOPIFY_CUSTOMERS = """Customer ID,First Name,Last Name,Email,Accepts Email Marketing,\
Default Address Company,Default Address Address1,Default Address City,\
Default Address Province Code,Default Address Country Code,Default Address Phone,Phone,\
Accepts SMS Marketing,Total Spent,Total Orders,Note
8779,Kim,Sato,KIM@example.com,yes,,1-2-3,Osaka,JP-27,JP,,0312345678,no,1300.00,1,
"""
ZENDESK = """Summation column,Id,Requester,Requester id,Requester external id,Requester email,\
Submitter,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,\
Organization,Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,\
First reply time in minutes
1,501,Kim,77,,kim@example.com,Kim,Aiko,Support,Cannot sign in,,Solved,High,Mail,Question,\
2026-05-01 10:00:00,2026-05-02 10:00:00,Acme,Good,1,1,0,2,35
"""
HUBSPOT_CONTACTS = """Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Create Date,\
Associated Company,Country/Region,Contact owner
101,Kim,Sato,kim@example.com,+81 3 1234 5678,NEW,2026-03-12 09:14,Acme,Japan,Aiko
"""
HUBSPOT_COMPANIES = """Record ID,Company name,Company owner,Create Date,Phone Number,City,\
Country/Region,Industry
9001,Acme KK,Aiko,2026-03-12 09:14,+81 3 1234 5678,Osaka,Japan,Retail
"""
SALESFORCE = """"Id","IsDeleted","MasterRecordId","Name","Type","ParentId","BillingStreet",\
"BillingCity","BillingState","BillingPostalCode","BillingCountry","Phone","CreatedDate"
"001A","0","","Acme KK","Customer","001B","1-2-3","Osaka","Osaka","530","Japan",\
"0312345678","2026-03-12T09:14:00.000Z"
"""
STRIPE_SUBSCRIPTIONS = """id,Customer ID,Customer Description,Customer Name,Customer Email,Plan,\
Product,Quantity,Currency,Interval,Amount,Status,Created (UTC),Start (UTC),Start Date (UTC),\
Current Period Start (UTC),Current Period End (UTC),Trial Start (UTC),Trial End (UTC),\
Canceled At (UTC),Ended At (UTC),Cancellation Reason,tier (metadata)
sub_1,cus_1,,Kim,kim@example.com,Team,prod_1,3,usd,year,1188.00,active,2025-04-30 23:10,\
2026-04-30 23:10,2025-04-30 23:10,2026-04-30 23:10,2027-04-30 23:10,,,,,,gold
"""
"""With all columns that are known; the other exports below lack some."""
SUBSCRIPTIONS = """id,Customer ID,Product,Quantity,Currency,Interval,Amount,Status,Created (UTC),\
Current Period Start (UTC),Current Period End (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC)
past,cus_1,Pro,1,jpy,month,980,past_due,2026-01-05,2026-05-05,2026-06-05,,,
tried,cus_2,Pro,1,jpy,month,980,active,2026-01-05,2026-05-19,2026-06-19,2026-01-19,,
over,cus_3,Pro,1,jpy,month,980,canceled,2026-01-05,2026-03-05,2026-04-05,,2026-03-20,2026-04-05
noticed,cus_4,Pro,1,jpy,month,980,canceled,2026-01-05,2026-03-05,2026-04-05,,2026-03-20,
trial,cus_5,Pro,1,jpy,month,980,trialing,2026-11-19,2026-11-19,2026-12-03,2026-12-03,,
left,cus_6,Pro,1,jpy,month,980,canceled,2026-01-05,2026-01-05,2026-01-19,2026-01-19,2026-01-08,2026-01-19
unpaid,cus_7,Pro,1,jpy,month,980,incomplete_expired,2026-01-05,2026-01-05,2026-02-05,,,2026-01-06
weekly,cus_8,Pro,1,jpy,week,980,active,2026-01-05,2026-05-05,2026-05-12,,,
new,cus_9,Pro,1,jpy,month,980,a state to come,2026-01-05,2026-05-05,2026-06-05,,,
"""
RECORDS = {
    "Stripe subscriptions": (
        STRIPE_SUBSCRIPTIONS,
        "contracts",
        {"contract_id": "sub_1", "customer_id": "cus_1", "product": "Team", "seats": 3}
        | {"amount": 118_800, "currency": "USD", "billing_months": 12, "auto_renew": True}
        | {"started_on": date(2025, 4, 30), "ended_on": None, "cancelled_on": None},
    ),
    "Shopify customers": (SHOPIFY_CUSTOMERS, "customers", {"customer_id": "8779", "country": "JP"}),
    "Zendesk tickets": (
        ZENDESK,
        "interactions",
        {"interaction_id": "501", "case_id": "501", "customer_id": "77", "channel": "mail"}
        | {"direction": "in", "agent": "Aiko", "wait_seconds": None},
    ),
    "HubSpot contacts": (
        HUBSPOT_CONTACTS,
        "customers",
        {"customer_id": "101", "email": "kim@example.com", "acquired_on": date(2026, 3, 12)},
    ),
    "HubSpot companies": (
        HUBSPOT_COMPANIES,
        "customers",
        {"customer_id": "9001", "name": "Acme KK", "kind": "company", "phone": "+81312345678"},
    ),
    "Salesforce accounts": (
        SALESFORCE,
        "customers",
        {"customer_id": "001A", "name": "Acme KK", "kind": "company", "parent_id": "001B"},
    ),
}
ORDERS = {"Shopify orders": SHOPIFY_ORDERS, "Stripe payments": STRIPE_PAYMENTS}


def header(text: str) -> list[str]:
    return [name.strip('"') for name in text.splitlines()[0].split(",")]


@pytest.mark.parametrize("tool", RECORDS)
def test_an_export_is_known_and_brought_in(tool: str, tmp_path: Path) -> None:
    text, table, expected = RECORDS[tool]
    found = preset_of(header(text))
    assert found is not None
    assert (found.tool, likely_table(header(text))) == (tool, table)
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    store, file = Store(tmp_path / "store"), RecordFile(path=path, name="export.csv", table=table)
    loaded = records.load(store, file, batch="b1", at=AT, today=TODAY)
    assert (loaded.new, loaded.rejected) == (1, {})
    [row] = store.read(table).to_pylist()
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("tool", ORDERS)
def test_an_export_of_orders_is_known_and_brought_in(tool: str, tmp_path: Path) -> None:
    found = preset_of(header(ORDERS[tool]))
    assert found is not None
    assert (found.tool, likely_table(header(ORDERS[tool]))) == (tool, "transactions")
    path = tmp_path / "export.csv"
    path.write_text(ORDERS[tool], encoding="utf-8")
    store, file = Store(tmp_path / "store"), OrderFile(path=path, name="export.csv")
    orders.load(store, file, batch="b1", at=AT, today=TODAY)
    rows = store.read("transactions").to_pylist()
    assert (
        sorted(row["amount"] for row in rows)
        == {
            "Shopify orders": [550, 1300],  # an order of two lines counts once, with its total
            "Stripe payments": [1900, 24900],
        }[tool]
    )


def test_a_subscription_counts_from_its_first_bill_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(SUBSCRIPTIONS, encoding="utf-8")
    store, file = (
        Store(tmp_path / "store"),
        RecordFile(path=path, name="export.csv", table="contracts"),
    )
    loaded = records.load(store, file, batch="b1", at=AT, today=TODAY)
    assert loaded.rejected == {"not_begun": 3, "unreadable_number": 1}
    rows = {row["contract_id"]: row for row in store.read("contracts").to_pylist()}
    first = date(2026, 1, 5)
    assert {name: (row["started_on"], row["ended_on"]) for name, row in rows.items()} == {
        "past": (first, None),
        "tried": (date(2026, 1, 19), None),
        "over": (first, date(2026, 4, 5)),
        "noticed": (first, date(2026, 3, 20)),
        "new": (first, None),
    }
    assert {row["product"] for row in rows.values()} == {"Pro"}


def test_what_a_person_names_wins(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(ZENDESK, encoding="utf-8")
    given = {"customer_id": "Requester email"}
    file = RecordFile(path=path, name="z", table="interactions", columns=given)
    found = records.check(Store(tmp_path / "store"), file, today=TODAY)
    assert found.columns["customer_id"] == "Requester email"


def test_a_heading_that_is_missing_makes_it_no_export() -> None:
    assert preset_of([name for name in header(ZENDESK) if name != "Via"]) is None
    assert preset_of(["customer_id", "name"]) is None


def test_every_preset_speaks_of_parts_that_there_are() -> None:
    for preset in PRESETS:
        if preset.table in SPECS:
            assert preset.parts.keys() <= SPECS[preset.table].by_name.keys(), preset.tool
