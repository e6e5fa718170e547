"""By what the past was told when something was tried on it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kizuna.web.know.alerts.facts import label
from kizuna.web.ui.templatetags.ui import writer

OF_KIND = {
    "contract": gettext_lazy("customers under contract"),
    "purchase": gettext_lazy("customers who buy without a contract"),
}


def basis(said: Mapping[str, Any]) -> Iterator[str]:
    """Say how many customers were followed, by which models, and what is of today."""
    say = writer()
    if said.get("of", 0) < said.get("everyone", 0):
        part = _("Tried on %(n)s of %(all)s customers.")
        yield part % {"n": say.number(said["of"]), "all": say.number(said["everyone"])}
    for one in said.get("models", ()):
        yield _model(one)
    if said.get("models"):
        yield _("Health that a person has set by hand is left out.")
    if said.get("valued"):
        yield _(
            "What customers were worth is what the model of today gives, from what they had "
            "bought by then. It has learnt from these weeks too: there it looks a little better "
            "than it would have been."
        )
    if names := said.get("as_today"):
        text = _("Known of today alone, and taken to have been so all the time: %(facts)s.")
        yield text % {"facts": _(", ").join(label(name) for name in names)}


def _model(one: Mapping[str, Any]) -> str:
    values = {"customers": OF_KIND[one["kind"]]}
    if one["learnt_by"] is None:
        text = _(
            "Health and the risk of leaving of %(customers)s are those that the model of today "
            "gives, from facts as they were known then. It has learnt from part of these weeks: "
            "there it looks better than it would have been."
        )
        return text % values
    if one["from_start"]:
        text = _(
            "Health and the risk of leaving of %(customers)s are those of models that were fitted "
            "anew every four weeks, to what was known by then."
        )
        return text % values
    text = _(
        "Health and the risk of leaving of %(customers)s are those of models that were fitted anew "
        "every four weeks, to what was known by then. Before %(day)s too little was known to learn "
        "from: those weeks are by the first of the models, which knew what came up to that day."
    )
    return text % (values | {"day": writer().day(date.fromisoformat(one["learnt_by"]))})
