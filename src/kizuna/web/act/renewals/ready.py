"""The ladder and the reasons that come with Kizuna; both are changed under Renewals → Ladder."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Text = str | Promise

CHECKPOINTS = (60, 30, 10)
"""Business days before the deadline by which a person must have spoken."""

RUNGS: tuple[tuple[int, Text, Text, bool, int], ...] = (
    (
        60,
        _("Review with the customer what was achieved"),
        _("With whoever decides: what was the aim, what came of it in figures, what is missing."),
        False,
        60,
    ),
    (
        40,
        _("Agree on what the next term should bring"),
        _("Terms, seats, price. Who has to sign, and by when does it have to be on their desk?"),
        False,
        45,
    ),
    (
        20,
        _("Ask for the decision"),
        _("Talk to whoever decides. Where it is open, bring in the sponsor of both sides."),
        False,
        30,
    ),
    (
        10,
        _("Tell the customer of the deadline, as the contract asks"),
        _("The last day on which notice counts, and what happens if nothing is said."),
        True,
        15,
    ),
)
"""Business days before the deadline, what, why, whether it is a duty, minutes."""

REASONS: tuple[Text, ...] = (
    _("Price"),
    _("Budget was cut"),
    _("Something is missing in the product"),
    _("It was hardly used"),
    _("Service was not good enough"),
    _("A competitor"),
    _("Whoever stood for it has left"),
    _("Business closed or was taken over"),
    _("Another reason"),
)
