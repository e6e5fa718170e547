"""The examples of docs/api.md, run as they stand against a server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kizuna.web.accounts.models import Person, Role
from kizuna.web.know.customers.models import CustomerFact
from kizuna.web.know.publications import services
from kizuna.web.know.publications.models import Publication
from project import ROOT
from published_shop import refreshed_shop
from web.conftest import person
from web.interface.asking import Program

EXAMPLES = re.findall(r"```bash\n(.*?)```", (ROOT / "docs/api.md").read_text("utf-8"), re.DOTALL)


def run(example: str, folder: Path, **said: str) -> Any:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", example],
        cwd=folder,
        env={**os.environ, **said},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (example, done.stderr)
    return json.loads(done.stdout)


@pytest.mark.django_db(transaction=True)
def test_the_examples_of_the_documentation_do_what_they_say(
    live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.KIZUNA_HOME, found = refreshed_shop()
    services.record(publication=Publication.objects.create(), found=found)
    holder: Person = person("Aiko", Role.OWNER)
    (tmp_path / "orders.csv").write_text("buyer,date,amount\na,2026-01-01,500\n")
    said = {"KIZUNA_URL": live_server.url, "KIZUNA_KEY": Program(holder).text}
    said["CUSTOMER"] = CustomerFact.objects.order_by("pk")[0].pk
    whoami, at_risk, one, board, handed = (run(e, tmp_path, **said) for e in EXAMPLES[:5])
    assert (whoami["person"], board["currency"]) == ("Aiko", "USD")
    assert at_risk["items"]
    assert one["facts"]["customer_id"] == said["CUSTOMER"]
    assert handed["status"] == "uploaded"
    checked = run(EXAMPLES[5], tmp_path, IMPORT=str(handed["id"]), **said)
    assert checked["mapping"]["columns"]["customer"] == "buyer"
    assert len(EXAMPLES) == 6
