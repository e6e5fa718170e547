"""An experiment made elsewhere, brought in as a file: Hillstrom's e-mail test to its digits."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.csv as pacsv
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from data_sets import hillstrom, requires_data
from kizuna.web.accounts.models import AuditEntry, Person
from kizuna.web.jobs.testing import run_all
from kizuna.web.measure.results.models import Outside
from web.conftest import ClientOf

pytestmark = pytest.mark.django_db

FILE = "顧客,群,売上,初回,費用\n" + "".join(
    f'c{k},{"対照" if k % 3 else "施策"},"{1_000 + 7 * (k % 10) + (0 if k % 3 else 500):,}",'
    f"{k % 2},{0 if k % 3 else 30}\n"
    for k in range(300)
)
PLAN = {
    "arm": "segment",
    "control": "No E-Mail",
    "outcomes": ["spend", "visit", "conversion"],
    "money": "spend",
    "covariates": ["history"],
    "cost": "0.1",
    "currency": "usd",
    "margin": "40",
}
PUBLISHED = {
    "spend": (
        "Mens E-Mail − No E-Mail 0.7698 0.1452 5.30 0.4851 – 1.0545 117.9% 2.079",
        "Womens E-Mail − No E-Mail 0.4244 0.1303 3.26 0.1690 – 0.6799 65.0% 0.698",
        "All treated − No E-Mail 0.5968 0.1126 5.30 91.4%",
        "Mens E-Mail − Womens E-Mail 0.3454 2.16",
        "Mens E-Mail 21,307 30,311.69 1.42262 315.2118",
        "Womens E-Mail 21,387 23,038.11 1.07720 228.4967",
        "No E-Mail 21,306 13,908.33 0.65279 134.2864",
    ),
    "visit": (
        "Mens E-Mail − No E-Mail 7.659% 0.339% 22.62 72.1%",
        "Womens E-Mail − No E-Mail 4.523% 0.323% 13.99 42.6%",
        "All treated − No E-Mail 6.088% 57.4%",
        "Mens E-Mail − Womens E-Mail 3.136% 8.69",
        "Mens E-Mail 21,307 3,894 18.276%",
        "No E-Mail 21,306 2,262 10.617%",
    ),
    "conversion": (
        "Mens E-Mail − No E-Mail 0.6805% 0.0921% 7.39 118.8%",
        "Womens E-Mail − No E-Mail 0.3111% 0.0823% 3.78 54.3%",
        "All treated − No E-Mail 0.4955% 86.5%",
        "Mens E-Mail − Womens E-Mail 0.369 3.71",
        "Mens E-Mail 21,307 267 1.2531%",
        "Womens E-Mail 21,387 189 0.8837%",
        "No E-Mail 21,306 122 0.5726%",
    ),
}
"""What the published tables say of each outcome; every part must stand in one row of the page."""


@pytest.fixture
def owner(aiko: Person, client_of: ClientOf, settings: Any, tmp_path: Path) -> Client:
    settings.KIZUNA_HOME = tmp_path
    return client_of(aiko)


def brought(client: Client, content: bytes, name: str = "test.csv") -> str:
    """Upload a file; give the address of its page."""
    file = SimpleUploadedFile(name, content)
    answer = client.post("/results/elsewhere/", {"name": "Mails of 2008", "file": file})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def computed(client: Client, content: bytes, plan: dict[str, Any]) -> str:
    """Bring in a file, say what is what, and give the page of the result."""
    url = brought(client, content)
    assert client.post(f"{url}/plan", plan).status_code == 302
    run_all()
    return client.get(url).content.decode()


def cells(page: str) -> list[str]:
    """Give the rows of all tables as texts."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))) for row in rows]


def holds(row: str, wanted: str) -> bool:
    """Tell whether a row begins with the names wanted and holds each number, to its digits."""
    names, numbers = re.match(r"(.*?)((?: [\d.,%–]+)+)$", wanted).groups()  # type: ignore[union-attr]
    seen = [float(n.replace(",", "")) for n in re.findall(r"[\d,]*\.?\d+", row)]
    return row.strip().startswith(names) and all(
        any(abs(one - float(n)) <= _last_digit(n) for one in seen)
        for n in re.findall(r"[\d.]+", numbers.replace(",", ""))
    )


def _last_digit(number: str) -> float:
    """Half of the last digit; published relative effects are of rates that were rounded."""
    digits = len(number.partition(".")[2])
    return 0.101 if digits == 1 else 0.5001 * 10.0**-digits


@requires_data
def test_hillstroms_test_comes_out_to_the_published_digits(owner: Client) -> None:
    file = BytesIO()
    pacsv.write_csv(hillstrom(), file)
    page = computed(owner, file.getvalue(), PLAN)
    rows = cells(page)
    missing = [
        wanted
        for published in PUBLISHED.values()
        for wanted in published
        if not any(holds(row, wanted) for row in rows)
    ]
    assert missing == [], rows
    assert "90.4%" in page  # p of the sizes
    assert "spend: history was of no use. It explains 0.04% to 0.06% of" in page
    assert "visit: history was of no use" in page
    assert "Sizes are right" in page
    assert page.count("more than doing nothing would have") == 2  # men's mails, and any mail
    assert "$0.31" in page  # margin on a customer of men's mails
    assert "A new experiment needs about" in page  # of women's mails it is not known


