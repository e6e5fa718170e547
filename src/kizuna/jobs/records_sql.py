"""SQL of the log of a standard table: which records stand, and how those of a file meet them."""

from __future__ import annotations

from collections.abc import Sequence

from kizuna.pipeline.capture.standard.reading import ROWS
from kizuna.pipeline.capture.standard.reasons import Policy
from kizuna.pipeline.capture.standard.specs import COLUMNS, Spec
from kizuna.pipeline.engine import identifier, quoted

STANDING, AIMED, LEFT_OUT = "standing_records", "aimed_records", "left_out"
INCOMING, COMPARED = "incoming_records", "compared_records"
NOTHING_LEFT_OUT = "SELECT 0::BIGINT AS n, '' AS reason, '' AS part LIMIT 0"


def log_of(table: str) -> str:
    """Name the log of a table: batch, entry, owner, the table's columns, header.

    entry: 'put' a record; 'gone' the record of the batch `owner`, replaced; 'rests' on the batch
    `owner`; 'batch' the import itself, told in `header`.
    """
    return f"{table}_log"


def columns(spec: Spec) -> list[str]:
    """Name the columns of the table, quoted."""
    return [identifier(column.name) for column in COLUMNS[spec.table]]


def nothing(spec: Spec) -> str:
    """SQL: the table's columns, all empty."""
    return ", ".join(f"NULL::{c.type} AS {identifier(c.name)}" for c in COLUMNS[spec.table])


def empty_log(spec: Spec) -> str:
    """SQL: the log before the first import."""
    return (
        f"SELECT '' AS batch, '' AS entry, NULL::VARCHAR AS owner, {nothing(spec)}, "
        "NULL::VARCHAR AS header LIMIT 0"
    )


def headers(spec: Spec) -> str:
    """SQL: what each import says of itself."""
    return f"SELECT header FROM {log_of(spec.table)} WHERE entry = 'batch'"


def standing(spec: Spec) -> str:
    """SQL: records put and not gone, each with the import that owns it."""
    log, key = log_of(spec.table), spec.key
    return (
        f"SELECT batch AS owner, {', '.join(columns(spec))} FROM {log} WHERE entry = 'put' AND NOT "
        f"EXISTS (SELECT 1 FROM {log} AS g WHERE g.entry = 'gone' AND g.owner = {log}.batch "
        f"AND g.{key} = {log}.{key})"
    )


def named_by_content(spec: Spec) -> str:
    """SQL: rows without a key get one from what they say, and from how often it was said before."""
    said = ", ".join(
        f"coalesce(CAST({c} AS VARCHAR), '')" for c in columns(spec) if c != _key(spec)
    )
    content = f"md5(concat_ws(chr(31), {said}))"
    times = "row_number() OVER (PARTITION BY content ORDER BY n)"
    again = f"CASE WHEN {times} > 1 THEN '-' || {times} ELSE '' END"
    return (
        f"SELECT * EXCLUDE (content) REPLACE (coalesce({spec.key}, 'row-' || content[:20] || "
        f"{again}) AS {spec.key}) FROM (SELECT *, CASE WHEN {spec.key} IS NULL THEN {content} END "
        f"AS content FROM {ROWS})"
    )


def unnamed(spec: Spec) -> str:
    """SQL: whether rows are there that have no key."""
    return f"SELECT 1 FROM {ROWS} WHERE reason IS NULL AND {spec.key} IS NULL LIMIT 1"


def aimed(spec: Spec, keys: Sequence[str]) -> str:
    """SQL: rows to keep with `target`, the key of the record that each is about.

    `low` and `high` differ where the keys point at different records that stand.
    """
    key = _key(spec)
    kept = f"SELECT * EXCLUDE (reason, part) FROM {ROWS} WHERE reason IS NULL"
    if list(keys) == [spec.key]:
        return f"SELECT *, {key} AS target, {key} AS low, {key} AS high FROM ({kept})"
    hits = " UNION ALL ".join(
        f"SELECT i.n, s.{key} AS hit FROM {ROWS} AS i INNER JOIN {STANDING} AS s "
        f"ON i.{identifier(name)} = s.{identifier(name)} WHERE i.reason IS NULL"
        for name in keys
    )
    own = ", ".join(dict.fromkeys([key, *map(identifier, keys)]))
    return (
        f"SELECT k.*, coalesce(h.low, {own}) AS target, h.low, h.high FROM ({kept}) AS k LEFT JOIN "
        f"(SELECT n, min(hit) AS low, max(hit) AS high FROM ({hits}) GROUP BY n) AS h ON k.n = h.n"
    )


def unaimed(keys: Sequence[str]) -> str:
    """SQL: rows that name no record, or several."""
    first = quoted(keys[0])
    pointing = " UNION ".join(
        f"SELECT a.n FROM {AIMED} AS a SEMI JOIN (SELECT {identifier(k)} AS said FROM {AIMED} "
        f"WHERE {identifier(k)} IS NOT NULL GROUP BY ALL HAVING min(target) <> max(target)) AS d "
        f"ON a.{identifier(k)} = d.said"
        for k in keys
    )
    return (
        f"SELECT n, 'missing_key' AS reason, {first} AS part FROM {AIMED} WHERE target IS NULL "
        f"UNION ALL SELECT n, 'keys_disagree', {first} FROM {AIMED} WHERE target IS NOT NULL "
        f"AND (low <> high OR n IN ({pointing}))"
    )


def several() -> str:
    """SQL: targets of more than one row."""
    return (
        f"SELECT target FROM {AIMED} ANTI JOIN {LEFT_OUT} USING (n) "
        "GROUP BY target HAVING count(*) > 1"
    )


