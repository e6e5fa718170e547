"""The views that a person may use, as the list shows them above itself."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.accounts.models import Person
from kizuna.web.know.lists.forms import ViewForm
from kizuna.web.know.lists.models import SavedView
from kizuna.web.know.lists.queries import views_for
from kizuna.web.know.lists.services import cleaned, may_delete
from kizuna.web.ui.components import Tab


def kept_views(person: Person, given: QueryDict) -> dict[str, Any]:
    """Give the tabs, the view that is open, and the form that keeps this one."""
    now, views = cleaned(given.urlencode()), list(views_for(person))
    is_open = next((view for view in views if view.query == now), None)
    tabs = [Tab(_("All customers"), reverse("customers:list"), not now)]
    tabs += [Tab(_name(v, person), _url(v), v == is_open) for v in views]
    return {
        "tabs": tabs if views else [],
        "view": is_open,
        "may_delete_view": is_open is not None and may_delete(person, is_open),
        "view_form": ViewForm(initial={"query": now}, auto_id="view_%s"),
    }


def _name(view: SavedView, person: Person) -> str:
    if view.person_id == person.pk:
        return view.name
    return _("%(view)s (by %(person)s)") % {"view": view.name, "person": view.person.name}


def _url(view: SavedView) -> str:
    return f"{reverse('customers:list')}?{view.query}"
