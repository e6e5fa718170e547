"""The rules by which a machine connects keys, or suggests to people that two customers are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it is called, what it does, and whether it connects by itself."""

    code: str
    label: str | Promise
    meaning: str | Promise
    connects: bool = False


RULES: Final = {
    rule.code: rule
    for rule in (
        Rule(
            "anonymous",
            _("A visitor signs in"),
            _("What an anonymous visitor did belongs to the first customer who is then named."),
            connects=True,
        ),
        Rule(
            "alias",
            _("A program names a former key"),
            _(
                "A key that is no customer yet is connected. Of two customers who are both known, "
                "a person decides."
            ),
            connects=True,
        ),
        Rule(
            "member",
            _("A person belongs to an account"),
            _("Persons are shown with their accounts; nobody is merged."),
            connects=True,
        ),
        Rule("email", _("Same mail address"), _("The mail addresses are the same.")),
        Rule("phone", _("Same telephone number"), _("The telephone numbers are the same.")),
        Rule(
            "corporate_number",
            _("Same corporate number"),
            _("The corporate numbers (13 digits with a valid check digit) are the same."),
        ),
        Rule(
            "company_name",
            _("Same company name"),
            _("The names are the same without the legal form, such as 株式会社, (株) or ㈱."),
        ),
        Rule(
            "name_kana",
            _("Same name and reading"),
            _("Persons with the same name, the same reading and the same region."),
        ),
    )
}
SUGGESTING: Final = tuple(rule.code for rule in RULES.values() if not rule.connects)
BY_HAND: Final = "hand"
