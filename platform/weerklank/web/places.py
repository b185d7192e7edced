"""The few places where pages are made, and who gets one.

An organisation holds at most half of them. Of those that wait each organisation's oldest request is next in turn. And
while others ask too, an organisation gets half of the time of one place: a flood of short requests then leaves room
enough for who asks now and then, though each takes only a moment. An organisation that is alone here may have it all.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

MOST_WAITING = 32  # of one organisation, in one process
LOOK_EVERY = 0.1  # seconds between looks of who waits for time and not for a place
RATE = 0.5  # seconds of places that an organisation gets in each second
AT_ONCE = 2.0  # seconds of places that it may have saved
MOST_CHARGED = 0.5  # seconds for one request: a long one is seldom, and nobody's flood
COMPANY = 10.0  # seconds after which who did not ask again is not here any more
MOST_KNOWN = 4096


@dataclass
class Account:
    """What an organisation has saved, as it was at this moment, which is when it last asked or was charged."""

    saved: float
    at: float


class Places:
    """So many places. Who asks is an organisation, or None for whoever asks for pages of the platform itself."""

    def __init__(self, places: int, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.free = places
        self.share = max(1, places // 2)
        self.held: Counter[UUID | None] = Counter()
        self.waiting: OrderedDict[UUID | None, deque[threading.Event]] = OrderedDict()
        self.accounts: OrderedDict[UUID | None, Account] = OrderedDict()  # who asked last is last
        self.lock = threading.Lock()

    def take(self, asker: UUID | None, patience: float) -> bool:
        """Get a place, if need be after waiting; False when too many of this asker wait, or one did too long."""
        mine = threading.Event()
        until = self.clock() + patience
        with self.lock:
            self.account(asker)
            queue = self.waiting.setdefault(asker, deque())
            if len(queue) >= MOST_WAITING:
                return False
            queue.append(mine)
            self.call_who_may()
        while not mine.wait(max(0.0, min(until - self.clock(), LOOK_EVERY))):
            with self.lock:
                self.call_who_may()
                if not mine.is_set() and self.clock() >= until:
                    self.give_up(asker, mine)
                    return False
        return True

    def leave(self, asker: UUID | None, seconds: float) -> None:
        """Give the place back after so long, and on to who is next."""
        with self.lock:
            self.account(asker).saved -= min(seconds, MOST_CHARGED)
            self.free += 1
            self.held[asker] -= 1
            if not self.held[asker]:
                del self.held[asker]
            self.call_who_may()

    def account(self, asker: UUID | None) -> Account:
        """What this asker has saved by now."""
        now = self.clock()
        account = self.accounts.setdefault(asker, Account(AT_ONCE, now))
        account.saved, account.at = min(AT_ONCE, account.saved + (now - account.at) * RATE), now
        self.accounts.move_to_end(asker)
        if len(self.accounts) > MOST_KNOWN:
            self.accounts.popitem(last=False)
        return account

    def call_who_may(self) -> None:
        """Give free places to those that wait, one to each asker in turn."""
        while self.free and (able := [each for each in self.waiting if self.may(each)]):
            asker = able[0]
            self.waiting[asker].popleft().set()
            self.free -= 1
            self.held[asker] += 1
            self.waiting.move_to_end(asker)
            if not self.waiting[asker]:
                del self.waiting[asker]

    def may(self, asker: UUID | None) -> bool:
        """Whether this asker may have one more place now."""
        account = self.accounts.get(asker)
        saved = AT_ONCE if account is None else account.saved + (self.clock() - account.at) * RATE
        return self.held[asker] < self.share and (saved > 0 or self.is_alone(asker))

    def is_alone(self, asker: UUID | None) -> bool:
        """Whether no other organisation asked lately."""
        others = (account for each, account in reversed(self.accounts.items()) if each not in (asker, None))
        last = next(others, None)
        return last is None or self.clock() - last.at > COMPANY

    def give_up(self, asker: UUID | None, mine: threading.Event) -> None:
        queue = self.waiting[asker]
        queue.remove(mine)
        if not queue:
            del self.waiting[asker]

    def count_waiting(self) -> int:
        """How many wait."""
        with self.lock:
            return sum(map(len, self.waiting.values()))
