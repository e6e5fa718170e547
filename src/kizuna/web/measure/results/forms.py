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
from kizuna.web.ui.templatetags.ui import writer

HORIZONS: Final = (0, 28, 90, 180, 365)


class DecisionForm(forms.Form):
    """What to do, and why; only what is possible now is offered."""

    verb = forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the decision log together with what the result says today."),
    )

    def __init__(self, data: QueryDict | None, *, action: Action) -> None:
        """Offer what can be done with this action."""
        super().__init__(data)
        self.fields["verb"].choices = choices(action)  # type: ignore[attr-defined]


def choices(action: Action) -> list[tuple[str, object]]:
    """List what can be decided of an action as it stands."""
    found: list[tuple[str, object]] = [(Verb.NOTE.value, Verb.NOTE.label)]
    if action.state in (State.LIVE, State.PAUSED) and action.holdout < MOST:
        shown = {"now": writer().percent(action.holdout)}
        shown["then"] = writer().percent(raised(action.holdout))
        text = _("Hold out more: %(then)s of new customers instead of %(now)s")
        found.append((Verb.RAISE.value, str(text) % shown))
    if action.state == State.LIVE:
        found.append((Verb.STOP.value, _("Stop: nobody is treated until it is resumed")))
    if action.state in (State.LIVE, State.PAUSED):
        found.append((Verb.CONCLUDE.value, _("Conclude: it has ended, and its result matures")))
    return found


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
