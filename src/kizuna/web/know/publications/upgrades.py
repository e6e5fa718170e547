"""After an upgrade: what is published lacks what came later, until a run has made it anew."""

from __future__ import annotations

import logging

from kizuna.pipeline.tables import TABLES
from kizuna.web.know.publications.queries import lacking, published
from kizuna.web.know.publications.services import refresh, store

log = logging.getLogger("kizuna.publications")


def outdated() -> list[str]:
    """Name the published tables that lack a column which they have by now."""
    state = published()
    if state is None:
        return []
    folder, versions = store().folder, state.publication.versions
    return [name for name in TABLES if name in versions and lacking(folder, name, versions[name])]


def renew() -> list[str]:
    """Ask for a run where tables are outdated, and name them; pages leave them out until then."""
    found = outdated()
    if found:
        log.info("made anew after an upgrade: %s", ", ".join(found))
        refresh(actor=None)
    return found


def renew_at_start() -> None:
    """The same as a worker starts, which it does whatever is the matter with a table."""
    try:
        renew()
    except Exception:
        log.exception("whether tables are outdated could not be told")
