"""What happens elsewhere, as it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from kizuna.pipeline.engine import Engine
from kizuna.web.act.webhooks.services import tell, wants
from kizuna.web.capture.imports.models import Import
from kizuna.web.know.alerts.models import Alert
from kizuna.web.know.alerts.queries import told
from kizuna.web.know.publications.models import Publication, Status
from kizuna.web.know.publications.queries import Published

A_MESSAGE, MOST = 100, 1_000
"""Customers in one message, so that it stays under 20 kB, and those told after one publication."""
SHARE = 0.1

MOVED = """
SELECT customer_id, former.residual_clv AS before, latest.residual_clv AS after
FROM latest JOIN former USING (customer_id)
WHERE abs(latest.residual_clv - former.residual_clv)
      >= ? * greatest(abs(former.residual_clv), 1)
ORDER BY abs(latest.residual_clv - former.residual_clv) DESC, customer_id
LIMIT ?"""


def published(publication: Publication) -> None:
    """Tell of new figures, and of the customers whose value they moved the most."""
    said = {"publication": publication.pk, "as_of": publication.as_of}
    tell(topic="publication.published", key=str(publication.pk), data=said)
    if not wants("customer.value_changed"):
        return
    moved = _moved(publication)
    for at in range(0, len(moved), A_MESSAGE):
        key = f"{publication.pk}:{at // A_MESSAGE}"
        data = said | {"unit": "minor", "customers": moved[at : at + A_MESSAGE]}
        tell(topic="customer.value_changed", key=key, data=data)


def import_finished(*, import_id: int, **_said: object) -> None:
    """Tell of an import that is done."""
    found = Import.objects.get(pk=import_id)
    said = {"import": found.pk, "table": found.table}
    said |= {name: found.found.get(name) for name in ("new", "changed", "unchanged")}
    tell(topic="import.finished", key=f"{found.pk}:{found.finished_at}", data=said)


def alert_raised(*, alert_id: int, **_said: object) -> None:
    """Tell of an alert, once for each time that it became graver."""
    if not wants("alert.raised"):
        return
    for one in told(Alert.objects.filter(pk=alert_id)):
        key = f"{alert_id}:{one.alert.severity}:{one.alert.last_at.isoformat()}"
        tell(topic="alert.raised", key=key, data=one.as_json())


def _moved(publication: Publication) -> list[dict[str, Any]]:
    # what is older than a week may have been tidied away
    since = timezone.now() - timedelta(days=6)
    earlier = Publication.objects.filter(status=Status.PUBLISHED, published_at__gt=since)
    former = earlier.filter(pk__lt=publication.pk).order_by("-pk").first()
    if former is None:
        return []
    with Engine(threads=2) as engine:
        engine.register_parquet("latest", Published(publication).files("customer_facts"))
        engine.register_parquet("former", Published(former).files("customer_facts"))
        rows: list[dict[str, Any]] = engine.query(MOVED, (SHARE, MOST)).to_pylist()
    return rows
