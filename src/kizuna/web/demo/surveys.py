"""The demo's survey: two waves of the past, of which the last one still takes answers."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.models import Person
from kizuna.web.act.surveys.history import Answered, PastWave, bring_in
from kizuna.web.act.surveys.services import designing

SURVEY: Final = {
    "kind": "nps",
    "low_at": None,
    "segment": None,
    "subject_en": "Hana & Co.",
    "subject_ja": "花と暮らし",
}


def tell(*, owner: Person, path: Path, why: str) -> None:
    """Draft the survey and bring in its waves."""
    said = json.loads(path.read_text("utf-8"))
    of = {name: said[name] for name in ("name", "holdout", "every", "open_days")}
    of["next_on"] = date.fromisoformat(said["next_on"])
    made = designing.add(actor=owner, said={**SURVEY, **of})
    if made.action.experiment_id != said["experiment_id"]:
        raise InputError(f"{made} is action {made.action.experiment_id}")
    waves = [_wave(wave) for wave in said["waves"]]
    bring_in(actor=owner, survey=made, salt=said["salt"], waves=waves, why=why)


def _wave(said: dict[str, Any]) -> PastWave:
    answers = {
        who: Answered(datetime.fromisoformat(at), score, comment)
        for who, at, score, comment in said["answers"]
    }
    return PastWave(datetime.fromisoformat(said["opened_at"]), dict(said["asked"]), answers)
