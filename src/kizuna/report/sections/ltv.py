"""How value grows with age, cohort by cohort."""

from __future__ import annotations

from kizuna.charts import ltv_by_cohort
from kizuna.charts.ltv_by_cohort import mean_curve
from kizuna.report.blocks import Column, Grid, Note, Picture, Row, Section
from kizuna.report.material import Material
from kizuna.report.sections.acquisition import cost_line, listed, payback

AGES = (0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 60)


def section(m: Material) -> Section:
    """Draw the curves and give them as a table, cohort × age."""
    rows = m.rows("ltv_by_cohort")
    title = m.say("Value of a customer, by age")
    if not rows:
        return Section("ltv", title, blocks=(unknown(m),))
    return Section("ltv", title, _says(m), (_picture(m),))


def unknown(m: Material) -> Note:
    """Say that the log is too short to follow cohorts."""
    return Note(
        "unknown",
        m.say("Needs at least one whole calendar month after a cohort's first orders."),
        m.say("Not yet known"),
    )


def _says(m: Material) -> str:
    mean = dict(mean_curve(m.tables["ltv_by_cohort"]))
    last = max(mean)
    if last == 0 or not mean[last]:
        return m.say("Orders so far, net of returns, per customer of a cohort.")
    return m.say(
        "On average a customer has brought {value} after {months}; {share} of it came "
        "in the month of the first order.",
        value=m.say.money(mean[last]),
        months=m.say.counted("{n} month", "{n} months", last),
        share=m.say.percent(mean.get(0, 0.0) / mean[last]),
    )


def _picture(m: Material) -> Picture:
    return Picture(
        "ltv-by-cohort",
        m.say("Value so far per customer, by month of first order"),
        m.say.sentences(
            m.say(
                "Orders net of returns, before margin. One line a cohort; the darker, the older."
            ),
            _cost(m),
        ),
        ltv_by_cohort(m.tables["ltv_by_cohort"], cost=cost_line(m), words=m.say),
        _numbers(m),
    )


def _cost(m: Material) -> str:
    """Say what the line of the acquisition cost is, and when the mean curve passes it."""
    cost = cost_line(m)
    if cost is None:
        return ""
    whole = listed(m)[0]
    if m.margin == 1.0:
        said = m.say("The dashed line is the cost per new customer: {cac}.", cac=m.say.money(cost))
    else:
        said = m.say(
            "The dashed line is the cost per new customer, {cac}, divided by the margin: {cost}.",
            cac=m.say.money(whole["cac"]),
            cost=m.say.money(cost),
        )
    return m.say.sentences(said, m.say("Payback: {when}.", when=payback(m, whole)))


def _numbers(m: Material) -> Grid:
    rows = m.rows("ltv_by_cohort")
    values = {(r["cohort"], r["age_months"]): r["cumulative_value_per_customer"] for r in rows}
    sizes = {r["cohort"]: r["customers"] for r in rows}
    ages = [age for age in AGES if any((cohort, age) in values for cohort in sizes)]
    write = m.say.column(values.values())
    heads = [m.say("First order in"), m.say("Customers")]
    heads += [m.say("month {n}", n=m.say.number(age)) for age in ages]
    return Grid(
        m.say("Value so far per customer"),
        (Column(heads[0]), *(Column(head, number=True) for head in heads[1:])),
        tuple(
            Row(
                (
                    m.say.month(cohort),
                    m.say.number(sizes[cohort]),
                    *(write(values[cohort, a]) if (cohort, a) in values else "" for a in ages),
                )
            )
            for cohort in sorted(sizes)
        ),
    )
