"""Who gets a case, in every combination of what the rules look at and of who is there, absent or involved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from uuid import UUID

from weerklank.policy.assignment import Choice, assignment_of, choosable, find_handler
from weerklank.policy.case import Case, Value
from weerklank.policy.conditions import holds
from weerklank.policy.held import Done
from weerklank.policy.model import Assignment, Policy, RoleKind
from weerklank.policy.moments import outcomes_of
from weerklank.policy.people import People, Person
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World
from weerklank.rehearsal.proof.cast import NAMES, RECEIVER, RESPONDENT, everybody, somebody
from weerklank.rehearsal.proof.cells import RECEIVED, WORDS, Looked, channels, looked_at, told_apart

FREE, ABSENT, RESPONDS, INVOLVED, NOBODY = "free", "absent", "respondent", "involved", "nobody"
MOST = 60_000
Standing = Mapping[str, str]


@dataclass
class Assigned:
    """What came of all combinations for one set of rules (`of`: an appointed role; None: the handler).

    `conflicts`: (number of the rule, role) where one single person is involved and nobody is left. `unmatched`: none
    of the rules holds, with the facts of the first such case.
    """

    of: str | None
    combinations: int = 0
    handled: int = 0
    alarms: int = 0
    decided: set[int] = field(default_factory=set)
    conflicts: dict[tuple[int, str], str] = field(default_factory=dict)
    unmatched: int = 0
    in_pairs: bool = False


class Assigning:
    """Tries one set of assignment rules in every combination."""

    def __init__(self, policy: Policy, of: str | None) -> None:
        self.policy, self.of = policy, of
        self.world = World.of(policy, everybody(policy))
        self.rules: Assignment = assignment_of(self.world, of)
        self.looked: Looked = looked_at(policy, [rule.when for rule in self.rules.rules])
        self.roles = tuple(self._roles())

    def _roles(self) -> Iterator[str]:
        """The roles that decide who is found, with those who stand in for them."""
        named = [rule.to for rule in self.rules.rules] + [*self.rules.from_]
        named += [*self.looked.names("involved"), *self.looked.names("received_by")]
        seen: set[str] = set()
        while named:
            name = named.pop(0)
            if name and name not in seen:
                seen.add(name)
                named.append(self.policy.roles[name].substitute)
                yield name

    def standings(self, name: str) -> tuple[str, ...]:
        """How whoever plays this part can stand towards a case."""
        role = self.policy.roles[name]
        walls = (RESPONDS, INVOLVED) if self.rules.warn else (RESPONDS,)
        match role.kind:
            case RoleKind.POST:
                return (FREE, ABSENT, *walls, *(() if role.required else (NOBODY,)))
            case RoleKind.RELATION | RoleKind.FACT | RoleKind.RECEIVER:
                return (FREE, ABSENT, *walls, NOBODY)
            case _:
                return (FREE,)

    def try_all(self) -> Assigned:
        """Every combination; of people at most two at once are not simply there, when all would be too many."""
        result = Assigned(self.of)
        settings = list(self._settings())
        size = len(settings)
        for role in self.roles:
            size *= len(self.standings(role))
        result.in_pairs = size > MOST
        for standing in self._standing(result.in_pairs):
            people, base = self._people(standing)
            world = replace(self.world, people=people)
            for setting in settings:
                self._try(result, world, self._case(base, setting), standing)
        return result

    def _standing(self, in_pairs: bool) -> Iterator[Standing]:
        for each in product(*(self.standings(role) for role in self.roles)):
            if not in_pairs or sum(one != FREE for one in each) <= 2:
                yield dict(zip(self.roles, each, strict=True))

    def _settings(self) -> Iterator[dict[tuple[str, str], object]]:
        """Everything the rules look at beside people: one value for each way they can judge it."""
        cells: dict[tuple[str, str], Iterable[object]] = {}
        for kind, name in self.looked.subjects:
            if kind == "fact":
                cells[kind, name] = told_apart(self.world, name, self.looked)
            elif kind == "channel":
                cells[kind, name] = channels(self.world, self.looked)
            elif kind == "step":
                cells[kind, name] = (None, *outcomes_of(self.policy, name))
            elif kind == "happened":
                cells[kind, name] = (False, True)
        for values in product(*cells.values()):
            yield dict(zip(cells, values, strict=True))

    def _people(self, standing: Standing) -> tuple[People, Case]:
        """The organisation in which everybody stands so, and the case as far as that shows in it."""
        everyone = everybody(self.policy)
        persons, posts, absent = dict(everyone.persons), dict(everyone.posts), set[UUID]()
        involved: dict[UUID, frozenset[str]] = {}
        facts: dict[str, Value] = {}
        received_by: UUID | None = RECEIVER
        for name, how in standing.items():
            role = self.policy.roles[name]
            mine = posts.get(name, ()) if role.kind is RoleKind.POST else (somebody(name),)
            if role.kind is RoleKind.POST:
                posts[name] = () if how == NOBODY else mine
            elif role.kind is RoleKind.FACT and how != NOBODY:
                facts[role.fact or ""] = mine[0]
            elif role.kind is RoleKind.RECEIVER:
                received_by = None if how == NOBODY else mine[0]
            if how != NOBODY:
                persons |= {one: persons.get(one, Person(one)) for one in mine}
                absent |= set(mine) if how == ABSENT else set()
                involved |= {one: frozenset({how}) for one in mine} if how in (RESPONDS, INVOLVED) else {}
        for name, how in standing.items():
            role = self.policy.roles[name]
            if role.kind is RoleKind.RELATION:
                below = self._below(role.of, standing, posts, facts, received_by, involved)
                persons |= {one: self._under(persons[one], name, how) for one in below}
        case = Case(NAMES, received_at=RECEIVED, received_by=received_by, involved=involved, facts=facts)
        return People(persons, posts, frozenset(absent)), case

    def _below(
        self, of: str | None, standing: Standing, posts: Mapping[str, tuple[UUID, ...]], facts: dict[str, Value],
        received_by: UUID | None, involved: dict[UUID, frozenset[str]],
    ) -> tuple[UUID, ...]:  # fmt: skip
        """Those a relation starts from; where it starts from who is complained about, somebody is."""
        kind = self.policy.roles[of or ""].kind
        if kind is RoleKind.RESPONDENT:
            involved.setdefault(RESPONDENT, frozenset({RESPONDS}))
            return (RESPONDENT,)
        if kind is RoleKind.FACT:
            fact = self.policy.roles[of or ""].fact or ""
            one = facts.setdefault(fact, RESPONDENT) if of not in standing else facts.get(fact)
            return (one,) if isinstance(one, UUID) else ()
        if kind is RoleKind.RECEIVER:
            return (received_by,) if received_by else ()
        return posts.get(of or "", ())

    def _under(self, person: Person, name: str, how: str) -> Person:
        other = None if how == NOBODY else somebody(name)
        relation = self.policy.roles[name].relation
        if relation == "manager_of":
            return replace(person, manager=other)
        return replace(person, coordinator=other) if relation == "coordinator_of" else person

    def _case(self, base: Case, setting: Mapping[tuple[str, str], object]) -> Case:
        facts: dict[str, Value] = dict(base.facts)
        filled, done, moments, channel = (
            set[str](),
            list[Done](),
            {"received": (RECEIVED,)},
            next(iter(self.policy.channels)),
        )
        for (kind, name), value in setting.items():
            if kind == "fact" and value == WORDS:
                filled.add(name)
            elif kind == "fact" and value is not None and not isinstance(facts.get(name), UUID):
                facts[name] = value  # type: ignore[assignment]  # told_apart answers values of facts
            elif kind == "channel":
                channel = str(value)
            elif kind == "step" and value is not None:
                done.append(Done(name, str(value), RECEIVED, None))
            elif kind == "happened" and value:
                moments[name] = (RECEIVED,)
        form = self.policy.channels[channel].form
        return replace(
            base, facts=facts, filled=frozenset(filled), done=tuple(done), moments=moments, channel=channel, form=form
        )

    def _try(self, result: Assigned, world: World, case: Case, standing: Standing) -> None:
        result.combinations += 1
        number = next((n for n, rule in enumerate(self.rules.rules) if holds(world, case, rule.when)), None)
        if number is None:
            result.unmatched += 1
        else:
            result.decided.add(number)
        if self._finds(world, case):
            result.handled += 1
            return
        result.alarms += 1
        troubled = {name: how for name, how in standing.items() if how != FREE}
        if number is not None and len(troubled) == 1:
            role, how = next(iter(troubled.items()))
            if how in (RESPONDS, INVOLVED):
                result.conflicts.setdefault((number, role), how)

    def _finds(self, world: World, case: Case) -> bool:
        choice = choosable(world, case, self.of)
        if choice.must:
            return len(choice.everybody) >= choice.number
        found: Choice | Refusal = find_handler(world, case, of=self.of)
        return isinstance(found, Choice)


def try_all(policy: Policy) -> Iterator[Assigned]:
    """The handler's rules, and those of every role that is appointed in a case."""
    yield Assigning(policy, None).try_all()
    for name, role in policy.roles.items():
        if getattr(role, "assignment", None) is not None:
            yield Assigning(policy, name).try_all()
