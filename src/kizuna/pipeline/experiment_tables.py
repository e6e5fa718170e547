"""Tables of experiments: who was held out, what was done, and what it earned."""

from __future__ import annotations

from dataclasses import replace

from kizuna.pipeline.contracts import Column, Table


def _optional(*columns: Column) -> tuple[Column, ...]:
    return tuple(replace(column, nullable=True) for column in columns)


_EXPERIMENT = Column("experiment_id", "VARCHAR", "", "the experiment: an action with its holdout")
_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_UNIT = Column("unit_id", "VARCHAR", "", "what was assigned as one: the customer, or the account")
_ARM = Column("arm", "VARCHAR", "", "'control', or the arm of the treated")
_HORIZON = Column("horizon_days", "INTEGER", "days", "days from eligibility on that are counted")
_CONTAMINATED = Column("contaminated", "BOOLEAN", "", "two arms became one customer by a merge")

_EXPERIMENTS = Table(
    "experiments",
    ("experiment_id",),
    "Actions that hold customers out by chance; written by the application.",
    (
        _EXPERIMENT,
        Column("kind", "VARCHAR", "", "kind of action: mail, task, reward, …"),
        Column("started_on", "DATE", "day", "first day on which customers became eligible"),
        Column("ended_on", "DATE", "day", "last such day; empty while it goes on", True),
        Column("always_on", "BOOLEAN", "", "looked at any time; else once, after its end"),
        Column("planned_units", "BIGINT", "", "units that were planned before the start"),
        Column("worth", "DOUBLE", "minor", "smallest effect a unit that would matter", True),
    ),
)

_ASSIGNMENTS = Table(
    "assignments",
    ("experiment_id", "customer_id"),
    "Who was placed by chance in which arm, stored when eligible; written by the application.",
    (
        *(_EXPERIMENT, _CUSTOMER, _UNIT),
        Column("version", "INTEGER", "", "of the shares"),
        _ARM,
        Column("propensity", "DOUBLE", "share", "chance of this arm"),
        Column("holdout", "DOUBLE", "share", "chance of being held out"),
        Column("eligible_on", "DATE", "day", "day of eligibility, in the organisation's zone"),
        Column("stratum", "VARCHAR", "", "stratum with shares of its own", True),
        Column("reason", "VARCHAR", "", "what made the customer eligible", True),
        _CONTAMINATED,
        Column("predicted", "DOUBLE", "minor", "value foretold on that day", True),
    ),
)

_ACTIONS = Table(
    "actions",
    ("action_id",),
    "What was done to whom, and what it cost; written by the application.",
    (
        Column("action_id", "VARCHAR", "", "the action"),
        *(_EXPERIMENT, _CUSTOMER),
        Column("done_on", "DATE", "day", "day on which it was done, in the organisation's zone"),
        Column("cost", "BIGINT", "minor", "channel, minutes and rewards"),
    ),
)

_UNITS = Table(
    "experiment_units",
    ("experiment_id", "unit_id", "horizon_days"),
    "Units whose days are over, what they bought and what was spent on them.",
    (
        *(_EXPERIMENT, _UNIT, _HORIZON),
        _ARM,
        Column("stratum", "VARCHAR", "", "version and stratum: within it shares are the same"),
        _CONTAMINATED,
        Column("outcome", "DOUBLE", "minor", "margin of the days from eligibility on"),
        Column("predicted", "DOUBLE", "minor", "value foretold at eligibility; 0 where unknown"),
        Column("past", "DOUBLE", "minor", "margin of as many days before"),
        Column("cost", "DOUBLE", "minor", "spent on actions of the experiment in these days"),
    ),
)

_NAMES = ("outcome", "predicted", "past", "cost")
PRODUCTS = tuple((a, b) for k, a in enumerate(_NAMES) for b in _NAMES[k:])

