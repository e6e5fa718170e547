"""Reads: the register, and who a request is about."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from kizuna.jobs import access, erasure
from kizuna.jobs.subjects import Subject
from kizuna.pipeline.store import Store
from kizuna.web.accounts.secrecy import reveal
from kizuna.web.capture.privacy import records
from kizuna.web.capture.privacy.models import Request


def home() -> Path:
    """Give the data folder."""
    return Path(settings.KIZUNA_HOME)


def store() -> Store:
    """Give the store of this installation."""
    return Store(home() / "store")


def requests() -> list[Request]:
    """List what was asked, open requests first, the most urgent of them first."""
    found = Request.objects.select_related("recorded_by", "decided_by").order_by("due_on", "pk")
    return sorted(found, key=lambda one: one.finished_at is not None)


def subject_of(request: Request) -> str:
    """Say whose data it is about; nobody any more once she is erased."""
    return reveal(request.hidden_subject) if request.hidden_subject else ""


def who(customer_id: str) -> Subject:
    """Gather what names a customer, in the tables and in the records."""
    first = erasure.subject(store(), [customer_id])
    return erasure.subject(store(), first.ids, (*first.texts, *records.texts(first)))


def contact(said: str) -> Subject:
    """Gather what names a contact of a company, by her address or number."""
    return Subject((), tuple(dict.fromkeys([said.strip(), *records.contact_texts(said.strip())])))


def everything(request: Request) -> bytes:
    """Pack all that is kept about whom a request is about."""
    her = who(subject_of(request))
    return access.packed(access.rows(store(), her) | records.everything(her))
