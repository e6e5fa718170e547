"""The erasure job: a person out of the tables, their former versions, and the files of imports.

A row that is hers goes; a row of somebody else that names her keeps everything but her name. What
is left on the disk is what the tables hold now: former versions and their logs go too.

**To register a store of yours** (a table of the store, or a Django model) you do nothing where it
says whose a row is in a column named in `WHOSE`. A column of another name that says so is added to
`WHOSE`; one that only points at somebody beside the row's own customer, to `ABOVE`; a text that is
of one person as a whole, to `WHOLE`. A table that has texts and no such column is added to
`IN_WORDS` once you made sure that people are in it by their words alone, and a column that ends
in `_id` or `_key` and names no customer to `NOBODYS`. Until then `tests/repository/test_stores.py`
fails.
"""

from __future__ import annotations

import base64
import binascii
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kizuna.jobs import resolution
from kizuna.jobs.backup import STAGING
from kizuna.jobs.load import alone
from kizuna.jobs.subjects import SHORTEST, Subject
from kizuna.jobs.tombstones import Tombstones, of_store
from kizuna.pipeline.engine import Engine, identifier, quoted
from kizuna.pipeline.store import Store

WHOSE = (
    "customer_id",
    "raw_customer_id",
    "customer_key",
    "user_id",
    "anonymous_id",
    "anon_id",
    "from_key",
    "to_key",
    "into_id",
    "survivor_id",
    "loser_id",
    "person_id",
    "account_id",
    "first_id",
    "second_id",
    "unit_id",
)
"""Columns that say whose a row is."""
WHOLE = ("body", "raw", "raw_body")
"""Columns whose text is of one person: a row that names her there is hers."""
OWNER = ("customer_id", "customer_key")
"""Columns that say whose a mail address or a number beside them is."""
ABOVE = ("parent_id", "group_id")
"""Columns that name a customer whom another one belongs to: they are emptied."""
IN_WORDS = frozenset(
    """
    interface.Answer jobs.Job jobs.Worker jobs.Tick imports.Import imports.Mapping imports.Seen
    sources.Connection sources.Source sources.Fetch snippet.Site identities.Switch ingest.WriteKey
    publications.Publication scenarios.Scenario segments.Segment segments.SegmentVersion
    segments.Rebuild profiles.Tag profiles.Field lists.SavedView
    lists.BulkAction webhooks.Endpoint webhooks.Message webhooks.Attempt consents.Purpose
    consents.Topic consents.Wording consents.Sender interactions.Hook interactions.Refusal
    interactions.Mailbox interactions.Stranger
    alerts.Channel alerts.AlertRule alerts.Notice alerts.Evaluation alerts.DryRun
    renewals.Ladder renewals.Rung renewals.LossReason renewals.Judgement renewals.Escalation
    renewals.Feed
    contract_changes ltv_factors clv_choice clv_model clv_rivals rfm_cutoffs rfm_segments segments
    concentration tracking frequency_calibration channel_costs channel_customers channel_ages
    channel_values value_changes forecast_log past_forecasts mrr_bridge mrr_retention
    effort.ServiceCalendar effort.ServiceTarget voice.Gap voice.ThemeWords
    journey.Touchpoint health.Bands health.Scorecard
    run retention_months mrr_cohorts acquisition_cohorts contract_book contract_survival
    revenue_log revenue_accuracy revenue_accuracy_report
    book_actuals revenue_forecasts forecast_parts contract_risks value_risks payment_events
    churn_terms churn_report churn_reliability churn_model health_bands scorecards
    service_rates channel_service_costs channel_net_values channel_net_bounds retention.ServiceRate
    own_health_bands own_scorecards health_portfolio
    experiments experiment_counts effect_sums effects effect_parts effect_day_sums effect_days
    effect_claims effect_portfolio effect_projections results.Decision results.Outside
    experience_worth experience_bins
    next_best.Limits next_best.Offer choice_limits choice_values offers uplift_models
    actions.Action actions.Share actions.Decided actions.Programme gate.Rules gate.Cap
    playbooks.Playbook playbooks.Version playbooks.Passed playbooks.Evaluation playbooks.Rehearsal
    playbooks.Effect playbooks.Intake playbooks.Went
    margin_spread
    survey_counts survey_scores survey_choices
    surveys.Survey surveys.Question surveys.Wave surveys.Pace
    health_by_band health_report contact_outcomes self_service_events effort_model effort_report
    own_stages segments.StageList
    own_touchpoints own_voice_themes journey_touchpoints journey_names journey_cells
    effort_causes own_service_calendars own_service_targets service_calendars service_targets
    service_report voice_themes service_gaps voice_model themes theme_days theme_proposals
    gap_effects persona_model persona_profiles persona_kinds known_personas journey.Persona
    act_messages.Template act_messages.TemplateVersion act_messages.Text act_messages.Setup
    act_messages.Returned
    campaigns.Campaign campaigns.Step on_site.Message on_site.Secret
    """.split()  # noqa: SIM905
)
"""Models and tables that say of no row whose it is: words that name her are taken out of them."""
NOBODYS = frozenset(
    """
    action_id case_id change_id comment_id contact_id contract_id cost_id event_id experiment_id
    gap_id interaction_id override_id
    issue_id key_id message_id order_id reject_id response_id segment_id name_key unique_key
    """.split()  # noqa: SIM905
)
"""Columns that name something else than a customer."""
CONTACT = ("email", "phone")
ANONYMOUS = "anon:"
PATIENCE = 600.0
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done in one place: rows or files that went, and those that lost her name."""

    place: str
    removed: int = 0
    redacted: int = 0


def subject(store: Store, customer_ids: Sequence[str], texts: Iterable[str] = ()) -> Subject:
    """Gather what names some customers: all their keys, mail addresses and telephone numbers."""
    now = [resolution.resolved(store, one) for one in customer_ids]
    ids = dict.fromkeys(key for one in now for key in resolution.raw_ids(store, one))
    bare = [key.removeprefix(ANONYMOUS) for key in ids if key.startswith(ANONYMOUS)]
    ids |= dict.fromkeys(bare)
    found = [text for name in store.names() for text in _contacts(store, name, list(ids))]
    kept = dict.fromkeys(text for text in (*texts, *found) if len(text) >= SHORTEST)
    return Subject(tuple(ids), tuple(kept))


def erase(
    store: Store, who: Subject, *, at: datetime, bury: bool = True, wait: float = PATIENCE
) -> list[Erased]:
    """Erase somebody from the store, and with `bury` see to it that she is not brought in again.

    A second call finishes what a first one that was killed began.

    Raises
    ------
    InputError
        When an import has been running for longer than `wait`.

    """
    if bury:
        of_store(store.folder).add(who.names, at)
    with alone(store, wait):
        return [found for name in store.names() if (found := _out_of(store, name, who))]


def returned(store: Store) -> list[str]:
    """Name the customers in the store who were erased: a file or a backup brought them back."""
    stones = of_store(store.folder)
    if not stones.known():
        return []
    return sorted({key for name in store.names() for key in _returned_to(store, name, stones)})


def _returned_to(store: Store, name: str, stones: Tombstones) -> list[str]:
    with Engine(threads=2) as engine:
        store.register(engine, name)
        columns = _texts(engine, name)
        asked = [(c, c) for c in WHOSE if c in columns]
        owner = next((c for c in OWNER if c in columns), None)
        asked += [(owner, c) for c in CONTACT if owner and c in columns]
        found = [
            engine.query(
                f"SELECT DISTINCT {identifier(key)} AS found FROM {name} "
                f"WHERE {stones.condition(identifier(column))} AND {identifier(key)} IS NOT NULL"
            )["found"].to_pylist()
            for key, column in asked
        ]
        return [str(key) for keys in found for key in keys]


def erase_files(folder: Path, who: Subject) -> list[Erased]:
    """Delete the files below a folder that name her, such as uploads."""
    done = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if holds(path, who):
            path.unlink()
            done.append(Erased(str(path.relative_to(folder.parent)), removed=1))
    return done


def sweep(home: Path) -> None:
    """Delete what backups that were killed left behind."""
    for left in home.glob(f"{STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)


def holds(path: Path, who: Subject) -> bool:
    """Whether the bytes of a file name her, in the encodings that files of ours come in.

    A file that is packed names nobody in its bytes; it is told to hold her, rather than not.
    """
    if path.suffix in {".xlsx", ".gz", ".parquet"}:
        return True
    if who.bytes_pattern is None:
        return False
    with path.open("rb") as file:
        tail = b""
        while block := file.read(BLOCK):
            if who.bytes_pattern.search(tail + block):
                return True
            tail = (tail + block)[-who.longest :]
    return False


def _contacts(store: Store, name: str, ids: Sequence[str]) -> list[str]:
    """Give the addresses and numbers that a table knows of some customers."""
    with Engine(threads=2) as engine:
        store.register(engine, name)
        columns = _texts(engine, name)
        key = next((c for c in OWNER if c in columns), None)
        if key is None:
            return []
        found: list[str] = []
        for column in (c for c in CONTACT if c in columns):
            mine = f"{key} IN ({_listed(ids)}) AND {column} IS NOT NULL"
            rows = engine.query(f"SELECT DISTINCT {column} AS said FROM {name} WHERE {mine}")
            found += [str(said) for said in rows["said"].to_pylist()]
        return found


def _out_of(store: Store, name: str, who: Subject) -> Erased | None:
    """Take her out of one table; nothing is written where she is not in it."""
    with Engine(threads=2) as engine:
        store.register(engine, name)
        columns = _texts(engine, name)
        hers, naming = _hers(columns, who), _naming(columns, who)
        if packed := _packed(engine, name, who):
            hers = f"({hers} OR reject_id IN ({_listed(packed)}))"
        counts = f"SELECT count(*) FILTER ({hers}) AS hers, count(*) AS n FROM {name} WHERE "
        found = engine.query(f"{counts} {hers} OR {_any(naming)}").to_pylist()[0]
        above = _above(engine, name, columns, who)
    if not found["n"] and not above:
        _forget_former(store, name)
        return None
    removed = store.remove(name, hers) if found["hers"] else 0
    changed = _redact(store, name, naming, who) if found["n"] > removed else 0
    for column in above:
        changed += store.change(name, {column: "NULL"}, f"{column} IN ({_listed(who.ids)})")
    store.forget(name)
    return Erased(f"store/{name}", removed, changed)


def _packed(engine: Engine, name: str, who: Subject) -> list[str]:
    """Name the refused messages that are kept as base64 and name her."""
    if not {"is_base64", "reject_id", "body"} <= set(engine.schema(name).names):
        return []
    rows = engine.query(f"SELECT reject_id, body FROM {name} WHERE is_base64 AND body IS NOT NULL")
    return [row["reject_id"] for row in rows.to_pylist() if _is_in(str(row["body"]), who)]


def _is_in(body: str, who: Subject) -> bool:
    try:
        plain = base64.b64decode(body)
    except binascii.Error:
        return False
    return who.bytes_pattern is not None and who.bytes_pattern.search(plain) is not None


def _forget_former(store: Store, name: str) -> None:
    """Former versions may hold her where the present one does not."""
    if len(store.versions(name)) > 1:
        store.forget(name)


def _above(engine: Engine, name: str, columns: Sequence[str], who: Subject) -> list[str]:
    listed = _listed(who.ids)
    return [
        column
        for column in ABOVE
        if column in columns
        and len(engine.query(f"SELECT 1 FROM {name} WHERE {column} IN ({listed}) LIMIT 1"))
    ]


def _texts(engine: Engine, name: str) -> list[str]:
    return [f.name for f in engine.schema(name) if str(f.type) in {"string", "large_string"}]


def _hers(columns: Sequence[str], who: Subject) -> str:
    """SQL: whether a row is hers."""
    ids = [
        f"coalesce({identifier(c)} IN ({_listed(who.ids)}), false)" for c in WHOSE if c in columns
    ]
    whole = [_names(c, who) for c in WHOLE if c in columns and who.replacements]
    return f"({_any([*ids, *whole])})"


def _naming(columns: Sequence[str], who: Subject) -> list[str]:
    """SQL: whether a column of a row names her, for each column."""
    return [_names(c, who) for c in _others(columns)] if who.replacements else []


def _others(columns: Sequence[str]) -> list[str]:
    return [c for c in columns if c not in {*WHOSE, *WHOLE, *ABOVE}]


def _names(column: str, who: Subject) -> str:
    """SQL, for DuckDB and for DataFusion: whether a column names her."""
    name = identifier(column)
    said = [
        f"regexp_replace({name}, {quoted(pattern)}, '', 'gi') <> {name}"
        for pattern, _instead in who.replacements
    ]
    return f"coalesce({_any(said)}, false)"


def _redact(store: Store, name: str, naming: Sequence[str], who: Subject) -> int:
    """Put a word in place of her name in rows of others."""
    with Engine(threads=2) as engine:
        store.register(engine, name)
        columns = _others(_texts(engine, name))
    values = {}
    for column in columns:
        expression = identifier(column)
        for pattern, instead in who.replacements:
            expression = f"regexp_replace({expression}, {quoted(pattern)}, {quoted(instead)}, 'gi')"
        values[column] = expression
    return store.change(name, values, _any(naming))


def _any(conditions: Sequence[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions) or "false"


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(map(quoted, texts)) or "NULL"
