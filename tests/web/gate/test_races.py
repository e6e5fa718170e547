"""Many decide at once, clocks apart, while customers are merged, brought in and shares change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection

import contact_race
from web_installations import environment, install, start

HERE = Path(contact_race.__file__).parent
RACE = "import django; django.setup(); import contact_race; contact_race.main()"
NEVER = ("assigned_twice", "treated_holdouts", "treated_globally", "suppressed", "over_cap")
ROWS_ARE_LOCKED = {"no_lock": "over_cap", "no_unique": "assigned_twice"}
"""Faults that SQLite, which has one writer at a time, forgives."""


def raced(folder: Path, faults: list[str], **more: str) -> dict[str, dict[str, int]]:
    """Run races on a database that several threads may open: the one under test, or a file."""
    if connection.vendor == "postgresql":
        return contact_race.run(faults)
    env = environment(install(folder), PYTHONPATH=str(HERE), **more)
    process = start(
        "-c", RACE, *faults, env=env | {"DJANGO_SETTINGS_MODULE": "kizuna.web.settings"}
    )
    printed, complaint = process.communicate(timeout=600)
    assert process.returncode == 0, complaint
    found: dict[str, dict[str, int]] = json.loads(printed)
    return found


@pytest.mark.django_db(transaction=True)
def test_nobody_held_out_is_reached_whatever_races_and_each_fault_is_seen(tmp_path: Path) -> None:
    locked = ROWS_ARE_LOCKED if connection.vendor == "postgresql" else {}
    found = raced(tmp_path, ["none", "no_checks", *locked])
    sound, unchecked = found["none"], found["no_checks"]
    assert {name: sound[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert min(sound[name] for name in ("sent", "held_out", "left_alone", "merged")) > 0
    assert min(unchecked[name] for name in NEVER[1:]) > 0, unchecked
    assert {fault: found[fault][counted] > 0 for fault, counted in locked.items()} == dict.fromkeys(
        locked, True
    )


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_nobody_held_out_is_reached_in_many_races(tmp_path: Path) -> None:
    """As above, of many more customers; the faults are seen above."""
    found = raced(tmp_path, ["none"], RACE_CUSTOMERS="800")["none"]
    assert {name: found[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