def contradictions(spec: Spec) -> str:
    """SQL: rows of one record that do not say the same; what one leaves empty another may say."""
    names = [c for c in columns(spec) if c != _key(spec)]
    differ = " ".join(f"WHEN min({c}) <> max({c}) THEN {quoted(c.strip(chr(34)))}" for c in names)
    return (
        f"SELECT a.n, 'two_things' AS reason, d.part FROM {AIMED} AS a INNER JOIN "
        f"(SELECT target, CASE {differ} END AS part FROM {AIMED} SEMI JOIN several USING (target) "
        "ANTI JOIN left_out USING (n) GROUP BY target) AS d ON a.target = d.target "
        f"ANTI JOIN {LEFT_OUT} AS l ON a.n = l.n WHERE d.part IS NOT NULL"
    )


def incoming(spec: Spec) -> str:
    """SQL: one row a record of the file, with the number of its first row."""
    names = [c for c in columns(spec) if c != _key(spec)]
    plain, most = ", ".join(names), ", ".join(f"max({c}) AS {c}" for c in names)
    kept = f"FROM {AIMED} ANTI JOIN {LEFT_OUT} USING (n)"
    return (
        f"SELECT target, n, {plain} {kept} ANTI JOIN several USING (target) UNION ALL "
        f"SELECT target, min(n) AS n, {most} {kept} SEMI JOIN several USING (target) "
        "GROUP BY target"
    )


def compared(spec: Spec, mapped: Sequence[str], policy: Policy) -> str:
    """SQL: each record of the file as it will stand, with its state against the one that does."""
    names = [c.name for c in COLUMNS[spec.table] if c.name != spec.key]
    will = {name: _merged(spec, name, policy) if name in mapped else f"s.{name}" for name in names}
    listed = ", ".join(f"{_first(name, sql)} AS {identifier(name)}" for name, sql in will.items())
    differs = " OR ".join(f"{will[n]} IS DISTINCT FROM s.{n}" for n in names if n in mapped)
    return (
        f"SELECT i.n, i.target AS {_key(spec)}, s.owner, {listed}, CASE WHEN s.owner IS NULL "
        f"THEN 'new' WHEN {differs or 'false'} THEN 'changed' ELSE 'unchanged' END AS state "
        f"FROM {INCOMING} AS i LEFT JOIN {STANDING} AS s ON i.target = s.{_key(spec)}"
    )


def incomplete(spec: Spec) -> str:
    """SQL: new records that lack what every record needs."""
    needed = [c.name for c in COLUMNS[spec.table] if not c.nullable]
    lacking = " ".join(f"WHEN {identifier(n)} IS NULL THEN {quoted(n)}" for n in needed)
    return (
        f"SELECT n, 'missing_value' AS reason, part FROM (SELECT n, CASE {lacking} END AS part "
        f"FROM {COMPARED} WHERE state = 'new') WHERE part IS NOT NULL"
    )


def counts() -> str:
    """SQL: one row of what an import does."""
    states = ", ".join(
        f"count(*) FILTER (WHERE state = {quoted(state)}) AS {state}"
        for state in ("new", "changed", "unchanged")
    )
    found = "list_sort(list(DISTINCT owner) FILTER (WHERE owner IS NOT NULL))"
    return f"SELECT {states}, coalesce({found}, []) AS rests_on FROM {_kept()}"


def entries(spec: Spec, batch: str, header: str) -> str:
    """SQL: the rows that an import adds to the log."""
    name = f"{quoted(batch)} AS batch"
    silent, listed = "NULL::VARCHAR AS header", ", ".join(columns(spec))
    gone = nothing(spec).replace(f"NULL::VARCHAR AS {_key(spec)}", _key(spec), 1)
    return " UNION ALL ".join(
        (
            f"SELECT {name}, 'put' AS entry, NULL::VARCHAR AS owner, {listed}, {silent} "
            f"FROM {_kept()} WHERE state <> 'unchanged'",
            f"SELECT {name}, 'gone', owner, {gone}, NULL FROM {_kept()} WHERE state = 'changed'",
            f"SELECT DISTINCT {name}, 'rests', owner, {nothing(spec)}, NULL FROM {_kept()} "
            "WHERE owner IS NOT NULL",
            f"SELECT {name}, 'batch', NULL, {nothing(spec)}, {quoted(header)}",
        )
    )


def table(spec: Spec) -> str:
    """SQL: the table as it stands, in an order of its own."""
    order = dict.fromkeys(["customer_id", spec.key]) if _has_customer(spec) else [spec.key]
    return f"SELECT {', '.join(columns(spec))} FROM {STANDING} ORDER BY {', '.join(order)}"


def _has_customer(spec: Spec) -> bool:
    return "customer_id" in {column.name for column in COLUMNS[spec.table]}


def _kept() -> str:
    return f"(SELECT * FROM {COMPARED} ANTI JOIN {LEFT_OUT} USING (n))"


def _key(spec: Spec) -> str:
    return identifier(spec.key)


def _first(name: str, sql: str) -> str:
    """SQL: what a record will hold; of a new one what the file says."""
    return f"CASE WHEN s.owner IS NULL THEN i.{identifier(name)} ELSE {sql} END"


def _merged(spec: Spec, name: str, policy: Policy) -> str:
    """SQL: a column of a record that is there, after the file."""
    ours, theirs = f"s.{identifier(name)}", f"i.{identifier(name)}"
    if policy == "skip":
        return ours
    first, last = (theirs, ours) if policy == "overwrite" else (ours, theirs)
    if name == spec.extra:
        both = f"CAST(json_merge_patch({last}, {first}) AS VARCHAR)"
        either = f"coalesce({ours}, {theirs})"
        return f"CASE WHEN {ours} IS NULL OR {theirs} IS NULL THEN {either} ELSE {both} END"
    return f"coalesce({first}, {last})"
