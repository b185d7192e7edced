"""`weerklank first-links`: on a new installation, the links by which its operator and its admins get in."""

import argparse
from datetime import UTC, datetime


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("first-links", help="print the one-time links of a new installation, once")
    parser.add_argument("--operator", action="store_true", help="a fresh link for an operator, also later on")
    parser.set_defaults(run=print_first_links, needs_database=True)


def print_first_links(arguments: argparse.Namespace) -> None:
    """A link for the operator while there is none, one for each organisation without any people; each printed once."""
    from weerklank.cli.installation import installation
    from weerklank.identity.joining import admin_link, needs_first_link
    from weerklank.identity.links import link_address
    from weerklank.identity.operators import make_operator_link, needs_operator_link
    from weerklank.kernel.database import open_session, tenant_scope, without_tenant
    from weerklank.tenancy.organisations import all_organisations

    now = datetime.now(UTC)
    with installation() as here:
        with open_session(here.engine) as session, without_tenant(session, "operators belong to the platform"):
            if arguments.operator or needs_operator_link(session, now):
                token = make_operator_link(session, now)
                session.commit()
                print(f"{'operator':24} {link_address(f'{here.settings.base_url}/console', token)}")
            organisations = [] if arguments.operator else all_organisations(session)
        for tenant in organisations:
            with open_session(here.engine) as session, tenant_scope(session, tenant.id):
                if needs_first_link(session, tenant):
                    token = admin_link(session, here.keyring, tenant, now)
                    session.commit()
                    print(f"{tenant.slug:24} {link_address(f'{here.settings.base_url}/{tenant.slug}', token)}")
