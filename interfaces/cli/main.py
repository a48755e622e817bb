"""``opstream`` and its subcommands.

Each imports for itself what the others don't need: the contracts alone take half a second.
"""

import logging
import socket
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import orjson
import structlog
import typer

from infrastructure.postgres.migrate import migrate as run_migrations
from infrastructure.settings import Settings, read_settings
from interfaces.cli import (
    account_commands,
    auditing,
    checkpoints,
    job_table,
    settings_table,
)
from interfaces.cli.checks import log_of, settings_of_the_log
from interfaces.cli.options import DataDir, LogDir, finish
from interfaces.http.contracts import NAMES
from interfaces.starting import check_channels, check_identity, told_in_one_line
from interfaces.workers.main import ROLES
from interfaces.workers.main import start as start_worker

app = typer.Typer(
    name="opstream",
    help="One event-sourced operations backend behind five published HTTP contracts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(account_commands.account)
app.command()(account_commands.link_identity)


@app.command()
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="Create the demo tenant with its accounts and shifts.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [8000].")] = None,
    data_dir: DataDir = None,
    api_workers: Annotated[int | None, typer.Option(help="API processes to start [1].")] = None,
) -> None:
    """Run the whole system on this machine, until Ctrl-C.

    Postgres and NATS are embedded unless OPSTREAM_DATABASE_URL and OPSTREAM_NATS_URL are set.
    """
    from interfaces.cli import serving

    settings = read_settings(host=host, port=port, data_dir=data_dir, api_workers=api_workers)
    check_identity(settings)
    check_channels(settings)
    serving.serve(settings, demo=demo)


@app.command()
def migrate(data_dir: LogDir = None) -> None:
    """Bring the database's schema up to date."""
    before, after = run_migrations(log_of(data_dir))
    typer.echo(f"{before or 'empty'} -> {after}" if before != after else f"up to date ({after})")


@app.command()
def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [8000].")] = None,
    fd: Annotated[int | None, typer.Option(help="Listening socket inherited as this fd.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run one API process. Needs OPSTREAM_DATABASE_URL."""
    from interfaces.http.main import run_api

    settings = read_settings(host=host, port=port, data_dir=data_dir)
    run_api(settings, None if fd is None else socket.socket(fileno=fd))


@app.command()
def worker(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help=f"One of {', '.join(ROLES)}; may be repeated. All by default."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Run one worker: what follows the log, or some of its roles.

    Needs OPSTREAM_DATABASE_URL and OPSTREAM_NATS_URL. Several may run: of each role one is active
    and the others stand by, but every sender sends.
    """
    settings = read_settings(data_dir=data_dir)
    settings.required("database_url")
    settings.required("nats_url")
    start_worker(settings, only or None, demands_nats=True)


@app.command()
def rebuild(
    name: Annotated[str | None, typer.Argument(help="A read model; all by default.")] = None,
    data_dir: LogDir = None,
) -> None:
    """Build read models anew beside the live ones, compare, and switch."""
    finish(auditing.rebuild(log_of(data_dir), name))


@app.command()
def verify(
    copies: Annotated[
        list[Path] | None,
        typer.Option(
            "--checkpoints",
            help="A file of what `opstream checkpoints` printed, kept elsewhere; may be repeated.",
        ),
    ] = None,
    keys: Annotated[
        list[Path] | None,
        typer.Option(
            "--public-key",
            help="A file of what `opstream checkpoints --public-key` printed, instead of the key "
            "of these settings; may be repeated.",
        ),
    ] = None,
    data_dir: LogDir = None,
) -> None:
    """Find the first row that was changed, deleted, swapped or cut off.

    Holds log and audit trail against the signed checkpoints, and every row of the read models and
    the audit trail against the log. Reports how many differ and shows the first of each; the exit
    code is then 1.
    """
    settings = settings_of_the_log(data_dir)
    evidence = checkpoints.evidence_of(settings, copies or (), keys or ())
    clean = finish(auditing.verify(settings.required("database_url"), evidence))
    raise typer.Exit(0 if clean else 1)


@app.command("checkpoints")
def show_checkpoints(
    since: Annotated[
        str | None, typer.Option(help="Only those made at this time (ISO 8601) or later.")
    ] = None,
    public_key: Annotated[
        bool, typer.Option("--public-key", help="Print the public key instead (JWKS).")
    ] = False,
    data_dir: LogDir = None,
) -> None:
    """Print the signed checkpoints, one line of JSON each, to be kept elsewhere."""
    if public_key:
        checkpoints.show_public_key(read_settings(data_dir=data_dir))
        return
    moment = auditing.moment_of("--since", since)
    finish(checkpoints.show(log_of(data_dir), moment))


@app.command()
def replay(
    aggregate_id: Annotated[UUID, typer.Argument(help="A shift, a person, an account, …")],
    until: Annotated[int | None, typer.Option(help="The version to stop at.")] = None,
    at: Annotated[str | None, typer.Option(help="The time to stop at (ISO 8601).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per event.")] = False,
    data_dir: LogDir = None,
) -> None:
    """Tell what happened to one thing, who did it, and what was true after each event."""
    finish(auditing.replay(log_of(data_dir), aggregate_id, until, at, as_json=as_json))


@app.command()
def jobs(data_dir: LogDir = None) -> None:
    """List the jobs, their last and next slots (UTC)."""
    finish(job_table.show(log_of(data_dir)))


def _published(contract: str) -> str:
    if contract not in NAMES:
        raise typer.BadParameter(f"{contract} is none of {', '.join(NAMES)}.")
    return contract


@app.command()
def openapi(
    contract: Annotated[
        str, typer.Argument(help="Its name.", metavar="|".join(NAMES), callback=_published)
    ],
) -> None:
    """Print the OpenAPI document of a contract."""
    from interfaces.http.app import CONTRACTS
    from interfaces.http.documents import openapi_of

    document = openapi_of(contract, CONTRACTS)
    # Status codes are numbers there; in JSON every key is a string.
    readable = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    sys.stdout.buffer.write(orjson.dumps(document, option=readable) + b"\n")


@app.command()
def settings() -> None:
    """Print the table of all settings."""
    typer.echo(settings_table.markdown(Settings))


def main() -> None:
    """The entry point: what an operator can mend is told in one line, without a traceback."""
    # Commands for people tell what they do themselves; processes configure their own logs.
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(
        wrapper_class=quiet, logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    with told_in_one_line():
        app()


if __name__ == "__main__":
    main()
