"""What people ask of results, and what they decide."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kizuna.web.act.actions.models import Action, State
from kizuna.web.measure.results.models import Verb
from kizuna.web.measure.results.queries import ORDER
from kizuna.web.measure.results.services import MOST, raised
from kizuna.web.ui.templatetags.ui import share

HORIZONS: Final = (0, 28, 90, 180, 365)


class DecisionForm(forms.Form):
    """What to do, and why; only what is possible now is offered."""

    verb = forms.ChoiceField()
    reason = forms.CharField(
        label=_("Why"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the decision log together with what the result says today."),
    )

    def __init__(self, data: QueryDict | None, *, action: Action, why: str = "") -> None:
        """Offer what can be done with this action; what the result says is reason enough."""
        super().__init__(data, initial={"reason": why})
        self.ways = choices(action)
        self.fields["verb"].choices = [(value, label) for value, label, _ in self.ways]  # type: ignore[attr-defined]


def choices(action: Action) -> list[tuple[str, str, str]]:
    """List what can be decided of an action as it stands, each with what follows."""
    if action.state not in (State.LIVE, State.PAUSED):
        return []
    found = [_way(Verb.NOTE, _("Nothing changes; the log keeps that it was looked at."))]
    if action.holdout < MOST:
        shown = {"now": share(action.holdout)}
        shown["then"] = share(raised(action.holdout))
        text = _("%(then)s of new customers instead of %(now)s: it becomes known sooner.")
        found.append(_way(Verb.RAISE, str(text) % shown))
    if action.state == State.LIVE:
        found.append(_way(Verb.STOP, _("Nobody is treated until it is resumed.")))
    text = _("It ends for good; its result matures by itself.")
    return [*found, _way(Verb.CONCLUDE, text)]


def _way(verb: Verb, follows: object) -> tuple[str, str, str]:
    return verb.value, str(verb.label), str(follows)


def word(data: QueryDict) -> str:
    """Read which verdict is asked for."""
    asked = data.get("verdict", "")
    return asked if asked in ORDER else ""


def page(data: QueryDict) -> int:
    """Read which page is asked for."""
    asked = data.get("page", "")
    return max(int(asked), 1) if asked.isdecimal() and len(asked) < 8 else 1


def days(data: QueryDict) -> int:
    """Read which horizon is asked for; to date where none is."""
    asked = data.get("days", "")
    return int(asked) if asked in {str(days) for days in HORIZONS} else 0
