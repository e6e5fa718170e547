"""Every kind of rows that a number can be opened to."""

from __future__ import annotations

from collections.abc import Mapping

from kizuna.web.know.rows.kind import Kind
from kizuna.web.know.rows.kinds import contracts, costs, experience, outlook, purchases

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        *(*purchases.KINDS, *contracts.KINDS, *outlook.KINDS),
        *(*costs.KINDS, *experience.KINDS),
    )
}
