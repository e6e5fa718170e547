"""Who is before the screen: a customer where the site's server vouches for it, else a browser."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from kizuna.web.accounts.secrecy import reveal
from kizuna.web.act.on_site.models import Secret
from kizuna.web.capture.identities.queries import customer_of

ANONYMOUS = "anon:"
NUMBER = re.compile(r"[0-9a-f]{32}")
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose decision it is, under `customer_id`.

    `is_proven`: the site's server signed for her, so that what is for her alone may be shown.
    `is_known`: events of this browser have said who she is; nobody vouches for that.
    """

    customer_id: str
    is_proven: bool = False
    is_known: bool = False


def visitor_of(browser: object, user: object, proof: object) -> Visitor | None:
    """Tell who asks; None: nobody that can be told apart."""
    if isinstance(user, str) and isinstance(proof, str) and _is_proven(user, proof):
        return Visitor(customer_of(user), is_proven=True, is_known=True)
    if not (isinstance(browser, str) and NUMBER.fullmatch(browser)):
        return None
    key = ANONYMOUS + browser
    now = customer_of(key)
    return Visitor(now, is_known=not now.startswith(ANONYMOUS))


def proof_of(secret: str, user: str) -> str:
    """Sign a customer's number, as the site's server does: HMAC-SHA256, in hexadecimal digits."""
    return hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()


def _is_proven(user: str, proof: str) -> bool:
    if not user or len(user) > LONGEST or user.startswith(ANONYMOUS) or not proof.isascii():
        return False
    kept = Secret.objects.filter(pk=Secret.THE_ONE).first()
    return kept is not None and hmac.compare_digest(proof_of(reveal(kept.sealed), user), proof)