def test_a_file_of_ones_own_is_read_in_japanese_and_gone_afterwards(
    owner: Client, aiko: Person
) -> None:
    plan = {"arm": "群", "control": "対照", "outcomes": ["売上", "初回"], "money": "売上"}
    plan |= {"unit": "顧客", "cost_column": "費用", "margin": "50", "held_out": "66.7"}
    page = computed(owner, FILE.encode("cp932"), plan)
    assert "Earns" in page
    aiko.language = "ja"
    aiko.save()
    kept = Outside.objects.get()
    assert "何もしない場合より" in owner.get(f"/results/elsewhere/{kept.pk}").content.decode()
    assert owner.get("/results/elsewhere/").status_code == 200
    assert (kept.path, kept.stage) == ("", "done")
    assert not list((Path(owner_home()) / "uploads" / "imports").glob("*"))
    assert "c299" not in repr(kept.found) + repr(kept.asked)
    (contrast,) = kept.found["outcomes"][0]["contrasts"]
    assert contrast["plain_effect"] == pytest.approx(500, abs=2)
    assert contrast["unit_cost"] == pytest.approx(30)
    assert contrast["effect_low"] < 500 < contrast["effect_high"]


def owner_home() -> str:
    from django.conf import settings

    return str(settings.KIZUNA_HOME)


@pytest.mark.parametrize(
    ("file", "plan", "said"),
    [
        ("c,g,y\na,t,1\na,t,2\nb,k,3\nd,k,4\n", {"unit": "c"}, "“a” stands in 2 rows"),
        ("c,g,y\na,t,1\nb,t,x\nd,k,3\ne,k,4\n", {}, "needs two groups or more"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(
    owner: Client, file: str, plan: dict[str, Any], said: str
) -> None:
    url = brought(owner, file.encode())
    kept = Outside.objects.get()
    kept.asked["seen"]["values"] = {"g": ["k", "t"]}
    kept.asked["seen"]["numbers"] = ["y"]
    kept.save()
    asked = {"arm": "g", "control": "k", "outcomes": ["y"], "margin": "100"} | plan
    assert owner.post(f"{url}/plan", asked).status_code == 302
    run_all()
    assert said in unescape(owner.get(url).content.decode())


def test_what_is_no_table_leaves_nothing_behind(owner: Client) -> None:
    file = SimpleUploadedFile("x.csv", b"")
    page = owner.post("/results/elsewhere/", {"name": "x", "file": file})
    assert page.status_code == 200
    assert not Outside.objects.exists()
    assert not list((Path(owner_home()) / "uploads" / "imports").glob("*"))


def test_a_column_is_one_thing_only_and_the_control_is_a_group(owner: Client) -> None:
    url = brought(owner, FILE.encode())
    wrong = {"arm": "群", "control": "0", "outcomes": ["売上"], "margin": "50"}
    assert "no such group" in owner.post(f"{url}/plan", wrong).content.decode()
    none = wrong | {"control": "対照", "currency": "yen"}
    assert "This is no currency" in owner.post(f"{url}/plan", none).content.decode()
    both = {"arm": "群", "control": "対照", "outcomes": ["売上"], "covariates": ["売上"]}
    page = owner.post(f"{url}/plan", both | {"margin": "50"}).content.decode()
    assert "one thing only" in page


def test_groups_that_lost_customers_are_not_judged(owner: Client) -> None:
    plan = {"arm": "群", "control": "対照", "outcomes": ["売上"], "money": "売上", "margin": "50"}
    page = computed(owner, FILE.encode(), plan)  # a third was treated, half was to be
    assert "Cannot be judged" in page
    assert "Sizes are wrong" in page
    assert "more than doing nothing" not in page


def test_viewers_look_and_bring_nothing_in(
    owner: Client, chiyo: Person, client_of: ClientOf
) -> None:
    url, viewer = brought(owner, FILE.encode()), client_of(chiyo)
    assert "Bring in an experiment" not in viewer.get("/results/elsewhere/").content.decode()
    viewer.post("/results/elsewhere/", {"name": "y", "file": SimpleUploadedFile("y.csv", b"a,b")})
    assert Outside.objects.count() == 1
    assert viewer.get(url).status_code == 200
    assert viewer.post(f"{url}/plan", {}).status_code == 403
    assert viewer.post(f"{url}/remove").status_code == 403
    assert owner.post(f"{url}/remove").status_code == 302
    assert not Outside.objects.exists()
    verbs = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"measure.experiment.brought", "measure.experiment.removed"} <= verbs