_SUMS = Table(
    "effect_sums",
    ("experiment_id", "horizon_days", "stratum", "arm", "contaminated"),
    "All that an effect needs of an arm: units, sums and sums of products.",
    (
        *(_EXPERIMENT, _HORIZON),
        Column("stratum", "VARCHAR", "", "version and stratum: within it shares are the same"),
        *(_ARM, _CONTAMINATED),
        Column("units", "BIGINT", "rows", "units whose days are over"),
        *(Column(name, "DOUBLE", "minor", f"sum of {name}") for name in _NAMES),
        *(Column(f"{a}_{b}", "DOUBLE", "", f"sum of {a} × {b}") for a, b in PRODUCTS),
    ),
)

_COUNTS = Table(
    "experiment_counts",
    ("experiment_id",),
    "How many were placed, and how many chance was to hold out: do the arms have their sizes?",
    (
        _EXPERIMENT,
        Column("units", "BIGINT", "rows", "units placed"),
        Column("controls", "BIGINT", "rows", "of these, held out"),
        Column("expected_controls", "DOUBLE", "", "sum of the chances of being held out"),
        Column("contaminated", "BIGINT", "rows", "units whose arms became one by a merge"),
    ),
)

_EFFECTS = Table(
    "effects",
    ("experiment_id", "arm", "horizon_days"),
    "What each action earned a unit against those held out, with an interval and a verdict.",
    (
        *(_EXPERIMENT, _ARM, _HORIZON),
        Column("verdict", "VARCHAR", "", "earns, harms, useless, unknown, early or mismatch"),
        Column("more_units", "BIGINT", "", "about how many units are missing", True),
        Column("treated", "BIGINT", "rows", "units treated whose days are over"),
        Column("control", "BIGINT", "rows", "units held out whose days are over"),
        *_optional(
            Column("control_mean", "DOUBLE", "minor", "margin of a unit held out, adjusted"),
            Column("effect", "DOUBLE", "minor", "margin of a unit that the action made"),
            Column("error", "DOUBLE", "minor", "its standard error"),
            Column("effect_low", "DOUBLE", "minor", "lower end; empty where no look is due"),
            Column("effect_high", "DOUBLE", "minor", "upper end"),
            Column("level", "DOUBLE", "", "of the interval"),
            Column("relative", "DOUBLE", "", "effect ÷ control_mean; empty where not known"),
            Column("relative_low", "DOUBLE", "", "lower end"),
            Column("relative_high", "DOUBLE", "", "upper end"),
            Column("variance_removed", "DOUBLE", "share", "that value foretold and past explain"),
            Column("effect_uncontaminated", "DOUBLE", "minor", "effect without merged arms"),
            Column("unit_cost", "DOUBLE", "minor", "cost of a treated unit"),
            Column("net", "DOUBLE", "minor", "margin less cost of all treated"),
            Column("net_low", "DOUBLE", "minor", "lower end"),
            Column("net_high", "DOUBLE", "minor", "upper end"),
            Column("roi", "DOUBLE", "", "net ÷ cost; empty where not known"),
            Column("roi_low", "DOUBLE", "", "lower end"),
            Column("roi_high", "DOUBLE", "", "upper end"),
        ),
        Column("sample_ratio_p", "DOUBLE", "share", "chance of arms so far from their sizes"),
    ),
)

_SPREAD = Table(
    "margin_spread",
    ("horizon_days",),
    "Margin of customers within some days: mean, spread, and what the days before foretold of it.",
    (
        Column("horizon_days", "INTEGER", "days", "the last days, all of which are over"),
        Column("customers", "BIGINT", "rows", "customers who were customers before them"),
        Column("mean", "DOUBLE", "minor", "margin of a customer"),
        Column("deviation", "DOUBLE", "minor", "standard deviation of it"),
        Column("removed", "DOUBLE", "share", "of its variance that as many days before foretold"),
    ),
)

EXPERIMENT_INPUTS = (_EXPERIMENTS, _ASSIGNMENTS, _ACTIONS)
EXPERIMENT_TABLES = (*EXPERIMENT_INPUTS, _SPREAD, _UNITS, _SUMS, _COUNTS, _EFFECTS)
