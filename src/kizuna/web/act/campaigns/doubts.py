"""What speaks against starting a campaign, besides what does against any action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.act.actions.doubts import Doubt
from kizuna.web.act.campaigns.models import Campaign, Step
from kizuna.web.act.messages.channels import is_ready
from kizuna.web.act.messages.models import Channel, Text
from kizuna.web.capture.consents.queries import sender
from kizuna.web.ui.templatetags.ui import writer


def doubts(campaign: Campaign, steps: Sequence[Step]) -> Iterator[Doubt]:
    """Say why nothing would go out."""
    yield from obstacles(steps)
    if campaign.looked_at and not campaign.looked.get("counts", {}).get("reached"):
        yield Doubt("serious", _("As it stands, nobody would be written to."), 0)


def obstacles(steps: Sequence[Step]) -> Iterator[Doubt]:
    """Say what keeps everything from going out, before the start or after, and where to mend it."""
    lacking = sender().missing
    if lacking:
        text = _("Nothing can be sent yet: of the sender it is missing: %(what)s.")
        text %= {"what": writer().join(map(str, lacking))}
        yield _mended(text, reverse("consents:sender"), _("Fill in the sender"))
    for channel in sorted(_channels(steps)):
        if not is_ready(channel):
            text = _("Nothing can be sent by %(channel)s yet: it is not set up.")
            text %= {"channel": Channel(channel).label}
            yield _mended(text, reverse("messages:channels"), _("Set up the channels"))


def _mended(text: str, url: str, action: str) -> Doubt:
    return Doubt("serious", text, url=url, action=action)


def _channels(steps: Sequence[Step]) -> set[str]:
    """Give the channels that the templates have words for, as they stand."""
    now = {(step.template_id, step.template.version) for step in steps}
    words = Text.objects.filter(version__template__in={pk for pk, _ in now})
    found = words.values_list("version__template_id", "version__number", "channel")
    return {channel for pk, number, channel in found if (pk, number) in now}
