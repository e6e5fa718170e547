"""Addresses of the application; each app brings its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from kizuna.web import health
from kizuna.web.accounts.models import Role
from kizuna.web.accounts.permissions import public, requires
from kizuna.web.accounts.views.profile import speak
from kizuna.web.act.messages.doors import follow, opened
from kizuna.web.act.on_site import doors as on_site
from kizuna.web.act.surveys.doors import answer_survey
from kizuna.web.capture.consents import doors
from kizuna.web.capture.ingest.api import take as take_event
from kizuna.web.capture.ingest.door import PATHS as EVENT_PATHS
from kizuna.web.ui import style

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", public(health.live), name="live"),
    path("health/ready", public(health.ready), name="ready"),
    path("language/", speak, name="set_language"),
    path("ui/", requires(Role.OWNER)(style.page), name="style"),
    path("", include("kizuna.web.accounts.urls")),
    path("jobs/", include("kizuna.web.jobs.urls")),
    path("", include("kizuna.web.know.board.urls")),
    path("revenue/", include("kizuna.web.know.revenue.urls")),
    path("", include("kizuna.web.know.effort.urls")),
    path("customer-health/", include("kizuna.web.know.health.urls")),
    path("retention/", include("kizuna.web.know.retention.urls")),
    path("rows/", include("kizuna.web.know.rows.urls")),
    path("what-if/", include("kizuna.web.know.scenarios.urls")),
    path("voice/", include("kizuna.web.know.voice.urls")),
    path("journey/", include("kizuna.web.know.journey.urls")),
    path("customers/", include("kizuna.web.know.customers.urls")),
    path("segments/", include("kizuna.web.know.segments.urls")),
    path("customers/", include("kizuna.web.know.profiles.urls")),
    path("customers/", include("kizuna.web.know.lists.urls")),
    path("notes/", include("kizuna.web.know.notes.urls")),
    path("alerts/", include("kizuna.web.know.alerts.urls")),
    path("day/", include("kizuna.web.know.day.urls")),
    path("imports/", include("kizuna.web.capture.imports.urls")),
    path("events/", include("kizuna.web.capture.events.urls")),
    path("sources/", include("kizuna.web.capture.sources.urls")),
    path("sites/", include("kizuna.web.capture.snippet.urls")),
    path("identities/", include("kizuna.web.capture.identities.urls")),
    path("contact-sources/", include("kizuna.web.capture.interactions.urls")),
    path("write-keys/", include("kizuna.web.capture.ingest.urls")),
    *(path(address[1:], take_event, name="take_event") for address in sorted(EVENT_PATHS)),
    path("privacy/", include("kizuna.web.capture.privacy.urls")),
    path("consents/", include("kizuna.web.capture.consents.urls")),
    path("preferences/<str:token>", doors.preferences, name="preferences"),
    path("unsubscribe/<str:token>", doors.unsubscribe, name="unsubscribe"),
    path("confirm/<str:secret>", doors.confirm, name="confirm"),
    path("pipeline/", include("kizuna.web.know.publications.urls")),
    path("webhooks/", include("kizuna.web.act.webhooks.urls")),
    path("surveys/", include("kizuna.web.act.surveys.urls")),
    path("s/<str:token>", answer_survey, name="answer_survey"),
    path("messages/", include("kizuna.web.act.messages.urls")),
    path("on-site/", include("kizuna.web.act.on_site.urls")),
    path("v1/on-site", on_site.settings, name="on_site_settings"),
    path("v1/on-site/ask", on_site.ask, name="on_site_ask"),
    path("v1/on-site/note", on_site.note, name="on_site_note"),
    path("v1/on-site/answer", on_site.answer, name="on_site_answer"),
    path("campaigns/", include("kizuna.web.act.campaigns.urls")),
    path("follow/<str:token>", follow, name="follow"),
    path("opened/<str:token>", opened, name="opened"),
    path("tasks/", include("kizuna.web.act.tasks.urls")),
    path("renewals/", include("kizuna.web.act.renewals.urls")),
    path("playbooks/", include("kizuna.web.act.playbooks.urls")),
    path("actions/", include("kizuna.web.act.actions.urls")),
    path("contact-gate/", include("kizuna.web.act.gate.urls")),
    path("results/", include("kizuna.web.measure.results.urls")),
    path("next-best/", include("kizuna.web.measure.next_best.urls")),
    path("experience-worth/", include("kizuna.web.measure.experience.urls")),
    path("api/v1/", include("kizuna.web.api")),
]

handler500 = "kizuna.web.errors.server_error"

if settings.OIDC_SERVER:
    urlpatterns += [path("sign-in/with/", include("kizuna.web.accounts.oidc_urls"))]

if settings.DEMO:
    urlpatterns += [path("demo/", include("kizuna.web.demo.urls"))]
