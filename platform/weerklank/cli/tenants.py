"""`weerklank tenants`: take in the organisations of a folder, list them, let a first admin in."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from weerklank.kernel.errors import BadSurroundings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("tenants", help="take in, list and help organisations")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    take = commands.add_parser("import", help="make the organisations of a folder, in trial; may be repeated")
    take.add_argument("folder", nargs="?", type=Path, help="folder of organisations, or of one (default: TENANTS)")
    take.set_defaults(run=import_folders, needs_database=True)
    show = commands.add_parser("list", help="list the organisations")
    show.set_defaults(run=show_list, needs_database=True)
    link = commands.add_parser("admin-link", help="print a one-time link by which somebody becomes admin")
    link.add_argument("slug", help="short name of the organisation, as in its address")
    link.set_defaults(run=print_admin_link, needs_database=True)


def import_folders(arguments: argparse.Namespace) -> None:
    """Take in every folder, and say of each what was done. All that is new is read before anything changes."""
    from weerklank.cli.installation import installation
    from weerklank.kernel.database import open_session
    from weerklank.tenancy.folder import Imported, folders, import_folder, is_unchanged, read_folder

    with installation() as here:
        found = folders(arguments.folder or here.settings.tenants)
        changed = set()
        for folder in found:
            with open_session(here.engine) as session:
                if not is_unchanged(session, folder):
                    read_folder(folder)
                    changed.add(folder)
        for folder in found:
            with open_session(here.engine) as session:
                now = datetime.now(UTC)
                done = import_folder(session, here.keyring, folder, now) if folder in changed else Imported.SAME
                session.commit()
            print(f"{folder.name}: {done}")


def show_list(arguments: argparse.Namespace) -> None:
    """One line for each organisation: short name, state, plan, name."""
    from weerklank.cli.installation import installation
    from weerklank.kernel.database import open_session
    from weerklank.tenancy.organisations import all_organisations

    with installation() as here, open_session(here.engine) as session:
        for tenant in all_organisations(session):
            print(f"{tenant.slug:24} {tenant.state:10} {tenant.plan:10} {tenant.name}")


def print_admin_link(arguments: argparse.Namespace) -> None:
    """Print a link by which somebody gives a name, address and password, and is admin then."""
    from weerklank.cli.installation import installation
    from weerklank.identity.joining import admin_link
    from weerklank.identity.links import link_address
    from weerklank.kernel.database import open_session, tenant_scope
    from weerklank.kernel.errors import NotFound
    from weerklank.tenancy.organisations import find_by_slug

    with installation() as here, open_session(here.engine) as session:
        try:
            tenant = find_by_slug(session, arguments.slug)
        except NotFound:
            raise BadSurroundings(f"There is no organisation {arguments.slug!r} (`weerklank tenants list`).") from None
        with tenant_scope(session, tenant.id):
            token = admin_link(session, here.keyring, tenant, datetime.now(UTC))
            session.commit()
            print(link_address(f"{here.settings.base_url}/{tenant.slug}", token))
