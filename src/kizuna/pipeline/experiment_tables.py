"""Tables of experiments: who was held out, what was done, and what it earned.

The application writes the first three, `EXPERIMENT_INPUTS`, before each refresh. The global control
needs no table of its own: each of its turns is an experiment of the kind `GLOBAL_KIND`, in which a
customer is placed on the day on which any optional action would first have reached her in that turn
(arm 'control': left alone). Such a customer has no row in the experiments of single actions, for
chance did not place her there.
"""

from __future__ import annotations

from kizuna.pipeline.contracts import Column, Table, optional

_EXPERIMENT = Column("experiment_id", "VARCHAR", "", "the experiment: an action with its holdout")
_CUSTOMER = Column("customer_id", "VARCHAR", "", "the customer, as named by the source")
_UNIT = Column("unit_id", "VARCHAR", "", "what was assigned as one: the customer, or the account")
_ARM = Column("arm", "VARCHAR", "", "'control', or the arm of the treated")
_HORIZON = Column("horizon_days", "INTEGER", "days", "days from eligibility on; 0: to date")
_CONTAMINATED = Column("contaminated", "BOOLEAN", "", "two arms became one customer by a merge")

GLOBAL_KIND = "global"
"""Kind of the experiments that are turns of the global control."""

_EXPERIMENTS = Table(
    "experiments",
    ("experiment_id",),
    "Actions that hold customers out by chance; written by the application.",
    (
        _EXPERIMENT,
        Column("name", "VARCHAR", "", "what people call it", True),
        Column("kind", "VARCHAR", "", "kind of action: mail, task, reward, …; global: all of them"),
        Column("horizon_days", "INTEGER", "days", "days after which it is judged"),
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
        Column("cost", "BIGINT", "minor", "of doing it: channel and minutes"),
        Column("discount", "BIGINT", "minor", "given away, beyond what orders show; no cost", True),
    ),
)

_STRATUM = Column("stratum", "VARCHAR", "", "version and stratum: within it shares are the same")
_LEFT_OUT = Column("contaminated", "BOOLEAN", "", "merged from two arms: compared with and without")
_UNITS = Table(
    "experiment_units",
    ("experiment_id", "unit_id", "horizon_days"),
    "Units whose days are over, what they bought and what was spent on them.",
    (
        *(_EXPERIMENT, _UNIT, _HORIZON, _ARM, _STRATUM, _LEFT_OUT),
        Column("outcome", "DOUBLE", "minor", "margin of the days from eligibility on"),
        Column("predicted", "DOUBLE", "minor", "value foretold at eligibility; 0 where unknown"),
        Column("past", "DOUBLE", "minor", "margin of as many days before; to date: of 365 days"),
        Column("cost", "DOUBLE", "minor", "spent on actions of the experiment in these days"),
        Column("deeds", "BIGINT", "rows", "how often an action of the experiment was done"),
    ),
)

_NAMES = ("outcome", "predicted", "past", "cost")
PRODUCTS = tuple((a, b) for k, a in enumerate(_NAMES) for b in _NAMES[k:])

_SUMS = Table(
    "effect_sums",
    ("experiment_id", "horizon_days", "stratum", "arm", "contaminated"),
    "All that an effect needs of an arm: units, sums and sums of products.",
    (
        *(_EXPERIMENT, _HORIZON, _STRATUM, _ARM, _LEFT_OUT),
        Column("units", "BIGINT", "rows", "units whose days are over"),
        Column("reached", "BIGINT", "rows", "of these, those to whom an action was done"),
        *(Column(name, "DOUBLE", "minor", f"sum of {name}") for name in _NAMES),
        *(Column(f"{a}_{b}", "DOUBLE", "", f"sum of {a} × {b}") for a, b in PRODUCTS),
    ),
)

