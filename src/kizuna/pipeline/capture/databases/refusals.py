"""Why a database is not read: one sentence a reason, said in any language by its code."""

from __future__ import annotations

from kizuna.pipeline.errors import InputError

TEXTS = {
    "address": "%(address)s is no address of a database: write postgresql://user@host/database, "
    "mysql://user@host/database or sqlite:///file.db",
    "option": "%(option)s is not understood in the address of a database: leave it out",
    "password_shown": "a password on the command line can be read by everyone on the machine: "
    "put the address into an environment variable, e.g. SHOP_URL, and write env:SHOP_URL",
    "no_variable": "the environment variable %(name)s is not set: it should hold the address",
    "no_driver": "reading %(kind)s needs more packages: install kizuna[web]",
    "unknown_host": "%(host)s is no name that this server can look up: check its spelling",
    "forbidden": "%(host)s (%(address)s) may not be reached: whoever runs the server allows it "
    "with KIZUNA_DATABASE_HOSTS",
    "never": "%(host)s (%(address)s) is never reached: it belongs to the machine or its network, "
    "not to a database",
    "outside_folder": "%(name)s: SQLite files are read only from the folder of files to import",
    "no_file": "%(name)s: there is no such SQLite file",
    "no_sqlite": "%(name)s is no SQLite file, or it cannot be read: %(reason)s",
    "unreachable": "%(host)s cannot be reached: %(reason)s. Check host, port and firewall",
    "password": "%(host)s does not let the user %(user)s in: check name and password",
    "no_database": "%(host)s has no database %(database)s that this user may open",
    "not_allowed": "the database does not let this user do that: %(reason)s. Grant SELECT on it",
    "wrong_query": "the database does not understand this: %(reason)s",
    "too_slow": "the database took longer than %(seconds)s seconds: read a table, read new rows "
    "only, or add an index",
    "lost": "the connection was lost and did not come back: %(reason)s. What was read is kept; "
    "the next try goes on from there",
    "one_select": "this is not one SELECT that can be read; what is more special can be made a "
    "view in the database, and the view be read",
    "no_column": "there is no column %(column)s; there are: %(columns)s",
    "same_columns": "two columns are called %(column)s: give each its own name with AS",
    "not_unique": "%(column)s is not unique: rows with %(value)s come more than once. Choose "
    "another column to tell rows apart, or none",
    "key_empty": "%(column)s is empty in some rows: choose another column to tell rows apart, "
    "or none",
    "disk_full": "the disk of this server is full: make room; what was read is kept",
    "changed": "what is read has changed since this reading began: start again",
}


class Refusal(InputError):  # noqa: N818  -- said to a person, no fault of the program
    """A database, or what should be read of it, that cannot be used; `code` is one of TEXTS."""

    def __init__(self, code: str, **values: str) -> None:
        self.code, self.values = code, values
        super().__init__(TEXTS[code] % values)
