"""Who comes back: the share of a cohort that bought in each month of its life."""

from __future__ import annotations

from collections import defaultdict

from kizuna.charts import retention
from kizuna.report.blocks import Column, Grid, Picture, Row, Section
from kizuna.report.material import Material
from kizuna.report.sections.ltv import AGES, unknown


def section(m: Material) -> Section:
    """Draw the heat map and give it as a table."""
    title = m.say("Retention")
    mean = mean_rates(m)
    if not mean:
        return Section("retention", title, blocks=(unknown(m),))
    picture = Picture(
        "retention-map",
        m.say("Share of customers who bought again, by month since the first order"),
        m.say("Each row is the cohort of one month. Only whole months are shown."),
        retention(m.tables["retention"], words=m.say),
        _numbers(m),
    )
    return Section("retention", title, _says(m, mean), (picture,))


def mean_rates(m: Material) -> dict[int, float]:
    """Share active by age, over all cohorts that reached it; the first month left out."""
    active: dict[int, int] = defaultdict(int)
    people: dict[int, int] = defaultdict(int)
    for row in m.rows("retention"):
        if row["age_months"] > 0:
            active[row["age_months"]] += row["active"]
            people[row["age_months"]] += row["customers"]
    return {age: active[age] / people[age] for age in sorted(active) if people[age]}


def _says(m: Material, mean: dict[int, float]) -> str:
    ages = [age for age in (1, 3, 6, 12, 24) if age in mean]
    parts = [
        m.say("{share} in month {n}", share=m.say.percent(mean[age], 1), n=m.say.number(age))
        for age in ages
    ]
    return m.say("Of all customers, so many bought: {list}.", list=m.say.join(parts))


def _numbers(m: Material) -> Grid:
    rows = m.rows("retention")
    rates = {(r["cohort"], r["age_months"]): r["rate"] for r in rows}
    sizes = {r["cohort"]: r["customers"] for r in rows}
    ages = [age for age in AGES[1:] if any((cohort, age) in rates for cohort in sizes)]
    heads = [m.say("Customers"), *(m.say("month {n}", n=m.say.number(age)) for age in ages)]
    return Grid(
        m.say("Share of customers who bought again"),
        (Column(m.say("First order in")), *(Column(head, number=True) for head in heads)),
        tuple(
            Row(
                (
                    m.say.month(cohort),
                    m.say.number(sizes[cohort]),
                    *(_rate(m, rates.get((cohort, age))) for age in ages),
                )
            )
            for cohort in sorted(sizes)
        ),
    )


def _rate(m: Material, rate: float | None) -> str:
    return "" if rate is None else m.say.percent(rate, 1)
