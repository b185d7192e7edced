"""What of an organisation goes into its export, and how: column by column, so that nothing is forgotten or slips in.

A test compares this with the tables that there are: a new one is either exported or left out for a reason.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from weerklank.backup.tables import Row, Table
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import ERASED, VERSION, Sealer

LEFT_OUT = {
    "complainant_session": "of who was logged in",
    "credential": "passwords and second factors: everybody sets new ones by a link",
    "doctor_finding": "what the platform's own check found here; it is found anew",
    "dossier": "files made up of a case; they can be made anew",
    "held_notice": "mail about work that was still to go out; the worklist says the same",
    "intake_draft": "complaints that were never lodged: nobody of the organisation may read them",
    "intake_file": "as intake_draft",
    "keyed_token": "the index of words is made with the organisation's own key; it is made anew",
    "login_failure": "how often logging in failed",
    "mailbox": "the password of a mailbox; it is given anew",
    "one_time_link": "links by which somebody logs in",
    "outbox": "jobs of this installation; a message that was still to go out says so itself",
    "rehearsal": "versions of the procedure that were tried out",
    "search_cursor": "as keyed_token",
    "seal": "this installation's proof of the trail; the trail's own chain goes along, readable by everybody",
    "seal_entry": "as seal",
    "sent_form": "which forms were sent lately",
    "staff_session": "of who was logged in",
    "tenant_export": "earlier exports",
    "tenant_change": "what the platform noted of the organisation",
    "unsealed_head": "as seal",
}
LEFT_OUT_COLUMNS = {
    "case_file": {"code_id": "with the organisation's key it would be the complainant's secret code"},
    "document": {
        "scan_at": "it is looked at anew",
        "stored_as": "where it lies here; in the export it is files/<id>",
    },
    "event": {"mac": "this installation's keyed hash; `chain` takes its place"},
    "person": {"email_hash": "made of the address"},
    "tenant_host": {"token": "proves nothing elsewhere", "verified_at": "is shown to the new installation anew"},
}


@dataclass(frozen=True)
class Sealed:
    """How a column is sealed: what comes out (text, json or bytes), by whose key, and what names its row."""

    how: str
    by_case: bool
    row: str = "{id}"


SEALED: dict[str, dict[str, Sealed]] = {
    "case_file": {"complainant": Sealed("text", True)},
    "destruction": {"reason": Sealed("text", False, "{case_id}")},
    "document": {"name": Sealed("text", True)},
    "event": {"sealed": Sealed("json", True, "{case_id}/{seq}")},
    "improvement": {"words": Sealed("json", False)},
    "inbound_mail": {"sealed": Sealed("json", False), "raw": Sealed("bytes", False)},
    "log_entry": {"words": Sealed("json", False)},
    "message": {"body": Sealed("json", True), "address": Sealed("text", True)},
    "person": {"name": Sealed("text", False), "email": Sealed("text", False), "phone": Sealed("text", False)},
    "recommendation": {"words": Sealed("json", False)},
    "report": {"words": Sealed("json", False)},
    "saved_view": {"name": Sealed("text", False), "words": Sealed("text", False)},
}
PLAIN_BYTES = {"case_file": {"code_hash"}, "inbound_mail": {"dedupe"}, "tenant_logo": {"data"}}
GONE = {"erased": True}  # stands in place of what was destroyed
NEVER_OPENED = VERSION + bytes(28)  # what stands in the database where no key will ever open it


def case_of(table: str, row: Row) -> UUID | None:
    """The case that a row belongs to."""
    value = row.get("id" if table == "case_file" else "case_id")
    return UUID(value) if value else None


def exported(table: Table) -> list[str]:
    """The columns of a table that go into the export."""
    without = LEFT_OUT_COLUMNS.get(table.name, {})
    return [column for column in table.types if column not in without]


def opened(table: Table, row: Row, keyring: Keyring, tenant_id: UUID, sealers: dict[UUID, Sealer]) -> Row:
    """A row of the database as the export has it: in clear, bytes in base64."""
    shown = {column: row[column] for column in exported(table)}
    for column, sealed in SEALED.get(table.name, {}).items():
        if row[column] is not None:
            sealer = sealer_for(table.name, row, sealed, keyring, tenant_id, sealers)
            shown[column] = unsealed(sealer, sealed, from_hex(row[column]), table.name, column, row)
    for column in PLAIN_BYTES.get(table.name, ()):
        shown[column] = None if row[column] is None else as_base64(from_hex(row[column]))
    return shown


def closed(table: Table, row: Row, keyring: Keyring, tenant_id: UUID, sealers: dict[UUID, Sealer]) -> Row:
    """A row of an export as the database keeps it: the way back of `opened`, by the keys of this installation."""
    kept = dict(row)
    for column, sealed in SEALED.get(table.name, {}).items():
        if row.get(column) is not None:
            sealer = sealer_for(table.name, row, sealed, keyring, tenant_id, sealers)
            kept[column] = as_hex(resealed(sealer, sealed, row[column], table.name, column, row))
    for column in PLAIN_BYTES.get(table.name, ()):
        kept[column] = None if row.get(column) is None else as_hex(base64.b64decode(row[column]))
    return kept


def sealer_for(
    table: str, row: Row, sealed: Sealed, keyring: Keyring, tenant_id: UUID, sealers: dict[UUID, Sealer]
) -> Sealer:
    case_id = case_of(table, row) if sealed.by_case else None
    return keyring.for_tenant(tenant_id) if case_id is None else sealers.get(case_id, Sealer(tenant_id, None))


def unsealed(sealer: Sealer, sealed: Sealed, data: bytes, table: str, column: str, row: Row) -> Any:
    place = sealed.row.format_map(row)
    if sealed.how == "json":
        value: Any = sealer.unseal_json(data, table=table, column=column, row=place)
    else:
        value = sealer.unseal_bytes(data, table=table, column=column, row=place)
    if value is ERASED:
        return GONE
    if sealed.how == "text":
        return value.decode()
    return as_base64(value) if sealed.how == "bytes" else {"value": value}


def resealed(sealer: Sealer, sealed: Sealed, value: Any, table: str, column: str, row: Row) -> bytes:
    if value == GONE:
        return NEVER_OPENED
    place = sealed.row.format_map(row)
    if sealed.how == "json":
        return sealer.seal_json(value["value"], table=table, column=column, row=place)
    data = base64.b64decode(value) if sealed.how == "bytes" else value
    return sealer.seal(data, table=table, column=column, row=place)


def from_hex(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("\\x"))


def as_hex(data: bytes) -> str:
    return f"\\x{data.hex()}"


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
