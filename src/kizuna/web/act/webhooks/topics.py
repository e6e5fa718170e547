"""What can be told; apps that make a new kind of event add it here."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of event: its name in the message, and what people read."""

    name: str
    title: str | Promise


TOPICS = {
    topic.name: topic
    for topic in (
        Topic("publication.published", _("New figures were published")),
        Topic("customer.value_changed", _("The value of customers changed by a tenth or more")),
        Topic("import.finished", _("An import was finished")),
        Topic("alert.raised", _("An alert was raised")),
    )
}