_PARTS = Table(
    "effect_parts",
    ("experiment_id", "horizon_days", "arm"),
    "What the margin of an arm is made of: sales and contracts, less what went back and was given.",
    (
        *(_EXPERIMENT, _HORIZON, _ARM),
        Column("units", "BIGINT", "rows", "units whose days are over"),
        Column("reached", "BIGINT", "rows", "of these, those to whom an action was done"),
        Column("outcome", "DOUBLE", "minor", "sum of outcome"),
        Column("cost", "DOUBLE", "minor", "sum of cost"),
        Column("sales", "DOUBLE", "minor", "margin on orders"),
        Column("returned", "DOUBLE", "minor", "margin that returns took back; not above 0"),
        Column("discount", "DOUBLE", "minor", "given away by actions, beyond what orders show"),
        Column("service", "DOUBLE", "minor", "cost of serving customers, where rates are set"),
        Column("contracts", "DOUBLE", "minor", "margin on contracts, by the day"),
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
        Column("recent_units", "BIGINT", "rows", "placed in the last 28 days: the present pace"),
        Column("first_on", "DATE", "day", "day on which the first was placed"),
        Column("last_on", "DATE", "day", "day on which the last was placed"),
    ),
)

_SERVICE_DAYS = Table(
    "service_days",
    ("customer_id", "day"),
    "What serving a customer of an experiment cost on a day; empty where no rates are set.",
    (
        _CUSTOMER,
        Column("day", "DATE", "day", "day of the contacts, in the organisation's zone"),
        Column("cost", "DOUBLE", "minor", "by the rates of their channels"),
    ),
)

_DAY_SUMS = Table(
    "effect_day_sums",
    ("experiment_id", "stratum", "arm", "reach_days", "day_no"),
    "What a curve by day is drawn from: sums of units that have come as far, bucket by bucket.",
    (
        *(_EXPERIMENT, _STRATUM, _ARM),
        Column("reach_days", "INTEGER", "days", "how far these units have come; 365 at most"),
        Column("day_no", "INTEGER", "days", "days from eligibility on; 0: what was known before"),
        Column("units", "BIGINT", "rows", "units, at 0 alone"),
        Column("outcome", "DOUBLE", "minor", "margin that this bucket adds"),
        Column("outcome_outcome", "DOUBLE", "", "what it adds to the sum of squares"),
        Column("outcome_predicted", "DOUBLE", "", "what it adds to the sum of products"),
        Column("predicted", "DOUBLE", "minor", "sum of values foretold, at 0 alone"),
        Column("predicted_predicted", "DOUBLE", "", "sum of their squares, at 0 alone"),
    ),
)

_AGAINST = Column("against", "VARCHAR", "", "what it is held against: 'control', or another arm")
_ARM_OR_ALL = Column("arm", "VARCHAR", "", "an arm of the treated; '*': all of them")

