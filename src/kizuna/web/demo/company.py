"""Bring the simulated company in as anyone would: people, imports, the worker, a publication."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import override

from kizuna.demo import DemoCompany
from kizuna.demo.deeds import MARGIN
from kizuna.demo.people import COLLEAGUE_EMAIL, OWNER_EMAIL, TEAM
from kizuna.pipeline.errors import InputError
from kizuna.web.accounts.models import Person, Role, Scope
from kizuna.web.accounts.services import invitations, keys
from kizuna.web.accounts.services.organisation import save_organisation
from kizuna.web.accounts.services.set_up import set_up
from kizuna.web.capture.events import queries as events
from kizuna.web.capture.identities.services import review
from kizuna.web.capture.imports import services as imports
from kizuna.web.capture.imports.models import Import
from kizuna.web.capture.imports.models import Status as ImportStatus
from kizuna.web.capture.ingest import services as ingest
from kizuna.web.capture.ingest.models import MOST_PER_SECOND, Kind
from kizuna.web.demo import doors, mails, plays, relations
from kizuna.web.demo.desk import open_desk
from kizuna.web.jobs.worker import Loop, pace
from kizuna.web.know.alerts import evaluating
from kizuna.web.know.alerts import services as alerts
from kizuna.web.know.publications.models import Publication, Status

type Progress = Callable[[str, float], None]

VIEWER_EMAIL = "chiyo@hana.example"
COUNTS: dict[str, Any] = {"margin": MARGIN, "horizon_days": 365, "discount": 0.1}
VIEWER_NAME = {"en": "Chiyo Mori", "ja": "森 千代"}
ORGANISATION: dict[str, dict[str, Any]] = {
    "en": {"name": "Hana & Co.", "fiscal_year_start": 1, **COUNTS},
    "ja": {"name": "花と暮らし", "fiscal_year_start": 4, **COUNTS},
}
TURNED_DAYS = 28
"""Days of which the demo's alerts tell."""
STEPS = 20
"""About how many jobs the worker runs; it moves the bar and nothing else."""


def fill(company: DemoCompany, *, lang: str, on_progress: Progress) -> None:
    """Make its people, bring the company in by its doors, have it valued and watched."""
    owner, colleague = _people(lang)
    save_organisation(actor=owner, version=0, values=ORGANISATION[lang])
    open_desk(actor=owner, lang=lang)
    relations.tell(owner=owner, colleague=colleague, path=company.touched.relations)
    plays.tell(owner=owner, path=company.actions, survey=company.touched.survey, lang=lang)
    _work_off(lambda stage, share: None)  # it asks for figures, of which there are none yet
    for table, path in _files(company):
        _bring(owner, path, table, company.currency)
    on_progress("events", 0.05)
    sent = _send(owner, company, lang)
    _work_off(on_progress)
    _must_be_in(sent)
    review.look(actor=owner)
    _work_off(lambda stage, share: None)
    _watch(owner, lang)
    mails.tell(lang=lang)


def _watch(owner: Person, lang: str) -> None:
    """Have customers watched by the rules that come with Kizuna; tell what turned lately."""
    with override(lang):
        alerts.add_ready(actor=owner)
    evaluating.begin(TURNED_DAYS)


def _files(company: DemoCompany) -> list[tuple[str, Path]]:
    """Give what each file that is imported is, and where it lies."""
    return [
        ("orders", company.orders),
        ("customers", company.customer_list),
        ("customers", company.cards),
        ("costs", company.costs),
        ("contracts", company.touched.contracts),
        ("contract_changes", company.touched.changes),
        ("responses", company.touched.responses),
    ]


def _send(owner: Person, company: DemoCompany, lang: str) -> int:
    """Send what programs send, by the application's own doors; give how many events.

    The keys end with that: a demo's folder may be handed on.
    """
    shop, desk = ("ウェブショップ", "お客様窓口") if lang == "ja" else ("Web shop", "Service desk")
    of_events, write_key = ingest.make_key(
        actor=owner, name=shop, kind=Kind.SERVER, per_second=MOST_PER_SECOND
    )
    of_contacts, api_key = keys.make_key(actor=owner, name=desk, scopes=[Scope.WRITE])
    with doors.open_doors() as root:
        sent = doors.send_events(root, write_key, company.touched.events)
        doors.send_contacts(root, api_key, company.touched.interactions)
        doors.send_consents(root, api_key, company.consents)
    doors.drain()
    ingest.revoke_key(actor=owner, pk=of_events.pk)
    keys.revoke_key(actor=owner, key_id=of_contacts.pk)
    return sent


def owner_and_viewer() -> tuple[Person, Person]:
    """Give the two people of the demo."""
    return Person.objects.get(email=OWNER_EMAIL), Person.objects.get(email=VIEWER_EMAIL)


def _people(lang: str) -> tuple[Person, Person]:
    """Make the owner, a colleague and a viewer; their passwords nobody knows."""
    owner = set_up(
        email=OWNER_EMAIL,
        name=TEAM[OWNER_EMAIL][lang],
        password=_password(),
        language=lang,
        timezone=settings.TIME_ZONE,
    )
    named = TEAM[COLLEAGUE_EMAIL][lang]
    colleague = _join(owner, COLLEAGUE_EMAIL, named, Role.MEMBER, lang)
    _join(owner, VIEWER_EMAIL, VIEWER_NAME[lang], Role.VIEWER, lang)
    return owner, colleague


def _join(owner: Person, email: str, name: str, role: Role, lang: str) -> Person:
    """Invite someone, who accepts."""
    invited = invitations.invite(actor=owner, role=role, note=name)
    return invitations.accept(
        token=invitations.token_of(invited),
        email=email,
        name=name,
        password=_password(),
        language=lang,
        timezone=settings.TIME_ZONE,
    )


def _password() -> str:
    return secrets.token_urlsafe(32)


def _bring(owner: Person, path: Path, table: str, currency: str) -> None:
    """Hand a copy to the import, which takes over the file that it is given."""
    copy = Path(settings.KIZUNA_HOME) / path.name
    shutil.copyfile(path, copy)
    imports.bring(
        actor=owner,
        path=copy,
        name=path.name,
        table=table,
        mapping={"money": currency, "date_order": "day"},
        at_once=True,
    )


def _work_off(on_progress: Progress) -> None:
    """Do what a worker does, in this process, until nothing is due."""
    loop, done = Loop(name="demo", pace=pace()), 0
    threading.Thread(target=loop.keep_alive, daemon=True).start()
    loop.beat()
    on_progress("import", 0.2)
    while loop.step():
        done += 1
        on_progress("import and value", min(0.2 + 0.8 * done / STEPS, 0.95))
    loop.sign_off()


def _must_be_in(sent: int) -> None:
    """Say what went wrong, where something did."""
    accepted = events.state().day.accepted
    if accepted != sent:
        raise InputError(f"of {sent} events {accepted} were taken in")
    for found in Import.objects.exclude(status=ImportStatus.DONE):
        raise InputError(f"{found.file_name} was not imported: {found.error or found.status}")
    latest = Publication.objects.order_by("-pk").first()
    if latest is None or latest.status != Status.PUBLISHED:
        raise InputError(f"nothing was published: {latest.error if latest else 'no run'}")
