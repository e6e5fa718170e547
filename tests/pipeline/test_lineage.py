"""What a SELECT reads, what its grouping proves, and the same SELECT for Spark."""

from __future__ import annotations

import pytest

from kizuna.pipeline.lineage import (
    LineageError,
    columns_read,
    is_grouped_by,
    names_in,
    reads,
    to_spark,
)
from kizuna.pipeline.steps import discover

STEPS = [step for step in discover() if step.sql is not None]


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT a FROM t", ("t",)),
        ("SELECT a FROM t JOIN u USING (a) CROSS JOIN run", ("run", "t", "u")),
        ("WITH w AS (SELECT a FROM t) SELECT a FROM w UNION ALL SELECT b FROM u", ("t", "u")),
        ("SELECT a FROM (SELECT a FROM t) AS s", ("t",)),
        ("SELECT a, (SELECT max(b) FROM u) AS m FROM t", ("t", "u")),
        (
            "SELECT a FROM t WHERE a IN (SELECT a FROM u) AND EXISTS (SELECT 1 FROM v)",
            ("t", "u", "v"),
        ),
        ("WITH t AS (SELECT a FROM t) SELECT a FROM t", ("t",)),
        ("SELECT 1 AS a", ()),
    ],
)
def test_tables_read(sql: str, tables: tuple[str, ...]) -> None:
    assert reads(sql) == tables


def test_looking_for_the_word_from_would_be_wrong() -> None:
    """The twin: text is not structure."""
    assert reads("SELECT 'taken FROM thin_air' AS a FROM t -- FROM u") == ("t",)


@pytest.mark.parametrize("sql", ["", "SELECT FROM WHERE", "DROP TABLE t", "SELECT 1; SELECT 2"])
def test_what_is_not_one_select_is_refused(sql: str) -> None:
    with pytest.raises(LineageError):
        reads(sql)


@pytest.mark.parametrize(
    ("sql", "proved"),
    [
        ("SELECT a, b, count(*) AS n FROM t GROUP BY a, b", True),
        ("SELECT x AS a, y AS b FROM t GROUP BY x, y", True),
        ("SELECT a, b FROM t GROUP BY a, b, c", False),
        ("SELECT a, b FROM t", False),
        ("SELECT a, max(b) AS b FROM t GROUP BY a", False),
        ("SELECT a, b FROM t GROUP BY a, b UNION ALL SELECT a, b FROM u GROUP BY a, b", False),
        ("SELECT a, b, unnest([1, 2]) AS k FROM t GROUP BY a, b", False),
    ],
)
def test_a_grain_is_proved_by_grouping_by_it(sql: str, proved: bool) -> None:
    assert is_grouped_by(sql, ("a", "b")) is proved


def test_a_name_that_is_not_what_is_grouped_proves_nothing() -> None:
    assert not is_grouped_by("SELECT max(x) AS a FROM t GROUP BY a", ("a",))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_can_be_written_for_spark(step: object) -> None:
    assert to_spark(step.sql).startswith(("SELECT", "WITH"))  # type: ignore[attr-defined]


def test_spark_is_written_with_its_own_words() -> None:
    assert to_spark("SELECT date_diff('day', a, b) AS d FROM t") == (
        "SELECT DATEDIFF(DAY, a, b) AS d FROM t"
    )


def test_percentiles_stay_exact_on_spark() -> None:
    sql = to_spark("SELECT percentile_disc(0.2) WITHIN GROUP (ORDER BY a) AS p FROM t")
    assert sql.startswith("SELECT PERCENTILE_DISC(0.2) WITHIN GROUP (ORDER BY a")


def test_what_spark_cannot_say_is_refused() -> None:
    with pytest.raises(LineageError, match="Spark"):
        to_spark("SELECT arg_min(a, b, 3) AS a FROM t")


SCHEMA = {"orders": {"customer": "VARCHAR", "amount": "BIGINT", "day": "DATE"}}


def test_columns_are_followed_through_names_of_their_own() -> None:
    sql = """
        WITH paid AS (SELECT customer, amount - 1 AS net, * EXCLUDE (customer) FROM orders)
        SELECT customer, sum(net) AS total, count(*) AS n, max(day) AS last FROM paid GROUP BY 1"""
    assert columns_read(sql, ("customer", "total", "n", "last"), SCHEMA) == {
        "customer": (("orders", "customer"),),
        "total": (("orders", "amount"),),
        "n": (),
        "last": (("orders", "day"),),
    }


def test_a_column_that_is_not_made_is_refused() -> None:
    with pytest.raises(LineageError, match="nothing cannot be followed"):
        columns_read("SELECT day FROM orders", ("nothing",), SCHEMA)


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT a FROM t JOIN u USING (b) WHERE c > 1 ORDER BY d", {"a", "b", "c", "d", "t", "u"}),
        ("SELECT count(*) AS n, sum(t.a) AS m FROM t", {"n", "m", "a", "t"}),
        ("SELECT * FROM t", None),
        ("SELECT a FROM (SELECT u.* FROM u)", None),
    ],
)
def test_names_that_a_select_may_mean_columns_by(sql: str, names: set[str] | None) -> None:
    found = names_in(sql)
    assert found == (None if names is None else frozenset(names))
