"""What today's customers and a new one bring if customers leave faster or more slowly than now.

Everything else that a scenario moves (orders a year, basket, margin, acquisition cost) scales these
figures by plain multiplication; see `kizuna.clv.what_if`.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from kizuna.clv.data import FloatArray, Purchases, Spend
from kizuna.clv.loss import alive_purchases, discounting, new_purchases
from kizuna.clv.paced import Paced
from kizuna.clv.value import alive_pairs, over_ages, p_alive_in_blocks, residual_clv
from kizuna.pipeline.know.clv_model import MODEL_TYPES, fit_of, pace_of
from kizuna.pipeline.know.clv_scores import data_of, model_of, terms_of
from kizuna.pipeline.parameters import Run
from kizuna.pipeline.tables import arrow_schema

LOSSES = (0.5, 0.65, 0.8, 1.0, 1.15, 1.3, 1.5)
DRAWS = 64
DRAWN_ROWS = 400
"""Customers on whom draws are held against the estimate; the estimate itself takes all."""
RIVAL_ROWS = 20_000
DAYS_PER_MONTH = 365.25 / 12
MEASURES = ("equity", "purchases", "kept", "new_purchases")

type Data = tuple[Purchases, Spend]


def what_if(
    clv_inputs: pa.Table,
    spend: pa.Table,
    clv_model: pa.Table,
    clv_rivals: pa.Table,
    *,
    run: Run,
) -> pa.Table:
    """Draw 0 is the estimate, 1 to 64 parameters as likely as the data make them; then rivals.

    No row where there is no model.
    """
    models = {row["role"]: row for row in clv_model.to_pylist()}
    schema = arrow_schema("what_if")
    if models.keys() < {"purchases", "spend"} or not spend.num_rows:
        return schema.empty_table()
    spend_fit, data = fit_of(models["spend"]), data_of(clv_inputs, run)
    futures = _futures(models["purchases"], spend_fit.model, data, run)
    rivals = [_rival(row, spend_fit.model, data, run) for row in clv_rivals.to_pylist()]
    values = _order_values(spend_fit, run), _first_orders(spend, run)
    return _table(np.vstack([futures, *rivals]), *values, schema)


def _table(
    futures: FloatArray, order_values: FloatArray, first_orders: FloatArray, schema: pa.Schema
) -> pa.Table:
    """Write rows; rivals take the estimate's order values."""
    losses, rivals = len(LOSSES), len(futures) - len(order_values)
    values = [np.append(v, np.full(rivals, v[0])) for v in (order_values, first_orders)]
    columns = {name: futures[:, :, k].ravel() for k, name in enumerate(MEASURES)}
    columns |= {
        "draw": np.repeat(np.arange(len(futures)), losses),
        "loss": np.tile(LOSSES, len(futures)),
        "order_value": np.repeat(values[0], losses),
        "first_order": np.repeat(values[1], losses),
    }
    return pa.table(columns).select(schema.names).cast(schema)


def draws_of(row: dict[str, Any], run: Run) -> Any:
    """Draw parameters of the purchase model; the same ones in every table of a run."""
    model, pace = fit_of(row).draws(DRAWS, np.random.default_rng(run.seed)), pace_of(row)
    return model if pace.steady else Paced(model, pace)


def _futures(row: dict[str, Any], spend_model: Any, data: Data, run: Run) -> FloatArray:
    """Futures of the estimate and of each draw, shape (1 + draws, losses, measures)."""
    few = _by_value(model_of(row), spend_model, data, run)
    best = _future(model_of(row), spend_model, data, run)
    drawn = _future(draws_of(row, run), spend_model, few, run)
    moved = drawn / _future(model_of(row), spend_model, few, run)
    futures = np.vstack([best, moved * best])
    futures[:, :, :2] /= best[:, [LOSSES.index(1.0)], :2].copy()
    return futures


