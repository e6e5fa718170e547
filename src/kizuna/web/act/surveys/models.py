"""Surveys with their questions, waves, whom they asked, what came back, and the pace of asking."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.actions.models import Action
from kizuna.web.act.messages.models import Template


class Kind(models.TextChoices):
    """What is asked first; three of them in official words."""

    NPS = "nps", _("NPS (recommendation)")
    CSAT = "csat", _("CSAT (satisfaction)")
    CES = "ces", _("CES 2.0 (ease)")
    CUSTOM = "custom", _("Own questions")


class State(models.TextChoices):
    """Where a survey stands."""

    DRAFT = "draft", pgettext_lazy("survey", "Draft")
    OPEN = "open", _("Taking answers")
    CLOSED = "closed", pgettext_lazy("survey", "Closed")


class Every(models.IntegerChoices):
    """How often a wave begins by itself."""

    NEVER = 0, _("Only by hand, by playbooks and by links")
    MONTH = 1, _("Every month")
    QUARTER = 3, _("Every three months")
    HALF = 6, _("Every six months")
    YEAR = 12, _("Every year")


class Survey(models.Model):
    """What is asked, of whom, how often; `subject` is what the question names.

    `low_at`: an answer up to here is a low one; empty: no answer is. `segment`: number of the
    segment that waves ask; empty: all customers.
    """

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=6, choices=Kind)
    subject_en = models.CharField(max_length=120, blank=True)
    subject_ja = models.CharField(max_length=120, blank=True)
    low_at = models.SmallIntegerField(null=True)
    every = models.PositiveSmallIntegerField(choices=Every, default=Every.NEVER)
    open_days = models.PositiveSmallIntegerField(default=30)
    segment = models.PositiveBigIntegerField(null=True)
    action = models.OneToOneField(Action, models.PROTECT, related_name="survey")
    template = models.ForeignKey(Template, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    next_on = models.DateField(null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """A wave is open for 1 to 365 days; the next one of an open survey is known."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="a_survey_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="survey_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="survey_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(every__in=Every.values), name="survey_waves_come_as_offered"
            ),
            models.CheckConstraint(
                condition=Q(open_days__range=(1, 365)), name="a_wave_is_open_up_to_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"survey {self.pk}: {self.name}"

    @property
    def subject(self) -> str:
        """What the question names, in the language of the page."""
        return in_language(self.subject_en, self.subject_ja)


class QuestionKind(models.TextChoices):
    """How a question is answered."""

    SCALE = "scale", _("A number on a scale")
    CHOICE = "choice", _("One of several choices")
    TEXT = "text", _("In words")


class Question(models.Model):
    """A question; the first of a survey is its score. Choices stand one a line."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6, choices=QuestionKind)
    text_en = models.CharField(max_length=300, blank=True)
    text_ja = models.CharField(max_length=300, blank=True)
    low = models.SmallIntegerField(null=True)
    high = models.SmallIntegerField(null=True)
    ends_en = models.CharField(max_length=120, blank=True)
    ends_ja = models.CharField(max_length=120, blank=True)
    choices_en = models.TextField(blank=True)
    choices_ja = models.TextField(blank=True)
    is_required = models.BooleanField(default=False)

    class Meta:
        """Each number once a survey; a scale has two ends, at most 11 numbers apart."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["survey", "number"], name="question_number_once"),
            models.CheckConstraint(
                condition=~Q(text_en="") | ~Q(text_ja=""), name="question_has_words"
            ),
            models.CheckConstraint(
                condition=~Q(kind="scale")
                | Q(low__gte=0, high__gt=F("low"), high__lte=F("low") + 10),
                name="a_scale_has_two_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.number} of survey {self.survey_id}"

    @property
    def text(self) -> str:
        """The question in the language of the page."""
        return in_language(self.text_en, self.text_ja)

    @property
    def ends(self) -> list[str]:
        """What the lowest and the highest number mean."""
        return [end.strip() for end in in_language(self.ends_en, self.ends_ja).split("|")]

    @property
    def scale(self) -> range:
        """The numbers of its scale."""
        if self.low is None or self.high is None:
            return range(0)
        return range(self.low, self.high + 1)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Each choice as it is kept, in the first language that is there, and as it is read."""
        kept = lines(self.choices_en or self.choices_ja)
        read = lines(in_language(self.choices_en, self.choices_ja))
        return list(zip(kept, read if len(read) == len(kept) else kept, strict=True))


class Wave(models.Model):
    """One round of a survey, from its beginning to its close."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="waves")
    number = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    asked_until = models.TextField(blank=True)  # id of the customer whom it came to last
    asked_at = models.DateTimeField(null=True)  # when everyone had been gone through
    asks_everyone = models.BooleanField(default=False)
    # of those who were let go of after the period for answers
    past_sent = models.PositiveBigIntegerField(default=0)
    past_not_asked = models.PositiveBigIntegerField(default=0)
    past_answered = models.PositiveBigIntegerField(default=0)

    class Meta:
        """Each number once a survey; a wave closes after it was opened."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["survey", "number"], name="wave_number_once"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at")), name="a_wave_closes_later"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["closes_at"], name="waves_by_close")]

    def __str__(self) -> str:
        return f"wave {self.number} of survey {self.survey_id}"


class Standing(models.TextChoices):
    """What became of asking a customer."""

    WAITING = "waiting", _("To be sent")
    SENT = "sent", _("Sent")
    NOT_ASKED = "not_asked", _("Not asked")


class Why(models.TextChoices):
    """Why somebody was not asked."""

    LATELY = "lately", _("asked by a survey lately")
    HELD_OUT = "held_out", _("held out by chance, to compare")
    ERASED = "erased", _("erased")
    GATE = "gate", _("not let through by the contact gate, or not reached")
    CLOSED = "closed", _("the survey is closed")


class Ask(models.Model):
    """A customer in a wave: asked, or not and why. `key` lets it happen once.

    `is_on_site`: asked on the web site, so that no mail goes out.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="asks")
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="asks")
    customer_id = models.TextField()
    unique_key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=Standing)
    why = models.CharField(max_length=10, choices=Why, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    is_on_site = models.BooleanField(default=False)

    class Meta:
        """One a customer and wave; who was not asked was so for a reason."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wave", "customer_id"], name="asked_once_a_wave"),
            models.CheckConstraint(
                condition=Q(state="not_asked") & ~Q(why="") | ~Q(state="not_asked") & Q(why=""),
                name="not_asked_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="what_was_sent_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "-made_at"], name="asks_of_customer"),
            models.Index(fields=["wave", "state"], name="asks_of_wave"),
        ]

    def __str__(self) -> str:
        return f"ask {self.pk}"

    @property
    def response_id(self) -> str:
        """The id that its answer has in `responses`."""
        return f"survey-ask-{self.pk}"


class Answer(models.Model):
    """What a customer answered in a wave; `version` grows with each change.

    `told` is the version that the tables were told last; `was_low` stays once a low one was told to
    playbooks. `replies`: number of the question →
    number, choice or words.
    """

    ask = models.OneToOneField(Ask, models.CASCADE, related_name="answer")
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="answers")
    customer_id = models.TextField()
    score = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    replies = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    told = models.PositiveIntegerField(default=0)
    is_low = models.BooleanField(default=False)
    was_low = models.BooleanField(default=False)
    answered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """No more is told than was said."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(told__lte=F("version")), name="told_what_was_said"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["survey", "-answered_at", "-id"], name="answers_of_survey"),
            models.Index(
                fields=["id"], name="answers_to_be_told", condition=Q(told__lt=F("version"))
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Pace(models.Model):
    """The one row that says how often a customer may be asked, over all surveys."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    days = models.PositiveSmallIntegerField(default=90)

    class Meta:
        """At most one row; from a day to two years."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="one_pace_of_surveys"),
            models.CheckConstraint(condition=Q(days__range=(1, 730)), name="pace_is_in_days"),
        ]

    def __str__(self) -> str:
        return f"one survey in {self.days} days"


def in_language(english: str, japanese: str) -> str:
    """Choose by the language of the page; where one is missing, the other."""
    is_japanese = (get_language() or "").startswith("ja")
    first, second = (japanese, english) if is_japanese else (english, japanese)
    return first or second


def lines(text: str) -> list[str]:
    """Give the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
