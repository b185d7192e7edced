"""Reads SQL as a cluster that is distributed by tenant would: every statement serves one tenant, and says which.

`wrong_with` answers what is wrong with one statement: a tenant's table without a condition on the tenant, or beside
another one without their tenants being the same. `Listener` reads what the application's own code sends while tests
run; what the tests themselves send is theirs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlglot
from sqlalchemy import Connection, Engine, event
from sqlglot import exp

import weerklank
from weerklank.kernel.database import Base, TenantOwned
from weerklank.kernel.rowlevel import CLOCK

SOURCE = f"{Path(weerklank.__file__).parent}/"
TENANT = "tenant_id"
BOUND = "a value that the statement is sent with"
VALUE = (exp.Placeholder, exp.Parameter, exp.Literal)
SAVEPOINTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
QUERIES = (exp.Select, exp.Update, exp.Delete, exp.Insert)


@dataclass
class Scope:
    """One SELECT, UPDATE, DELETE or INSERT: its tables by the name they go by there, and the queries among them."""

    node: exp.Expression
    tables: dict[str, str] = field(default_factory=dict)
    derived: set[str] = field(default_factory=set)


def wrong_with(statement: str, tenant_tables: Collection[str]) -> list[str]:
    """What is wrong with a statement as it is sent; [] for one that serves one tenant and says which."""
    tree = parse(statement)
    known = {cte.alias for cte in tree.find_all(exp.CTE)}
    scopes = {id(node): scope_of(node, tenant_tables, known) for node in tree.find_all(*QUERIES)}
    same = Same()
    for scope in scopes.values():
        for left, right in equalities(scope.node):
            same.unite(place_of(left, scopes), place_of(right, scopes))
    return [each for scope in scopes.values() for each in wrong_in(scope, same)]


def wrong_in(scope: Scope, same: Same) -> Iterator[str]:
    if isinstance(scope.node, exp.Insert):
        into = scope.node.this
        columns = {each.name for each in into.expressions} if isinstance(into, exp.Schema) else set()
        if scope.tables and TENANT not in columns:
            yield f"{next(iter(scope.tables.values()))} gets a row without saying of which tenant"
        return
    mine = [(f"{id(scope.node)} {alias}", table) for alias, table in scope.tables.items()]
    for place, table in mine:
        if not same.bound(place):
            yield f"{table} is asked without a condition on the tenant"
    if len({same.root(place) for place, _ in mine}) > 1:
        yield f"{' and '.join(sorted(scope.tables.values()))} are joined without their tenants being the same"


def tenants_named(statement: str) -> list[set[str]]:
    """For each table of which a statement names the tenant: the names of the values that its tenant must be."""
    found: dict[str, set[str]] = {}
    for node in parse(statement).find_all(*QUERIES):
        for left, right in equalities(node):
            if isinstance(left, exp.Column) and isinstance(right, exp.Placeholder):
                found.setdefault(f"{id(node)} {left.table}", set()).add(right.name)
    return list(found.values())


def several(named: list[set[str]], values: Mapping[str, object]) -> bool:
    """Whether no one tenant can be that of all these tables."""
    each = [{str(values[name]) for name in names if name in values} for names in named]
    return bool(each) and not set.intersection(*each)


@lru_cache
def parse(statement: str) -> exp.Expression:
    """The driver's %(name)s are written as PostgreSQL's own parameters."""
    plain = re.sub(r"%\((\w+)\)s", r":\1", statement).replace("%s", ":value").replace("%%", "%")
    return sqlglot.parse_one(plain, dialect="postgres")


def scope_of(node: exp.Expression, tenant_tables: Collection[str], known: Collection[str]) -> Scope:
    scope = Scope(node)
    for source in sources(node):
        if isinstance(source, exp.Table) and source.name in tenant_tables and source.name not in known:
            scope.tables[source.alias_or_name] = source.name
        else:
            scope.derived.add(source.alias_or_name)
    return scope


def sources(node: exp.Expression) -> Iterator[exp.Expression]:
    """What stands in FROM, JOIN and USING, and what is written to."""
    target = node.this if isinstance(node, (exp.Update, exp.Delete, exp.Insert)) else None
    if target is not None:
        yield target.this if isinstance(target, exp.Schema) else target
    beside = [node.args.get("from_"), *node.args.get("joins", ()), *node.args.get("laterals", ())]
    for each in (*beside, *(node.args.get("using") or ())):
        if each is not None:
            source = each.this if isinstance(each, (exp.From, exp.Join)) else each
            yield source
            for join in source.args.get("joins") or ():
                yield join.this


def equalities(node: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """(a tenant column, what it is the same as) of what must hold for each row of this query."""
    joins = [*node.args.get("joins", ())]
    for source in sources(node):
        joins += source.args.get("joins") or ()
    held = [join.args["on"] for join in joins if join.args.get("on")]
    if where := node.args.get("where"):
        held.append(where.this)
    for condition in held:
        for each in conjuncts(condition):
            yield from of_one(each)


def of_one(condition: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    if isinstance(condition, exp.EQ):
        left, right = bare(condition.this), bare(condition.expression)
        pairs = [(left, right)]
        if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
            pairs = [(bare(one), bare(other)) for one, other in zip(left.expressions, right.expressions, strict=True)]
        for one, other in pairs:
            if is_tenant(one) and (is_tenant(other) or isinstance(other, VALUE)):
                yield one, other
            elif is_tenant(other) and isinstance(one, VALUE):
                yield other, one
    if isinstance(condition, exp.In) and isinstance(condition.args.get("query"), exp.Subquery):
        yield from of_in(condition)


def of_in(condition: exp.In) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """(tenant_id, id) IN (SELECT tenant_id, ...)"""
    query = condition.args["query"].this
    columns = condition.this.expressions if isinstance(condition.this, exp.Tuple) else [bare(condition.this)]
    for column, chosen in zip(columns, getattr(query, "selects", ()), strict=False):
        if is_tenant(column) and is_tenant(bare(chosen)):
            yield column, bare(chosen)


def conjuncts(condition: exp.Expression) -> Iterator[exp.Expression]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from conjuncts(condition.this)
        yield from conjuncts(condition.expression)
    else:
        yield condition


def bare(node: exp.Expression) -> exp.Expression:
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return node


def is_tenant(node: exp.Expression) -> bool:
    return isinstance(node, exp.Column) and node.name == TENANT


def place_of(node: exp.Expression, scopes: Mapping[int, Scope]) -> str:
    """Whose tenant this is: of a table in the query where it stands or in one around it, or a value."""
    if isinstance(node, VALUE):
        return BOUND
    around = node.find_ancestor(*QUERIES)
    while around is not None:
        scope = scopes[id(around)]
        named = node.table if isinstance(node, exp.Column) else ""
        if named in scope.tables or named in scope.derived:
            return f"{id(around)} {named}" if named in scope.tables else BOUND
        if not named and len(scope.tables) == 1:
            return f"{id(around)} {next(iter(scope.tables))}"
        if not named and scope.tables:
            return f"{id(around)} ambiguous"
        around = around.find_ancestor(*QUERIES)
    return "nowhere"


class Same:
    """Which tenants are the same, as far as a statement says so."""

    def __init__(self) -> None:
        self.leads: dict[str, str] = {}

    def root(self, place: str) -> str:
        while place in self.leads:
            place = self.leads[place]
        return place

    def unite(self, one: str, other: str) -> None:
        roots = sorted({self.root(one), self.root(other)}, key=lambda root: root == BOUND)
        if len(roots) == 2:
            self.leads[roots[0]] = roots[1]

    def bound(self, place: str) -> bool:
        return self.root(place) == BOUND


def tenant_tables() -> set[str]:
    """The tables of the models that were imported so far and hold a tenant's rows."""
    return {str(mapper.local_table.key) for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantOwned)}


class Listener:
    """Reads each statement that the application's own code sends in this process, the first time in full.

    The clock's role looks across tenants on purpose: its few statements are read in the source, not here.
    """

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.known: dict[str, list[set[str]]] = {}
        event.listen(Engine, "before_cursor_execute", self.hear)

    def hear(self, connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if statement not in self.known:
            across = connection.engine.url.username == CLOCK
            if across or statement.startswith(SAVEPOINTS) or not sent_by_the_application():
                return
            self.known[statement] = tenants_named(statement)
            self.wrong += [f"{each}: {statement}" for each in wrong_with(statement, tenant_tables())]
        for row in values if many else [values]:
            if several(self.known[statement], row):
                self.wrong.append(f"one statement names several tenants: {statement}")

    def taken(self) -> list[str]:
        """What was wrong since it was asked last."""
        wrong, self.wrong = self.wrong, []
        return wrong


def sent_by_the_application() -> bool:
    """Whether the nearest code that is not a library's own is the application's, not a test's."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if "sqlalchemy" not in name and name != __file__ and "contextlib" not in name:
            return name.startswith(SOURCE)
        frame = frame.f_back  # type: ignore[assignment]  # the outermost has none
    return False
