"""`weerklank db`: bring the database and the key store up to this program, or say whether they fit it."""

import argparse


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("db", help="migrate the database, or check that it fits")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    migrate = commands.add_parser("upgrade", help="run the migrations that are missing, as the owner; may be repeated")
    migrate.set_defaults(run=run_upgrade, needs_database=True)
    look = commands.add_parser("check", help="whether database, key store and role fit this program (exit code 2: no)")
    look.set_defaults(run=run_check, needs_database=True)


def run_upgrade(arguments: argparse.Namespace) -> None:
    """Migrate and make the key store's tables. Raises BadSurroundings."""
    from weerklank.kernel import schema
    from weerklank.kernel.keys import create_keystore
    from weerklank.kernel.settings import load

    settings = load()
    version = schema.upgrade(settings.database_owner_url)
    with schema.reachable("key store"):
        create_keystore(settings.keystore_url)
    print(f"The database is at version {version}.")


def run_check(arguments: argparse.Namespace) -> None:
    """Look as the application will. Raises BadSurroundings with what is wrong."""
    from weerklank.kernel import schema
    from weerklank.kernel.database import engine_for
    from weerklank.kernel.settings import load

    settings = load()
    for url in (settings.database_url, settings.database_clock_url):
        with schema.reachable("database"), engine_for(url) as engine, engine.connect() as connection:
            schema.check(connection)
    with schema.reachable("key store"), engine_for(settings.keystore_url) as keystore, keystore.connect():
        pass
    print(f"The database fits: version {schema.head()}.")
