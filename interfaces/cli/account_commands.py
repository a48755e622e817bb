"""The subcommands for accounts, and for what logs in to them."""

from typing import Annotated

import typer

from interfaces.cli import accounts
from interfaces.cli.checks import settings_of_the_log
from interfaces.cli.options import LogDir, finish


def account(
    email: Annotated[str, typer.Argument(help="The e-mail address to log in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[list[str], typer.Option(help="A role in the tenant; may be repeated.")],
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            help="The password; better not given here but asked for, so that no history keeps it.",
        ),
    ],
    tenant: Annotated[str, typer.Option(help="The tenant; founded if it is new.")] = "default",
    data_dir: LogDir = None,
) -> None:
    """Create an account, such as the first admin, or set its password and roles."""
    chosen = settings_of_the_log(data_dir)
    finish(accounts.create(chosen, email, name, tuple(role), tenant, password))
    typer.echo(f"{email} may log in to {tenant} as {', '.join(role)}")


def link_identity(
    email: Annotated[str, typer.Argument(help="The e-mail address of the account.")],
    subject: Annotated[
        str,
        typer.Argument(help="The `sub` of the issuer's tokens; at Supabase, the user's id."),
    ],
    data_dir: LogDir = None,
) -> None:
    """Let tokens of OPSTREAM_EXTERNAL_ISSUER act as an account, in each of its tenants.

    An admin can do so over HTTP, but only for the own tenant and who belongs to no other. The API
    processes need the issuer's settings, too.
    """
    chosen = settings_of_the_log(data_dir)
    issuer = finish(accounts.link(chosen, email, subject))
    typer.echo(f"{subject} of {issuer} acts as {email}")