_EFFECTS = Table(
    "effects",
    ("experiment_id", "arm", "against", "horizon_days"),
    "What each action earned a unit against those held out, with an interval and a verdict.",
    (
        *(_EXPERIMENT, _ARM_OR_ALL, _AGAINST, _HORIZON),
        Column("verdict", "VARCHAR", "", "earns, harms, useless, unknown, early or mismatch"),
        *optional(
            Column("more_units", "BIGINT", "", "about how many units are missing"),
            Column("more_weeks", "DOUBLE", "", "weeks until then at the present pace"),
        ),
        Column("treated", "BIGINT", "rows", "units treated whose days are over"),
        Column("control", "BIGINT", "rows", "units held out whose days are over"),
        Column("reached", "BIGINT", "rows", "of those treated, to whom an action was done"),
        *optional(
            Column("control_mean", "DOUBLE", "minor", "margin of a unit held out, adjusted"),
            Column("effect", "DOUBLE", "minor", "margin of a unit that the action made"),
            Column("error", "DOUBLE", "minor", "its standard error"),
            Column("effect_low", "DOUBLE", "minor", "lower end; empty where no look is due"),
            Column("effect_high", "DOUBLE", "minor", "upper end"),
            Column("level", "DOUBLE", "", "of the interval"),
            Column("p", "DOUBLE", "share", "chance of a net effect so far from 0 by chance alone"),
            Column("relative", "DOUBLE", "", "effect ÷ control_mean; empty where not known"),
            Column("relative_low", "DOUBLE", "", "lower end"),
            Column("relative_high", "DOUBLE", "", "upper end"),
            Column("variance_removed", "DOUBLE", "share", "that value foretold and past explain"),
            Column("plain_effect", "DOUBLE", "minor", "difference of means, nothing adjusted"),
            Column("plain_error", "DOUBLE", "minor", "its standard error"),
            Column("effect_uncontaminated", "DOUBLE", "minor", "effect without merged arms"),
            Column("unit_cost", "DOUBLE", "minor", "cost of a treated unit"),
            Column("total", "DOUBLE", "minor", "margin of all treated that the action made"),
            Column("total_low", "DOUBLE", "minor", "lower end"),
            Column("total_high", "DOUBLE", "minor", "upper end"),
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

_DAYS = Table(
    "effect_days",
    ("experiment_id", "arm", "day_no"),
    "The effect as it grows with the days since eligibility: in progress, without a verdict.",
    (
        *(_EXPERIMENT, _ARM_OR_ALL),
        Column("day_no", "INTEGER", "days", "days from eligibility on"),
        Column("treated", "BIGINT", "rows", "units treated that have come so far"),
        Column("control", "BIGINT", "rows", "units held out that have come so far"),
        Column("effect", "DOUBLE", "minor", "margin of a unit that the action made until then"),
        *optional(
            Column("effect_low", "DOUBLE", "minor", "lower end, at all looks; empty below 200"),
            Column("effect_high", "DOUBLE", "minor", "upper end"),
        ),
    ),
)

_CLAIMS = Table(
    "effect_claims",
    ("experiment_id", "arm"),
    "Of all actions that may be looked at: which claims stand, and what remains of their luck.",
    (
        *(_EXPERIMENT, _ARM_OR_ALL, _HORIZON),
        Column("kind", "VARCHAR", "", "kind of action, toward whose mean it is drawn"),
        Column("p", "DOUBLE", "share", "chance of a net effect so far from 0 by chance alone"),
        Column("adjusted_p", "DOUBLE", "share", "smallest rate of false claims at which it stands"),
        Column("stands", "BOOLEAN", "", "of those that stand at most one in ten is false"),
        Column("net_unit", "DOUBLE", "minor", "net effect of a unit, as measured"),
        Column("shrunk", "DOUBLE", "minor", "drawn toward the mean of its kind"),
        Column("shrunk_low", "DOUBLE", "minor", "lower end, 90 %"),
        Column("shrunk_high", "DOUBLE", "minor", "upper end"),
        Column("treated", "BIGINT", "rows", "units treated"),
    ),
)

_PORTFOLIO = Table(
    "effect_portfolio",
    ("horizon_days",),
    "The sum of what actions claim, against what all of them together earned.",
    (
        _HORIZON,
        Column("actions", "BIGINT", "rows", "actions whose claims are summed"),
        Column("claimed", "DOUBLE", "minor", "sum of the margin that actions claim"),
        Column("claimed_low", "DOUBLE", "minor", "lower end, 90 %"),
        Column("claimed_high", "DOUBLE", "minor", "upper end"),
        *optional(
            Column("whole", "DOUBLE", "minor", "margin of all reached, against the global control"),
            Column("whole_low", "DOUBLE", "minor", "lower end; empty without a global control"),
            Column("whole_high", "DOUBLE", "minor", "upper end"),
            Column("excess", "DOUBLE", "minor", "claimed less whole"),
            Column("excess_low", "DOUBLE", "minor", "lower end; above 0: claims are too high"),
            Column("excess_high", "DOUBLE", "minor", "upper end"),
            Column("overclaimed", "BOOLEAN", "", "the claims surely sum to more than the whole"),
            Column("treated", "BIGINT", "rows", "units reached by the programme"),
            Column("control", "BIGINT", "rows", "units of the global control"),
        ),
    ),
)

_PROJECTIONS = Table(
    "effect_projections",
    ("experiment_id", "arm"),
    "What an effect so far may come to in 365 days: a projection, never a result.",
    (
        *(_EXPERIMENT, _ARM_OR_ALL, _HORIZON),
        Column("holdouts", "BIGINT", "rows", "completed holdouts of this kind and length"),
        *optional(
            Column("factor", "DOUBLE", "", "what their effect grew to; empty below three"),
            Column("factor_error", "DOUBLE", "", "its standard error"),
            Column("projected", "DOUBLE", "minor", "effect of a unit after 365 days"),
            Column("projected_low", "DOUBLE", "minor", "lower end, 90 %"),
            Column("projected_high", "DOUBLE", "minor", "upper end"),
        ),
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
EXPERIMENT_TABLES = (
    *EXPERIMENT_INPUTS,
    _SPREAD,
    *(_SERVICE_DAYS, _UNITS, _SUMS, _PARTS, _COUNTS, _EFFECTS),
    *(_DAY_SUMS, _DAYS, _CLAIMS, _PORTFOLIO, _PROJECTIONS),
)
