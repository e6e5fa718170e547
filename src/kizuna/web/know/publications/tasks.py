"""What the worker does for publications."""

from __future__ import annotations

from django.tasks import task

from kizuna.web.jobs import progress
from kizuna.web.know.publications import services


@task()
def publish(publication_id: int) -> None:
    """Run the pipeline and publish what it found."""
    services.publish(publication_id=publication_id, tell=progress.report)
