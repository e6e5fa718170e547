"""The inbox: what was received, kept durably until the worker has made tables of it.

It stands apart from Django's models, for the process that takes events in has none: a file of its
own (SQLite) or one table beside the others (PostgreSQL). Exactly once, whoever dies when:

1. `claim(n, limit)` sets rows aside under the number n, in one transaction; asked again for a
   number that is out it gives the same rows again.
2. The tables are written with the transaction n in the same commit (nothing, where they have n).
3. `settle(n)` deletes the rows of n.

After a start: for each number of `unsettled()` do 2 and 3 again with `claimed(n)`.
"""

from kizuna.web.capture.inbox.entries import Arrival, Entry, Inbox, InboxError
from kizuna.web.capture.inbox.place import inbox_at, open_inbox

__all__ = ["Arrival", "Entry", "Inbox", "InboxError", "inbox_at", "open_inbox"]
