"""What the worker does for segments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kizuna.web.jobs.tasks import job
from kizuna.web.know.publications.models import Publication
from kizuna.web.know.segments import services
from kizuna.web.know.segments.models import Segment


@job(title=_("Find who is in the segments"), unique="know.segments", run_again=True)
def rebuild() -> None:
    """Find who is in each segment, and write what changed."""
    services.rebuild()


def after_publication(publication: Publication) -> None:
    """Ask for a rebuild, where there are segments."""
    if Segment.objects.exists():
        rebuild.enqueue()
