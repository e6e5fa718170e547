"""What the page of a customer shows, put together for its template."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kizuna.web.accounts.models import Person, Role
from kizuna.web.capture.consents.queries import offers
from kizuna.web.capture.identities.queries import identity
from kizuna.web.know.alerts.queries import of_customer as alerts_of
from kizuna.web.know.customers import contracts as paying
from kizuna.web.know.customers import stories
from kizuna.web.know.customers.accounts import family
from kizuna.web.know.customers.panels import FIRST, LATER, panels
from kizuna.web.know.customers.queries import Customer
from kizuna.web.know.effort.queries import of_customer as issues_of
from kizuna.web.know.effort.wording import issues
from kizuna.web.know.health.customer import panel as health_panel
from kizuna.web.know.health.standing import rating_of
from kizuna.web.know.notes.forms import NoteForm
from kizuna.web.know.notes.queries import notes_on
from kizuna.web.know.notes.services import may_change
from kizuna.web.know.profiles import queries as profiles
from kizuna.web.know.profiles.forms import TagForm
from kizuna.web.know.profiles.models import Field
from kizuna.web.know.retention.serving import of_customer as serving_of
from kizuna.web.know.revenue.queries import of_customer
from kizuna.web.know.revenue.wording import contracts, use
from kizuna.web.know.segments.queries import of_customer as segments_of
from kizuna.web.know.segments.queries import stage_of_customer
from kizuna.web.know.segments.tables import of_customer as segments_table
from kizuna.web.know.segments.tables import stage_of
from kizuna.web.know.voice.queries import of_customer as comments_of
from kizuna.web.know.voice.wording import of_customer as said_by
from kizuna.web.ui.components import Tab
from kizuna.web.ui.templatetags.ui import writer


def page_of(found: Customer, person: Person) -> dict[str, Any]:
    """Give what the first page of a customer shows."""
    customer_id, known = found.fact.customer_id, profiles.fields()
    profile, paid = profiles.profile(customer_id), of_customer(found.state, customer_id)
    return {
        "customer": found,
        "tabs": tabs_of(found, "one"),
        "story": stories.story(found),
        "advice": stories.advice(found),
        "contract_stats": paying.stats(found),
        "alive_share": stories.alive_share(found),
        "bounds": stories.value_interval(found),
        "explain": stories.explained(found),
        "explained": stories.explained_more(found),
        "may_change": person.may(Role.MEMBER),
        "may_ask": person.may(Role.MANAGER),
        "owner": profile.owner.name if profile.owner else found.fact.owner_email,
        "own_fields": _own_fields(customer_id, known),
        "tags": profiles.tags_of(customer_id),
        "tag_form": TagForm(auto_id="tag_%s"),
        "contacts": profiles.contacts(customer_id),
        "notes": [(note, may_change(person, note)) for note in notes_on(customer_id)],
        "note_form": NoteForm(auto_id="note_%s"),
        "family": family(found.fact),
        "contracts": contracts(paid),
        "contract_use": use(paid),
        "cost_to_serve": serving_of(found.state, customer_id),
        "customer_issues": issues(
            issues_of(found.state, customer_id), _("Issues, latest first"), whose=False
        ),
        "customer_voice": said_by(found.state, comments_of(found.state, customer_id)),
        "health": health_panel(found.fact, rating_of(customer_id, profile, found.fact.owner_email)),
        "identity": identity(customer_id),
        "customer_alerts": alerts_of(customer_id),
        "first_panels": panels(FIRST, customer_id, person),
        "later_panels": panels(LATER, customer_id, person),
        "customer_stage": stage_of(stage_of_customer(found.state, customer_id)),
        "customer_segments": segments_table(segments_of(customer_id), customer_id),
        "consents": offers(customer_id),
    }


def tabs_of(found: Customer, current: str) -> list[Tab]:
    """Give the pages of a customer."""
    names = {
        "one": _("Overview"),
        "timeline": _("Timeline"),
        "orders": _("Orders"),
        "facts": _("Facts"),
    }
    query = {"id": found.fact.customer_id}
    tabs = [
        Tab(label, reverse(f"customers:{name}", query=query), name == current)
        for name, label in names.items()
    ]
    return [*tabs, Tab(_("Health"), reverse("health:one", query=query), current == "health")]


def _own_fields(customer_id: str, known: list[Field]) -> list[tuple[str, str]]:
    """Write the organisation's own fields that hold something."""
    say, kept = writer(), profiles.values(customer_id, known)
    writers = {"number": lambda v: say.number(v, 0 if v == int(v) else 2), "date": say.day}
    return [
        (field.name, writers.get(field.kind, str)(kept[field.pk]))
        for field in known
        if field.pk in kept
    ]
