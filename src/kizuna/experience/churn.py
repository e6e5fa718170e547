"""Will a customer leave within the horizon: a learner, beside the baseline that it has to beat.

The baseline needs no facts: for contracts the survival of sBG or BdW at the customer's tenure, for
shops the probability of no purchase, of the model that values the customers. The learner is a
hazard over facts which takes the baseline's log-odds as one of them.

Three forecasts are made on days that were kept back (the later ones): `learner`, `baseline`, and
`rate`, the same probability for everyone. The learner is used where its log score is the best;
where it is not, the baseline; where that ranks no better than chance, the rate, and the verdict
says that there is no signal. With too few cases there is no learner to ask, and the verdict says
how many it needs.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from kizuna.clv.own_rates import Own
from kizuna.experience.bound import TERMS, Bound, Choice
from kizuna.experience.calibration import (
    LEVEL,
    Calibration,
    FloatArray,
    calibration,
    excess_error,
    log_loss,
    log_odds,
)
from kizuna.experience.hazard import Groups, Hazard, interval

type Used = Literal["learner", "baseline", "rate"]
type Reason = Literal["better", "worse", "too_few", "no_signal", "untested"]

Z = float(ndtri(0.5 + LEVEL / 2))
BASELINE = "baseline"
"""Name of the baseline's log-odds among the facts of the learner."""
EVENTS_TO_LEARN = 30
"""Customers who left, and as many who stayed, that a learner wants to be fitted to."""
EVENTS_TO_TEST = 15
"""The same of the days kept back."""
SOME_ROWS = 5_000
"""Rows of which it is asked by how much facts tell customers apart."""
SLOPE_ERRORS = 2.0
"""Standard errors of the slope of log-odds that its spread is allowed to be off by."""
UNSEEN, UNSEEN_AT_LEAST = 0.75, 0.5
"""Standard deviation, in log-odds, of what customers under contract differ by and no fact shows:
where none shows anything, and the least where some do."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Customers on past days: what was known, what the baseline said, and who left.

    Parameters
    ----------
    names : of the facts.
    facts : shape (rows, facts), NaN where not known.
    baseline : probability that the baseline gave, shape (rows,).
    customer : whole numbers that tell customers apart, shape (rows,).
    left : whether the customer left within the horizon, shape (rows,).
    horizon : days; what the terms of contracts exclude is asked of it, and not where it is 0.
    chosen : of those whom terms hold beyond the horizon, whether they left when these ended (1 or
        0); NaN where that is not known yet. None: of nobody.

    """

    names: tuple[str, ...]
    facts: FloatArray
    baseline: FloatArray
    customer: Groups
    left: NDArray[np.bool_]
    horizon: float = 0.0
    chosen: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.left)

    @property
    def events(self) -> int:
        """Count the customers who left, each once."""
        return len(np.unique(self.customer[self.left]))

    @property
    def stayed(self) -> int:
        """Count the customers with a day after which they stayed, each once."""
        return len(np.unique(self.customer[~self.left]))

    def take(self, rows: NDArray[np.bool_]) -> Cases:
        """Keep some rows."""
        facts, baseline, customer = self.facts[rows], self.baseline[rows], self.customer[rows]
        chosen = None if self.chosen is None else self.chosen[rows]
        return Cases(self.names, facts, baseline, customer, self.left[rows], self.horizon, chosen)


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Probability of leaving, its 90 % interval, and what each fact adds to the log-odds."""

    probability: FloatArray
    low: FloatArray
    high: FloatArray
    effects: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ChurnModel:
    """What is used to predict, and how far off it was when it was tested.

    Attributes
    ----------
    used : learner, baseline or rate.
    rate : share that left, over all days known.
    usual : mean log-odds; what effects are told against.
    off : root mean square by which its log-odds were off in the back-test, beyond chance.
    learner : the hazard over facts; None where it is not used.
    unseen : standard deviation of what customers differ by and no fact shows, in log-odds.
    bound : what the terms of contracts exclude; None where they exclude nothing.
    scale : share by which its log-odds may lie too far from `usual`, or too near.
    choice : what those who are held do at the end of their terms; None where too few were seen to.
    near : numbers of the facts that tell how near that end is.

    """

    used: Used
    rate: float
    usual: float
    off: float
    learner: Hazard | None = None
    unseen: float = 0.0
    bound: Bound | None = None
    scale: float = 0.0
    choice: Choice | None = None
    near: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild one from `to_json`."""
        data = json.loads(text)
        learner, bound = data.pop("learner"), data.pop("bound", None)
        choice, near = data.pop("choice", None), data.pop("near", ())
        return cls(
            **data,
            learner=Hazard.from_json(learner) if learner else None,
            bound=Bound(**bound) if bound else None,
            choice=Choice(**choice | {"errors": tuple(choice["errors"])}) if choice else None,
            near=tuple(near),
        )

    def to_json(self) -> str:
        """Write all of it."""
        learner = self.learner.to_json() if self.learner else None
        plain: dict[str, Any] = {
            "used": self.used,
            "rate": self.rate,
            "usual": self.usual,
            "off": self.off,
        }
        plain |= {"unseen": self.unseen, "scale": self.scale}
        plain |= {"bound": asdict(self.bound) if self.bound else None, "near": self.near}
        choice = asdict(self.choice) if self.choice else None
        return json.dumps(plain | {"choice": choice, "learner": learner})

    def predict(
        self, facts: FloatArray, baseline: FloatArray, own: Own | None = None
    ) -> Prediction:
        """Probability of each row; the last column of `effects` is that of the baseline.

        `own` says how far a customer's own probability may lie from the mean of all with the same
        history; it takes the place of what is said of the unseen.
        """
        effects, error = self._effects(facts, baseline)
        odds = self.usual + effects.sum(axis=1)
        stretched = self.scale * (odds - self.usual)
        low, high = self._bounds(odds, np.sqrt(error**2 + self.off**2 + stretched**2), own)
        if self.bound is not None:
            held = self.bound.holds(facts)
            low[held], high[held] = self.bound.low, self.bound.high
        return Prediction(expit(odds), low, high, effects)

    def _bounds(
        self, odds: FloatArray, error: FloatArray, own: Own | None
    ) -> tuple[FloatArray, FloatArray]:
        if own is None:
            return interval(odds, np.hypot(error, self.unseen))
        below, above = (np.hypot(Z * error, away) for away in (own.below, own.above))
        return expit(odds - below), expit(odds + above)

    def effects(self, facts: FloatArray, baseline: FloatArray) -> FloatArray:
        """What each fact adds to the log-odds, (rows, facts + 1); the baseline's is the last."""
        return self._effects(facts, baseline, errors=False)[0]

    def chooses_later(self, facts: FloatArray) -> NDArray[np.bool_]:
        """Tell of whom it is known how they choose once their terms end, beyond the horizon."""
        if self.choice is None or self.bound is None:
            return np.zeros(len(facts), bool)
        return self.bound.holds(facts)

    def effects_at_choice(self, facts: FloatArray, baseline: FloatArray) -> FloatArray:
        """Like `effects`, but of those who are held, on leaving when their terms end.

        What is left out, and by how much all of them leave more or less often, is of the terms.
        """
        effects, later = self.effects(facts, baseline), self.chooses_later(facts)
        if self.choice is not None and self.bound is not None and later.any():
            own = self._freely(facts[later], baseline[later], errors=False)[0]
            own[:, list(self.near)] = 0.0
            own *= self.choice.slope
            own[:, self.bound.place] = self.choice.shift - self.usual
            effects[later] = own
        return effects

    def leaving_at_choice(self, facts: FloatArray, baseline: FloatArray) -> Prediction:
        """Probability of leaving when the terms end, of those of whom that is asked."""
        assert self.choice is not None
        effects = self.effects_at_choice(facts, baseline)
        odds = self.usual + effects.sum(axis=1)
        signs = (odds - self.choice.shift) / self.choice.slope
        low, high = interval(odds, np.hypot(self.choice.error(signs), self.unseen))
        return Prediction(expit(odds), low, high, effects)

    def _effects(
        self, facts: FloatArray, baseline: FloatArray, *, errors: bool = True
    ) -> tuple[FloatArray, FloatArray]:
        effects, error = self._freely(facts, baseline, errors=errors)
        if self.bound is not None:
            held = self.bound.holds(facts)
            odds = self.usual + effects[held].sum(axis=1)
            effects[held, self.bound.place] += log_odds(self.bound.share) - odds
        return effects, error

    def _freely(
        self, facts: FloatArray, baseline: FloatArray, *, errors: bool
    ) -> tuple[FloatArray, FloatArray]:
        """What facts add for one whom no contract binds."""
        if self.learner is not None:
            full = np.column_stack([facts, log_odds(baseline)])
            if errors:
                return self.learner.effects_and_error(full)
            return self.learner.effects(full), np.zeros(len(full))
        effects = np.zeros((len(facts), facts.shape[1] + 1))
        if self.used == "baseline":
            effects[:, -1] = log_odds(baseline) - self.usual
        return effects, np.zeros(len(facts))


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What the back-test says.

    Attributes
    ----------
    used, reason : what is used, and why.
    events, needed : customers who left on the days to learn from, and how many a learner needs.
    scores : of each forecast by name, on the days kept back; empty where nothing could be tested.
    off : error of the forecast in use beyond chance; see `ChurnModel.off`.

    """

    used: Used
    reason: Reason
    events: int
    needed: int
    scores: dict[str, Calibration]
    off: float = 0.0


def learner_of(earlier: Cases) -> ChurnModel | None:
    """Fit the learner that is tried on later days; None where too few left, or stayed."""
    if len(earlier) and min(earlier.events, earlier.stayed) >= EVENTS_TO_LEARN:
        return _learnt(earlier, off=0.0)
    return None


def forecasts(
    earlier: Cases, later: Cases, learnt: ChurnModel | None = None
) -> dict[str, FloatArray]:
    """Predict the later days by each rival, having seen the earlier ones alone.

    Without a day to learn from, or with too few cases to test on, there is none. `learnt` is the
    learner of the earlier ones, where that is at hand.
    """
    if not len(earlier) or min(later.events, later.stayed) < EVENTS_TO_TEST:
        return {}
    rivals = {"rate": np.full(len(later), _rate(earlier)), "baseline": later.baseline}
    if learnt := learnt or learner_of(earlier):
        rivals["learner"] = learnt.predict(later.facts, later.baseline).probability
    return rivals


def judge(
    rivals: dict[str, FloatArray],
    left: NDArray[np.bool_],
    events: int,
    groups: Groups | None = None,
) -> Verdict:
    """Choose among forecasts by what came of them; `events` customers left before.

    `groups` tells which forecasts are of one customer.
    """
    if not rivals:
        return Verdict("baseline", "untested", events, EVENTS_TO_LEARN, {})
    scores = {name: calibration(p, left) for name, p in rivals.items()}
    used, reason = _choice(rivals, scores, left)
    off = excess_error(rivals[used], left, groups=groups)
    return Verdict(used, reason, events, EVENTS_TO_LEARN, scores, off)


def _choice(
    rivals: dict[str, FloatArray], scores: dict[str, Calibration], left: NDArray[np.bool_]
) -> tuple[Used, Reason]:
    loss = {name: float(log_loss(p, left).mean()) for name, p in rivals.items()}
    if "learner" in loss and loss["learner"] < min(loss["baseline"], loss["rate"]):
        return ("learner", "better") if scores["learner"].has_signal else ("rate", "no_signal")
    if not scores["baseline"].has_signal:
        return "rate", "no_signal" if "learner" in loss else "too_few"
    return "baseline", "worse" if "learner" in loss else "too_few"


def settle(verdict: Verdict, cases: Cases) -> ChurnModel:
    """Fit what the verdict chose to all days whose outcome is known."""
    rate = _rate(cases) if len(cases) else 0.5
    if verdict.used == "learner":
        return _learnt(cases, verdict.off)
    if verdict.used == "rate":
        return ChurnModel("rate", rate, float(log_odds(rate)), verdict.off, unseen=UNSEEN)
    usual = float(log_odds(cases.baseline).mean()) if len(cases) else 0.0
    return ChurnModel("baseline", rate, usual, verdict.off, unseen=UNSEEN)


def _learnt(cases: Cases, off: float) -> ChurnModel:
    """Fit a hazard to the facts and the baseline's log-odds of those who could leave.

    How much customers differ by what no fact shows cannot be seen where each leaves but once. It
    is taken to be as much as the facts do show, and `UNSEEN_AT_LEAST`.
    """
    bound = Bound.of(cases.names, cases.facts, cases.left, cases.customer, cases.horizon)
    free = cases if bound is None else cases.take(~bound.holds(cases.facts))
    names, seen = (*cases.names, BASELINE), _with_baseline(free)
    learner = Hazard.fit(names, seen, free.left, free.customer)
    some = seen[:: max(1, len(seen) // SOME_ROWS)]
    apart = float(learner.log_odds(some).std())
    shown = float(np.hypot(apart, np.sqrt((learner.error(some) ** 2).mean())))
    slope_error = 1.0 / max(apart * np.sqrt(free.events), 1.0)
    found = ChurnModel(
        "learner",
        _rate(cases),
        learner.intercept,
        off,
        learner,
        unseen=max(shown, UNSEEN_AT_LEAST),
        bound=bound,
        scale=min(SLOPE_ERRORS * slope_error, 0.5),
    )
    return found if bound is None else _choosing(found, bound, cases)


def _choosing(model: ChurnModel, bound: Bound, cases: Cases) -> ChurnModel:
    """Add what those who were held did once their terms ended, beside what their signs told."""
    near = tuple(k for k, name in enumerate(cases.names) if name in TERMS)
    if cases.chosen is None:
        return model
    seen = cases.take(bound.holds(cases.facts) & np.isfinite(cases.chosen))
    assert seen.chosen is not None
    plain = replace(model, choice=Choice(0.0, 1.0, (0.0, 0.0, 0.0), 0, 0), near=near)
    signs = plain.effects_at_choice(seen.facts, seen.baseline).sum(axis=1) + model.usual
    choice = Choice.of(signs, seen.chosen, seen.customer)
    return replace(model, choice=choice, near=near)


def _with_baseline(cases: Cases) -> FloatArray:
    return np.column_stack([cases.facts, log_odds(cases.baseline)])


def _rate(cases: Cases) -> float:
    """Share that left, kept from 0 and 1 by half a case."""
    return float((cases.left.sum() + 0.5) / (len(cases) + 1.0))


def lead_times(
    day: NDArray[np.float64],
    ended: NDArray[np.float64],
    customer: Groups,
    flagged: NDArray[np.bool_],
) -> FloatArray:
    """Days between the first flag of each customer who then left and the leaving."""
    told = flagged & np.isfinite(ended)
    if not told.any():
        return np.empty(0)
    first: dict[tuple[int, float], float] = {}
    for who, end, when in zip(customer[told], ended[told], day[told], strict=True):
        key = (int(who), float(end))
        first[key] = min(first.get(key, np.inf), float(when))
    return np.array([end - when for (_who, end), when in first.items()])
