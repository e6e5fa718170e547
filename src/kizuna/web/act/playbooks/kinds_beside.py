"""The kinds of steps that other apps do: a message, a survey; and what of them is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.act.messages.models import Template, Text
from kizuna.web.act.messages.rendering import lacking, names_in
from kizuna.web.act.messages.services import NotWrittenError, enqueue
from kizuna.web.act.messages.variables import facts_of, known_of, language_of, values_of
from kizuna.web.act.playbooks.findings import Finding
from kizuna.web.act.playbooks.plan import Step
from kizuna.web.act.playbooks.steps import Doing, Expected, Field, StepError, StepKind, register
from kizuna.web.act.surveys.models import State as SurveyState
from kizuna.web.act.surveys.models import Survey
from kizuna.web.act.surveys.services.asking import NotOpenError, ask
from kizuna.web.know.profiles.models import ContactRole


def ready() -> None:
    """Register the kinds of the apps beside."""
    register(MESSAGE)
    register(SURVEY)


def template_of(name: str) -> Template | None:
    """Find a template that is in use."""
    found: Template | None = Template.objects.filter(name=name, retired_at=None).first()
    return found


def _message(doing: Doing) -> str:
    name = str(doing.step.values.get("template", ""))
    template = template_of(name)
    if template is None:
        raise StepError(_no_template(name))
    # the enrolment and the turn too: who comes again is written to again
    step = f"{doing.enrolment.pk}:{doing.key.partition(':')[2].partition(':')[2]}"
    try:
        enqueue(
            action=doing.enrolment.playbook.action,
            customer_id=doing.customer_id,
            step=step[:100],
            template=template,
            at=doing.at,
            recipient=str(doing.step.values.get("to") or ""),
        )
    except NotWrittenError:
        raise StepError(_no_template(name)) from None
    return ""


def unfilled(template: Template, customer_ids: Sequence[str]) -> dict[str, int]:
    """Count for each placeholder the customers for whom nothing fills it."""
    texts = {
        text.language: text
        for text in Text.objects.filter(
            version__template=template, version__number=template.version
        ).order_by("-channel")
    }
    if not texts:
        return {}
    facts = facts_of(customer_ids)
    spoken = {one: language_of(fact, texts, next(iter(texts))) for one, fact in facts.items()}
    names = [name for text in texts.values() for name in names_in(text)]
    known = known_of(facts, spoken, names)
    found: Counter[str] = Counter()
    for one in facts:
        found.update(lacking(texts[spoken[one]], values_of(known[one], names)))
    return dict(found)


def _message_check(step: Step) -> Iterator[Finding]:
    template = template_of(str(step.values.get("template", "")))
    if template is not None and template.version == 0:
        yield Finding(_("This template has no words yet."), (*step.path, "template"))


def _no_template(name: str) -> str:
    return _("There is no template “%(name)s” to be sent.") % {"name": name}


def _templates() -> Sequence[tuple[str, str]]:
    names = Template.objects.filter(retired_at=None).order_by("name").values_list("name", flat=True)
    return [(name, name) for name in names]


def _roles() -> Sequence[tuple[str, str]]:
    return [("", _("The customer")), *((r.value, str(r.label)) for r in ContactRole)]


def _survey(doing: Doing) -> str:
    name = str(doing.step.values.get("survey", ""))
    survey = Survey.objects.filter(name=name).first()
    try:
        if survey is None:
            raise NotOpenError
        ask(survey=survey, customer_id=doing.customer_id, key=doing.key, at=doing.at)
    except NotOpenError:
        raise StepError(_("There is no open survey “%(name)s”.") % {"name": name}) from None
    return ""


def _survey_check(step: Step) -> Iterator[Finding]:
    name = str(step.values.get("survey", ""))
    if not Survey.objects.filter(name=name, state=SurveyState.OPEN).exists():
        said = _("There is no open survey “%(name)s”.") % {"name": name}
        yield Finding(said, (*step.path, "survey"), is_error=False)


def _surveys() -> Sequence[tuple[str, str]]:
    return [(name, name) for name in Survey.objects.order_by("name").values_list("name", flat=True)]


def _sends(values: Mapping[str, Any]) -> str:
    said, role = {"name": values.get("template", "")}, str(values.get("to") or "")
    if not role:
        return _("Send “%(name)s”") % said
    word = ContactRole(role).label if role in ContactRole.values else role
    return _("Send “%(name)s” to the %(person)s of the customer") % (said | {"person": word})


MESSAGE = StepKind(
    name="message",
    label=gettext_lazy("Send a message"),
    fields=(
        Field("template", gettext_lazy("Template"), "choice", choices=_templates),
        Field("to", gettext_lazy("To whom"), "choice", required=False, choices=_roles),
    ),
    says=_sends,
    check=_message_check,
    run=_message,
    expects=lambda values: Expected(units=1),
    icon="mail",
)
SURVEY = StepKind(
    name="survey",
    label=gettext_lazy("Ask in a survey"),
    fields=(Field("survey", gettext_lazy("Survey"), "choice", choices=_surveys),),
    says=lambda values: _("Ask by the survey “%(name)s”") % {"name": values.get("survey", "")},
    check=_survey_check,
    run=_survey,
    icon="voice",
)
