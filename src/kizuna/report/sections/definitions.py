"""Every number of the page: what it is, its formula, its rows, how sure it is."""

from __future__ import annotations

from kizuna.report.blocks import Section, Terms
from kizuna.report.material import Material
from kizuna.report.names import words

ASPECTS = (words("What it is"), words("Formula"), words("Rows"), words("How sure"))

TERMS: tuple[tuple[str, ...], ...] = (
    (
        words("Customer equity"),
        words(
            "Future margin of all customers in hand, over the horizon; the past and customers "
            "still to be won are not included."
        ),
        words("Sum of each customer's value to come."),
        words("All customers with an order up to the day of the report."),
        words("90% interval: parameters, chance, and the error seen in the back-test."),
    ),
    (
        words("Value to come (residual CLV)"),
        words("Margin that one customer is expected to bring over the horizon."),
        words("Expected purchases × expected order × margin, discounted to the day of the report."),
        words("The customer's own orders, and the pattern of all customers."),
        words(
            "90% interval of what may happen to one customer: wide, because single customers "
            "are hard to predict."
        ),
    ),
    (
        words("P(active)"),
        words(
            "Probability that the customer is still a customer on the day of the report, by the "
            "model."
        ),
        words("From the number of repeat orders, the last order and the time observed."),
        words("Days with an order; several orders of one day count once."),
        words(
            "An estimate that cannot be checked customer by customer; the back-test checks its "
            "consequences."
        ),
    ),
    (
        words("Purchases expected"),
        words("Days with an order, expected over the horizon."),
        words("Mean of the model's prediction, given the customer's history."),
        words("Days with an order; several orders of one day count once."),
        words("See the back-test: predicted against actual."),
    ),
    (
        words("Value so far"),
        words("Orders net of returns, before margin."),
        words("Sum of amounts; a return counts as a negative amount."),
        words("All orders that were not left out."),
        words("Counted, not estimated."),
    ),
    (
        words("Mean order"),
        words("Amount per day with an order."),
        words("Mean over a customer's repeat orders; the first order is left out."),
        words("Repeat orders only, as the model of spend assumes."),
        words("Counted; with few orders it says little about the next one."),
    ),
    (
        words("Frequency, recency, age"),
        words(
            "Repeat orders; time from first to last order; time from first order to the day of "
            "the report."
        ),
        words("Counted in days or weeks, as chosen for the run."),
        words("Days with an order."),
        words("Counted, not estimated."),
    ),
    (
        words("Retention"),
        words("Share of a cohort that bought in a given month after the month of the first order."),
        words("Customers with an order in the month ÷ customers of the cohort."),
        words("Whole calendar months only."),
        words("Counted; small cohorts swing by chance."),
    ),
    (
        words("Segment (RFM)"),
        words(
            "Fifths by how recently, how often and for how much a customer bought, put into words."
        ),
        words(
            "Scores 1 to 5, equal values get equal scores; the map from scores to names can be "
            "edited."
        ),
        words("All customers."),
        words("A description, not a prediction."),
    ),
    (
        words("RMSE, MAE, bias"),
        words(
            "How far predictions were off: typical error with large misses counting more, mean "
            "miss, and miss of the total."
        ),
        words("√mean(error²); mean(|error|); predicted ÷ actual − 1."),
        words("Customers known before the unseen part began, their purchases within it."),
        words("One test on one stretch of time."),
    ),
    (
        words("Ranking (normalised Gini)"),
        words("How well the order of customers was foreseen: 1 perfect, 0 no better than chance."),
        words("Area under the curve of actual by predicted order ÷ the best possible area."),
        words("Customers known before the unseen part began, their purchases within it."),
        words("One test on one stretch of time."),
    ),
    (
        words("90% interval"),
        words("If the model is right, nine of ten such intervals hold what happens."),
        words("5th to 95th percentile of what may happen."),
        words(
            "For one customer: chance. For all together: parameters and model error too, since "
            "chance alone is much too sure of itself."
        ),
        words("Whether it held last time is in the back-test."),
    ),
)


CHANGE = (
    words("Change of customer equity"),
    words(
        "Customer equity of now less that of a month ago, by the model of now; so a better model "
        "moves nothing, only customers do."
    ),
    words("Sum over customers of (value to come now − value to come a month ago)."),
    words(
        "New: first order within the month. Bought again, only returned goods, did not buy: what "
        "the other customers did in it."
    ),
    words("The parts add up exactly; each end is as sure as customer equity is."),
)
ACQUISITION: dict[str, tuple[str, ...]] = {
    "cac": (
        words("Cost per new customer (CAC)"),
        words("What winning a customer cost on average."),
        words("Acquisition costs ÷ customers who first bought on the days that they are for."),
        words("Costs of the kind “acquisition”; days before the first order of the log left out."),
        words("Counted, not estimated. Customers who would have come anyway are in it."),
    ),
    "ltv": (
        words("Value of such a customer"),
        words("Margin that a customer won on those days has brought and is expected to bring."),
        words("Mean of (value so far × margin + value to come)."),
        words("Customers who first bought on days whose cost is known."),
        words(
            "90% interval of the mean: differences between customers, and the error of the model "
            "in what is still to come."
        ),
    ),
    "ratio": (
        words("LTV:CAC"),
        words("How many times over a customer brings back what winning him cost."),
        words("Value of such a customer ÷ cost per new customer."),
        words("The same customers above and below."),
        words("As sure as the value is; 3 is a usual aim, not a law."),
    ),
    "payback": (
        words("Payback"),
        words("Months from the month of the first order until margin has covered the cost."),
        words("First month in which mean value so far × margin ≥ cost per new customer."),
        words("All customers of the channel, whole months, as far as half of them were observed."),
        words("Counted, not estimated."),
    ),
}
REPURCHASE = (
    words("Repurchase"),
    words("Share of purchases that were followed by another within so many days."),
    words("Purchases followed by another within the days ÷ purchases that lie as far back."),
    words("Days with an order; several orders of one day count once."),
    words("Counted, not estimated."),
)
ACCURACY = (
    words("Forecasts beside what then came"),
    words("Forecasts whose time is over, held against what the same customers then bought."),
    words("Inside: low ≤ actual ≤ high. Error: predicted ÷ actual − 1."),
    words(
        "Published: as said at the time, the first of each day. Made again: models fitted on what "
        "was known then; of many customers a sample."
    ),
    words("Few forecasts tell little: of five, four or five inside are both as expected."),
)


def section(m: Material) -> Section:
    """List the definitions."""
    aspects = [m.say(aspect) for aspect in ASPECTS]
    terms = tuple(
        (m.say(name), tuple(zip(aspects, map(m.say, texts), strict=True)))
        for name, *texts in (*TERMS, CHANGE, REPURCHASE)
    )
    lead = m.say(
        "Each number on this page: what it is, how it is made, from which rows, how sure it is."
    )
    return Section("definitions", m.say("Definitions"), lead, (Terms(terms),))
