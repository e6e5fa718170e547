"""The commands that keep an installation: backup and restore; and what every command needs."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kizuna.pipeline.errors import InputError

Home = Annotated[Path, typer.Option(envvar="KIZUNA_HOME", help="Data folder of the application.")]


def backup(
    to: Annotated[
        Path, typer.Option(envvar="KIZUNA_BACKUPS", help="Folder for the archives.")
    ] = Path("kizuna-backups"),
    keep: Annotated[
        int | None, typer.Option(help="Delete all archives there but the latest so many.", min=1)
    ] = None,
    home: Home = Path("kizuna-data"),
) -> None:
    """Write the whole installation into one archive, while it goes on working."""
    from kizuna.jobs import backup_command

    with refused_input():
        url = os.environ.get("DATABASE_URL", "")
        for line in backup_command.take(home, to, url, now(), keep):
            typer.echo(line)


def restore(
    archive: Annotated[Path, typer.Argument(help="Archive of kizuna backup.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only compare the checksums; touch nothing.")
    ] = False,
    home: Home = Path("kizuna-data"),
) -> None:
    """Put an archive in place of the installation; who was erased since is erased again."""
    with_web()
    from kizuna.jobs import backup_command

    with refused_input():
        if check:
            typer.echo(backup_command.checked(archive))
            return
        url = os.environ.get("DATABASE_URL", "")
        for line in backup_command.put_back(archive, home, url, now()):
            typer.echo(line)
        os.environ["KIZUNA_HOME"] = str(home)
        from kizuna.web import serve as web

        web.prepare()
        from kizuna.web.capture.privacy.services import keep_erased

        if again := keep_erased():
            typer.echo(f"Erased again {again} who had been erased since the backup was taken.")


def refresh(home: Home = Path("kizuna-data")) -> None:
    """Compute all figures anew from what was brought in, and publish them."""
    with_web()
    os.environ["KIZUNA_HOME"] = str(home)
    from kizuna.web import serve as web

    with refused_input():
        web.prepare()
        from kizuna.web.know.publications import services

        asked = services.refresh(actor=None)
        services.publish_open()
        asked.refresh_from_db()
        if asked.published_at is None:
            raise InputError(asked.error or "the figures are being computed by a worker already")
    typer.echo(f"Published: data up to {asked.as_of}.")


def facts(
    as_of: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Day whose facts are told.")
    ],
    customer: Annotated[
        list[str] | None, typer.Option(help="Only this customer; may be given several times.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, .csv or .parquet; else it is printed.")
    ] = None,
    home: Home = Path("kizuna-data"),
) -> None:
    """Tell the facts of customers as they were known on a day of the past."""
    with_web()
    os.environ["KIZUNA_HOME"] = str(home)
    from kizuna.jobs import past_facts
    from kizuna.web import serve as web

    with refused_input():
        web.prepare()
        from kizuna.web.know.publications import services

        found = past_facts.facts_as_of(
            services.store(), as_of.date(), services.run_options(), customer or ()
        )
        typer.echo(past_facts.written(found, out), nl=False)
    typer.echo(f"Facts of {found.num_rows:,} customers as of {as_of.date()}.", err=True)


def experiment(
    file: Annotated[Path, typer.Argument(help="One row for each customer: CSV, Excel, Parquet.")],
    arm: Annotated[str, typer.Option(help="Column of the group.")],
    control: Annotated[str, typer.Option(help="The group to which nothing was done.")],
    outcome: Annotated[
        list[str], typer.Option(help="Column that was measured; may be given several times.")
    ],
    money: Annotated[str, typer.Option(help="Which of these is money.")] = "",
    known: Annotated[
        list[str] | None, typer.Option(help="Column known before the start; several times.")
    ] = None,
    unit: Annotated[str, typer.Option(help="Column of the customer.")] = "",
    cost: Annotated[float, typer.Option(help="Cost of a treated customer.", min=0)] = 0.0,
    margin: Annotated[float, typer.Option(help="Share of the money earned.", min=0, max=1)] = 1.0,
    held_out: Annotated[
        float | None, typer.Option(help="Share that was to be held out; else all groups alike.")
    ] = None,
) -> None:
    """Say what a finished experiment earned, group against group."""
    from kizuna.jobs import outside
    from kizuna.pipeline.measure.outside import Plan

    plan = Plan(
        arm=arm,
        control=control,
        outcomes=tuple(dict.fromkeys((*outcome, *((money,) if money else ())))),
        money=money,
        covariates=tuple(known or ()),
        unit=unit,
        cost=cost,
        margin=margin,
        held_out=held_out,
    )
    with refused_input():
        for line in outside.lines(outside.measure(file, plan)):
            typer.echo(line)


def with_web() -> None:
    """Refuse in one sentence where the application's packages are not installed."""
    if importlib.util.find_spec("django") is None:
        typer.echo("kizuna: the application needs more packages: install kizuna[web].", err=True)
        raise typer.Exit(2)


@contextmanager
def refused_input() -> Iterator[None]:
    """Turn input that cannot be used into one sentence and exit code 2."""
    try:
        yield
    except InputError as error:
        typer.echo(f"kizuna: {error}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"kizuna: {error.filename or 'a file'}: {error.strerror or error}.", err=True)
        raise typer.Exit(2) from None


def now() -> datetime:
    """Read the clock: this is the edge."""
    return datetime.now(UTC)  # noqa: TID251
