"""Whether this process can do its work, part by part, for whoever balances the load."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from weerklank.kernel import schema
from weerklank.kernel.errors import BadSurroundings

OK = "ok"


def ready(engine: Engine, keystore: Engine) -> dict[str, str]:
    """Part -> "ok" or what is wrong, in words that tell nothing about the inside. Ready if all are "ok"."""
    return {"database": database_state(engine), "keys": keys_state(keystore)}


def database_state(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            schema.check(connection)
    except SQLAlchemyError:
        return "unreachable"
    except BadSurroundings:
        return "unfit"
    return OK


def keys_state(keystore: Engine) -> str:
    try:
        with keystore.connect() as connection:
            connection.execute(text("SELECT FROM keystore.tenant_key LIMIT 1"))
    except SQLAlchemyError:
        return "unreachable"
    return OK
