"""A message on the web site, whom it was shown to, and what they did with it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_WAIT = 600
MOST_TIMES, MOST_DAYS = 20, 365


class Look(models.TextChoices):
    """How it looks."""

    BANNER = "banner", _("Banner at the foot of the page")
    POP_UP = "popup", _("Pop-up over the page")


class Trigger(models.TextChoices):
    """When it comes."""

    AT_ONCE = "at_once", _("At once")
    SECONDS = "seconds", _("After so many seconds")
    SCROLL = "scroll", _("After scrolling so many percent of the page")
    LEAVING = "leaving", _("When the pointer leaves the page at the top")


class Audience(models.TextChoices):
    """Whom it is for."""

    EVERYONE = "everyone", _("Every visitor")
    ANONYMOUS = "anonymous", _("Visitors of whom nobody knows who they are")
    SEGMENT = "segment", _("Customers of a segment, where the site says who they are")


class Message(models.Model):
    """A message on the site; its name, state and holdout are those of its action.

    `after` is seconds, or percent of the page. `pages`: patterns of paths, one a line; empty: all.
    `survey`: what it asks; its holdout and pace hold then, and none of the message's own.
    """

    action = models.OneToOneField("actions.Action", models.PROTECT, related_name="on_site")
    look = models.CharField(max_length=10, choices=Look, default=Look.BANNER)
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.AT_ONCE)
    after = models.PositiveSmallIntegerField(default=0)
    pages = models.TextField(blank=True)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.EVERYONE)
    segment = models.ForeignKey("segments.Segment", models.PROTECT, null=True, related_name="+")
    survey = models.ForeignKey("surveys.Survey", models.PROTECT, null=True, related_name="+")
    title_ja = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    body_ja = models.TextField(blank=True)
    body_en = models.TextField(blank=True)
    button_ja = models.CharField(max_length=60, blank=True)
    button_en = models.CharField(max_length=60, blank=True)
    link = models.CharField(max_length=1000, blank=True)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    times = models.PositiveSmallIntegerField(default=1)
    days = models.PositiveSmallIntegerField(default=30)
    past_shown = models.PositiveBigIntegerField(default=0)  # of rows that were let go of
    past_followed = models.PositiveBigIntegerField(default=0)
    past_raw_followed = models.PositiveBigIntegerField(default=0)
    past_closed = models.PositiveBigIntegerField(default=0)
    edition = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Choices are known; a segment where it is for one; caps let one through."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(look__in=Look.values)
                & Q(trigger__in=Trigger.values)
                & Q(audience__in=Audience.values),
                name="on_site_choices_are_known",
            ),
            models.CheckConstraint(
                condition=Q(audience="segment", segment__isnull=False)
                | (~Q(audience="segment") & Q(segment__isnull=True)),
                name="on_site_segment_where_it_is_for_one",
            ),
            models.CheckConstraint(
                condition=Q(times__range=(1, MOST_TIMES), days__range=(1, MOST_DAYS)),
                name="on_site_cap_lets_one_through",
            ),
            models.CheckConstraint(
                condition=Q(after__lte=LONGEST_WAIT) & (~Q(trigger="scroll") | Q(after__lte=100)),
                name="on_site_comes_some_time",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True)
                | Q(from_on__isnull=True)
                | Q(until_on__gte=F("from_on")),
                name="on_site_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(link="")
                | Q(link__startswith="https://")
                | Q(link__startswith="http://"),
                name="on_site_link_leads_into_the_web",
            ),
        ]

    def __str__(self) -> str:
        return f"message on the site {self.pk}"


class Showing(models.Model):
    """A message that was let through to a visitor, for the so-manyeth time; then what came of it.

    `customer_id` is the customer, or `anon:` and the browser's number.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="showings")
    ask = models.ForeignKey("surveys.Ask", models.SET_NULL, null=True, related_name="+")
    customer_id = models.TextField()
    number = models.PositiveIntegerField()
    let_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta:
        """Each time once, however many pages ask at the same moment."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message", "customer_id", "number"], name="on_site_showing_once"
            ),
            models.CheckConstraint(condition=~Q(customer_id=""), name="on_site_showing_somebodys"),
            models.CheckConstraint(condition=Q(number__gte=1), name="on_site_showing_is_counted"),
        ]

    def __str__(self) -> str:
        return f"showing {self.pk}"


class HitKind(models.TextChoices):
    """What a visitor did with it."""

    SHOWN = "shown", _("Shown to the visitor")
    CLICKED = "clicked", _("Followed by the visitor")
    CLOSED = "closed", _("Closed by the visitor")
    ANSWERED = "answered", _("Answered by the visitor")


class Hit(models.Model):
    """Something that a page told of a showing, as it came; `why`: by what a program is known."""

    showing = models.ForeignKey(Showing, models.CASCADE, related_name="hits")
    customer_id = models.TextField()
    kind = models.CharField(max_length=10, choices=HitKind)
    at = models.DateTimeField()
    agent = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=20, blank=True)

    class Meta:
        """Kinds are known."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=HitKind.values), name="on_site_hit_kind")
        ]
        indexes: ClassVar = [models.Index(fields=["showing", "kind"], name="on_site_hits")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Secret(models.Model):
    """The one row with what a site's server signs customers' numbers with, sealed."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    sealed = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """At most one row."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="one_on_site_secret")
        ]

    def __str__(self) -> str:
        return "secret of the site"
