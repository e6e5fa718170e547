"""The command line: parse, call one job, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from kizuna import __version__, cli_upkeep
from kizuna.cli_upkeep import Home, refused_input, with_web
from kizuna.jobs import options as parse
from kizuna.jobs.options import ValueOptions
from kizuna.pipeline.errors import InputError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Know what every customer is worth, act to raise it, prove that it worked.",
)

Lang = Annotated[Literal["en", "ja"], typer.Option(help="Language of the summary and the report.")]
Margin = Annotated[float, typer.Option(help="Share of revenue that is kept, above 0 up to 1.")]
Customer = Annotated[str | None, typer.Option(help="Column of the customer.")]
OrderDate = Annotated[str | None, typer.Option("--date", help="Column of the order date.")]
Amount = Annotated[str | None, typer.Option(help="Column of the amount.")]
Order = Annotated[str | None, typer.Option(help="Column of the order number.")]
Quantity = Annotated[
    str | None, typer.Option(help="Column of the quantity, where there is no amount.")
]
Price = Annotated[
    str | None, typer.Option(help="Column of the unit price, where there is no amount.")
]
DateOrder = Annotated[
    Literal["day", "month"] | None, typer.Option(help="Which comes first in 03/04/2026.")
]
Currency = Annotated[str | None, typer.Option(help="ISO code, such as JPY.")]
Timezone = Annotated[str, typer.Option(help="Zone in which days are cut, such as Asia/Tokyo.")]
Discount = Annotated[float, typer.Option(help="Yearly discount rate; 0.10 is ten per cent.")]
Imported = Annotated[
    list[str],
    typer.Argument(
        help="Files: CSV, JSON Lines, Parquet or Excel; or a database: env:NAME of the "
        "variable that holds its address, such as postgresql://user:password@host/shop.",
    ),
]
TableName = Annotated[
    Literal[
        "orders",
        "customers",
        "contracts",
        "contract_changes",
        "events",
        "interactions",
        "responses",
        "costs",
    ],
    typer.Option(help="What the files hold."),
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        help="Of another table than orders: part=column, part==value for all rows, or "
        "custom.Name=column to keep a column that is no part; may be repeated."
    ),
]
Key = Annotated[
    list[str] | None,
    typer.Option(help="Part by which a record that is there is found; may be repeated."),
]
Policy = Annotated[
    Literal["overwrite", "fill_blanks", "skip"],
    typer.Option(help="Of a record that is there: the file wins, only fills, or nothing."),
]
From = Annotated[str | None, typer.Option("--from", help="Table of the database.")]
Query = Annotated[str | None, typer.Option(help="One SELECT to the database.")]


@app.command()
def value(
    orders: Annotated[
        list[str],
        typer.Argument(help="Order files or globs: CSV, JSON Lines, Parquet or Excel."),
    ],
    customer: Customer = None,
    date_: OrderDate = None,
    amount: Amount = None,
    order: Order = None,
    quantity: Quantity = None,
    price: Price = None,
    date_order: DateOrder = None,
    horizon: Annotated[str, typer.Option(help="How far ahead: 365d, 52w, 12m or 1y.")] = "365d",
    holdout: Annotated[
        str, typer.Option(help="Part kept back to test on: auto, none or its first day.")
    ] = "auto",
    period: Annotated[
        Literal["day", "week"], typer.Option(help="Unit of time of the model.")
    ] = "day",
    model: Annotated[str, typer.Option(help="auto, bg_nbd, mbg_nbd or pareto_nbd.")] = "auto",
    margin: Margin = 1.0,
    discount: Discount = 0.10,
    as_of: Annotated[str | None, typer.Option(help="Last day of history to use.")] = None,
    currency: Currency = None,
    timezone: Timezone = "UTC",
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("value-output"),
    json_: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    lang: Lang = "en",
) -> None:
    """Say what each customer is worth from now on, from a file of orders."""
    with refused_input():
        options = ValueOptions(
            orders=tuple(orders),
            customer=customer,
            date=date_,
            amount=amount,
            order=order,
            quantity=quantity,
            price=price,
            date_order=date_order,
            horizon_days=parse.parse_horizon(horizon),
            holdout=parse.parse_holdout(holdout),
            period=period,
            model=parse.parse_model(model),
            margin=parse.parse_share(margin, "--margin", low=1e-6, high=1.0),
            discount=parse.parse_share(discount, "--discount", low=0.0, high=10.0),
            as_of=parse.parse_day(as_of, "--as-of") if as_of else None,
            currency=currency,
            timezone=parse.parse_timezone(timezone),
            lang=lang,
        )
        run_value(options, parse.parse_out(out), as_json=json_)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the company and its application.")] = Path(
        "demo-output"
    ),
    customers: Annotated[int, typer.Option(help="Customers to simulate.", min=200)] = 4_000,
    seed: Annotated[int, typer.Option(help="Another seed makes another company.")] = 1,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; else 8000, or a free one.")
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Only write the report on the company, and its truth.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
    lang: Lang = "en",
) -> None:
    """Simulate a shop whose true values are known, and open the application on it."""
    with refused_input():
        folder = parse.parse_out(out)
        if report:
            return write_demo_report(folder, customers, seed, lang, open_)
        with_web()
        from kizuna.web.demo import start
        from kizuna.web.demo.home import Company, DemoHome

        with DemoHome.of(folder).alone():
            company = Company(customers, seed, lang)
            with progress_bar() as on_progress:
                home = start.make(
                    folder, company, today=date.today(), on_progress=on_progress, say=typer.echo
                )
            raise typer.Exit(start.show(home, port=port, open_=open_, say=typer.echo))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Start the worker too, beside it.")
    ] = False,
) -> None:
    """Serve the application: bring its database up to date and answer requests."""
    with_web()
    from kizuna.web import serve as web

    address = web.Address(host, port)
    with refused_input():
        address.check_free()
        web.prepare()
    typer.echo(f"Kizuna is at http://{address} (Ctrl+C ends it).")
    if with_worker:
        raise typer.Exit(web.serve_with_worker(address))
    web.serve(address)


@app.command()
def ingest(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8001,
) -> None:
    """Take events in, many thousands a second: one process beside the application."""
    with_web()
    from kizuna.web import serve as web

    address = web.Address(host, port)
    with refused_input():
        address.check_free()
        web.prepare()
    typer.echo(f"Kizuna takes events in at http://{address} (Ctrl+C ends it).")
    web.ingest(address)


@app.command()
def work() -> None:
    """Do the application's work in the background: imports, refreshes, schedules."""
    with_web()
    from kizuna.web import serve as web

    with refused_input():
        web.prepare()
    web.work()


