"""What visitors are told of the script, in Japanese and English, from a site's settings.

Japan's rule on external transmission (Telecommunications Business Act, article 27-12) wants three
things told: what is sent, to whom, and to what end.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from kizuna.web.capture.snippet.models import Consent, Query, Site

SENT: tuple[str | Promise, ...] = (
    gettext_lazy("the time, and a number of the browser and of the visit that we draw by lot"),
    gettext_lazy("the kind of browser, its language and its time zone, and the IP address"),
)
PAGES = gettext_lazy("address and title of the pages seen, and of the page that led there")
BARE = gettext_lazy(
    "of addresses, what follows the question mark is left out, but for the source of a visit "
    "(utm_…)"
)
WHOLE = gettext_lazy("of addresses, also what follows the question mark")
DONE = gettext_lazy("what is done on a page, where the site notes it, such as putting into a cart")
SHOWN = gettext_lazy(
    "which messages were shown on the page, and whether they were followed or closed"
)
KNOWN = gettext_lazy("after signing in, the customer's number and what the site says of her")


@dataclass(frozen=True, slots=True)
class Notice:
    """The text in one language: a heading, facts with their names, and paragraphs."""

    language: str
    title: str
    facts: list[tuple[str, list[str]]]
    paragraphs: list[str]

    @property
    def text(self) -> str:
        """The whole as plain text, to be copied."""
        facts = [f"{name}\n" + "\n".join(f"- {said}" for said in all_) for name, all_ in self.facts]
        return "\n\n".join((self.title, *facts, *self.paragraphs)) + "\n"


def notices(site: Site) -> list[Notice]:
    """Give the text in Japanese and in English."""
    return [_notice(site, language) for language in ("ja", "en")]


def _notice(site: Site, language: str) -> Notice:
    with override(language):
        purpose = site.purpose_ja if language == "ja" else site.purpose_en
        facts = [
            (_("What is sent"), _sent(site)),
            (_("To whom"), [site.recipient]),
            (_("To what end"), [purpose]),
        ]
        title = _("On the sending of information about visitors")
        return Notice(language, title, facts, _paragraphs(site))


def _sent(site: Site) -> list[str]:
    pages = [PAGES, WHOLE if site.query == Query.ALL else BARE]
    more = [SHOWN] if site.messages else []
    return [str(said) for said in (*pages, DONE, KNOWN, *more, *SENT)]


def _paragraphs(site: Site) -> list[str]:
    said = [
        _("It is sent by a script of ours, Kizuna, and to nobody else. No cookies are used; what "
          "waits to be sent is kept in the storage of the browser."),
    ]  # fmt: skip
    if site.consent == Consent.ASK:
        said.append(
            _("Nothing is kept or sent before you agree. You can take your consent back at any "
              "time; what the browser keeps is then deleted.")
        )  # fmt: skip
    else:
        said.append(
            _("You can refuse at any time; what the browser keeps is then deleted. Where your "
              "browser sends Global Privacy Control, nothing is sent.")
        )  # fmt: skip
    if site.contact:
        said.append(_("More: %(contact)s") % {"contact": site.contact})
    return said