def _by_value(model: Any, spend_model: Any, data: Data, run: Run) -> Data:
    """Take customers as often as they are valuable, and weigh them by the inverse: little noise."""
    purchases, orders = data
    value = np.maximum(residual_clv(model, spend_model, *data, **terms_of(run)).clv, 1e-12)
    order = np.lexsort((purchases.t_x, purchases.T, purchases.x))
    reached = np.cumsum(value[order])
    places = (np.arange(DRAWN_ROWS) + 0.5) / DRAWN_ROWS * reached[-1]
    rows = order[np.searchsorted(reached, places)]
    x, t_x, age = (column[rows] for column in purchases.columns)
    return Purchases(x, t_x, age, 1.0 / value[rows]), orders.take(rows)


def _rival(row: dict[str, Any], spend_model: Any, data: Data, run: Run) -> FloatArray:
    """Future according to another model, as a multiple of its own estimate now."""
    rows = slice(None, None, max(1, len(data[0]) // RIVAL_ROWS))
    few = data[0].take(rows), data[1].take(rows)
    future = _future(rival_of(row), spend_model, few, run)
    future[:, :, :2] /= future[:, [LOSSES.index(1.0)], :2].copy()
    return future


def rival_of(row: dict[str, Any]) -> Any:
    """Rebuild a model from its row of `clv_rivals`."""
    return MODEL_TYPES[row["name"]](**json.loads(row["parameters"]))


def _future(model: Any, spend_model: Any, data: Data, run: Run) -> FloatArray:
    """Value and purchases of today's customers, share kept, a new one's: (draws, losses, 4)."""
    purchases, orders = data
    alive = np.atleast_2d(p_alive_in_blocks(model, purchases)) * purchases.weights
    pairs, index = alive_pairs(purchases)
    people = _by_pair(alive, index, len(pairs))
    money = _by_pair(alive * spend_model.expected_spend(orders), index, len(pairs))
    found = [_at(model, pairs, people, money, run, loss) for loss in LOSSES]
    return np.stack(found, axis=1)


def _at(
    model: Any, pairs: Purchases, people: FloatArray, money: FloatArray, run: Run, loss: float
) -> FloatArray:
    terms = terms_of(run)
    times, weights = discounting(terms["horizon"], terms["discount"])
    month, year = DAYS_PER_MONTH / run.days_per_period, 12 * DAYS_PER_MONTH / run.days_per_period
    asked = [*times, month, year, year + month]

    def expected(some: Purchases) -> FloatArray:
        return alive_purchases(model, some, asked, loss=loss)

    each = expected(pairs) if len(people) > 1 else over_ages(expected, pairs)[:, None]
    bought = (each * people).sum(-1)
    equity = np.tensordot(weights, (each[: len(times)] * money).sum(-1), 1)
    kept = (bought[-1] - bought[-2]) / bought[-3]
    new = np.atleast_2d(new_purchases(model, times, loss=loss)) @ weights
    return np.stack([equity, bought[len(times) - 1], kept, new], axis=-1)


def _by_pair(values: FloatArray, index: Any, pairs: int) -> FloatArray:
    """Sum values of rows over the pairs that they belong to, shape (draws, pairs)."""
    return np.stack([np.bincount(index, weights=row, minlength=pairs) for row in values])


def _order_values(fit: Any, run: Run) -> FloatArray:
    """Mean of a new customer's repeat orders in minor units: the estimate, then a draw each."""
    model = fit.model
    theta = np.array(list(fit.parameters.values()))
    slope = np.array([1.0, -model.q / (model.q - 1.0), 1.0])
    error = float(np.sqrt(max(slope @ (fit.covariance / np.outer(theta, theta)) @ slope, 0.0)))
    likely = np.random.default_rng([run.seed, 1]).standard_normal(DRAWS)
    return float(model.population_mean()) * run.minor_units * _with_estimate(error * likely)


def _first_orders(spend: pa.Table, run: Run) -> FloatArray:
    """Mean of first orders, net of returns, in minor units: the estimate, then a draw each."""
    first = _column(spend, "historical_value") - _column(spend, "total")
    mean, n = float(first.mean()), len(first)
    error = float(first.std() / np.sqrt(n) / mean) if mean > 0 else 0.0
    likely = np.random.default_rng([run.seed, 2]).standard_normal(DRAWS)
    return max(mean, 0.0) * _with_estimate(error * likely)


def _with_estimate(log_draws: FloatArray) -> FloatArray:
    return np.exp(np.append(0.0, log_draws))


def _column(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(), np.float64)