@app.command("import")
def import_(
    orders: Imported,
    customer: Customer = None,
    date_: OrderDate = None,
    amount: Amount = None,
    order: Order = None,
    quantity: Quantity = None,
    price: Price = None,
    date_order: DateOrder = None,
    currency: Currency = None,
    timezone: Timezone = "UTC",
    table: TableName = "orders",
    column: Column = None,
    key: Key = None,
    policy: Policy = "overwrite",
    from_: From = None,
    query: Query = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    home: Home = Path("kizuna-data"),
) -> None:
    """Bring files into the data folder; a file that is there already changes nothing."""
    from kizuna.jobs import database_command, load_command, records_command

    columns = {
        "customer": customer,
        "date": date_,
        "amount": amount,
        "order": order,
        "quantity": quantity,
        "price": price,
    }
    with (
        refused_input(),
        progress_bar() as on_progress,
        database_command.files_of(
            orders,
            from_table=from_,
            query=query,
            environment=os.environ,
            on_progress=on_progress,
        ) as paths,
    ):
        zone, now = parse.parse_timezone(timezone), datetime.now(UTC)
        for path in paths:
            if table == "orders":
                file = load_command.order_file(path, columns, date_order, currency, zone)
                typer.echo(load_command.bring_in(home, file, now, dry_run, on_progress))
                continue
            records = records_command.record_file(
                path,
                table,
                column or (),
                keys=key or (),
                policy=policy,
                date_order=date_order,
                currency=currency,
                timezone=zone,
            )
            typer.echo(records_command.bring_in(home, records, now, dry_run, on_progress))


@app.command()
def imports(
    undo: Annotated[
        str | None, typer.Option(help="Take this import out, as though it had never been.")
    ] = None,
    home: Home = Path("kizuna-data"),
) -> None:
    """List the imports that stand in the data folder, or undo one."""
    from kizuna.jobs import load_command, records_command

    with refused_input():
        store = load_command.store_of(home)
        if undo is not None and not (
            load_command.take_out(home, undo) or records_command.take_out(store, undo)
        ):
            raise InputError(f"there is no import {undo!r}; kizuna imports lists them")
        found = [*load_command.listed(home), *records_command.listed(store)]
        for _, line in sorted(found):
            typer.echo(line)


app.command()(cli_upkeep.backup)
app.command()(cli_upkeep.refresh)
app.command()(cli_upkeep.facts)
app.command()(cli_upkeep.experiment)
app.command()(cli_upkeep.restore)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"kizuna {__version__}")


def main() -> None:
    """Run the command line."""
    app()


def run_value(options: ValueOptions, out: Path, *, as_json: bool) -> None:
    """Run the value job, write its files and print its summary."""
    from kizuna.jobs import outputs
    from kizuna.jobs.value import value as value_job

    with progress_bar() as on_progress:
        result = value_job(options, today=date.today(), on_progress=on_progress)
        on_progress("write", 0.95)
        outputs.write(result, out, lang=options.lang)
    show(result.summary, out, as_json=as_json, lang=options.lang)


def show(summary: dict[str, object], out: Path, *, as_json: bool, lang: str) -> None:
    """Print the summary, as JSON or for reading."""
    from kizuna.jobs import outputs
    from kizuna.report.console import print_summary

    if as_json:
        sys.stdout.write(outputs.to_json(summary))
    else:
        print_summary(summary, out, lang=lang)


def write_demo_report(folder: Path, customers: int, seed: int, lang: Lang, open_: bool) -> None:
    """Simulate the shop, value it, and hold the estimates against what really came."""
    from kizuna.jobs.demo import demo as demo_job

    with progress_bar() as on_progress:
        result = demo_job(
            folder,
            customers=customers,
            seed=seed,
            lang=lang,
            today=date.today(),
            on_progress=on_progress,
        )
    show(result.summary, folder, as_json=False, lang=lang)
    if open_:
        open_report(folder)


def open_report(folder: Path) -> None:
    """Open the report in the browser, or say where it is."""
    import webbrowser

    report = (folder / "report.html").resolve()
    if not webbrowser.open(report.as_uri()):
        typer.echo(f"Open {report} in a browser.")


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """Show on stderr what is being done and how far it is; silent when it is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("…", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share)
