"""`weerklank doctor`: look at what should be so, in every organisation and on the platform itself."""

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from weerklank.assembly import Platform
    from weerklank.tenancy.model import Tenant


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("doctor", help="find what is not as it should be (exit code 1: something is)")
    parser.add_argument("--tenant", metavar="SLUG", help="this organisation only, and not the platform")
    parser.add_argument("--quick", action="store_true", help="leave out what replays every open case")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run_doctor, needs_database=True)


def run_doctor(arguments: argparse.Namespace) -> int:
    """Print what is found: ids, codes and moments only. 0: nothing; 1: a finding, or no such organisation."""
    from weerklank.assembly import assembled
    from weerklank.kernel import schema
    from weerklank.kernel.settings import load

    found = 0
    with assembled(load()) as platform, schema.reachable("database"):
        with platform.database.connect() as connection:
            schema.check(connection)
        tenants = chosen(platform, arguments.tenant)
        if arguments.tenant and not tenants:
            print(f"There is no organisation {arguments.tenant}.")
            return 1
        for line in [] if arguments.tenant else house(platform):
            found += say(line, as_json=arguments.json)
        for tenant in tenants:
            for line in organisation(platform, tenant, platform.now(), thorough=not arguments.quick):
                found += say(line, as_json=arguments.json)
    if not arguments.json:
        print(f"doctor: {len(tenants)} organisations, {found} findings")
    return 1 if found else 0


def chosen(platform: "Platform", slug: str | None) -> "list[Tenant]":
    from weerklank.kernel.database import open_session, without_tenant
    from weerklank.tenancy.organisations import all_organisations

    with open_session(platform.database) as session, without_tenant(session, "the doctor visits every organisation"):
        return [tenant for tenant in all_organisations(session) if slug in (None, tenant.slug)]


def house(platform: "Platform") -> "Iterator[dict[str, str]]":
    from weerklank.doctor.house import look_at_house
    from weerklank.kernel.database import open_session

    with open_session(platform.database) as session, open_session(platform.clock) as clock_session:
        for one in look_at_house(session, clock_session, platform.settings.var):
            yield {"organisation": "-", "sort": one.fault.value, "about": one.about, "since": str(one.length or "ever")}


def organisation(
    platform: "Platform", tenant: "Tenant", now: "datetime", *, thorough: bool
) -> "Iterator[dict[str, str]]":
    from weerklank.doctor.quick import look_quickly
    from weerklank.doctor.thorough import look_thoroughly

    with platform.tenant(tenant.id) as session:
        found = list(look_quickly(session, tenant.id, now))
    if thorough:
        folder = platform.settings.audit_folder
        found += look_thoroughly(platform.database, platform.engine, platform.files, folder, tenant.id, now)
    for one in found:
        case = {"case": str(one.case_id)} if one.case_id else {}
        since = {"since": one.since.isoformat()} if one.since else {}
        yield {"organisation": tenant.slug, "sort": one.sort.value, "about": one.about, **case, **since}


def say(line: dict[str, str], *, as_json: bool) -> int:
    """Print one finding; answers 1, to be counted."""
    words = [
        line["organisation"],
        line["sort"],
        line["about"],
        *(f"{key} {line[key]}" for key in ("case", "since") if key in line),
    ]
    print(json.dumps(line) if as_json else " ".join(words))
    return 1
