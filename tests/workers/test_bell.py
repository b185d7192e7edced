"""A bell that can go out of order at any time: nothing waits for it, and it is heard again when it is back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
import redis
from dramatiq import Broker
from sqlalchemy import select

from tests.cases.conftest import Office
from tests.workers.conftest import RedisServer, until
from weerklank.assembly import Platform
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Outbox
from weerklank.workers import bell
from weerklank.workers.clock import Rung, beat

NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
SOON = 20.0


@pytest.fixture
def broker(redis_server: RedisServer) -> Iterator[Broker]:
    made = bell.make_broker(redis_server.url)
    yield made
    made.close()


def test_it_is_heard_again_when_redis_is_back(redis_server: RedisServer, broker: Broker) -> None:
    heard = list[int]()
    ring = bell.hang(broker, lambda: heard.append(1))
    ears = bell.listen(broker)
    ring(new_id(), new_id())
    until(lambda: heard == [1], SOON)
    redis_server.kill()
    with pytest.raises(redis.ConnectionError):
        ring(new_id(), new_id())
    redis_server.start()
    ring(new_id(), new_id())
    until(lambda: len(heard) > 1, SOON)
    ears.stop(timeout=5_000)


def test_it_waits_for_no_redis_that_is_silent_and_hears_it_when_it_speaks(
    redis_server: RedisServer, broker: Broker
) -> None:
    heard = list[int]()
    ring = bell.hang(broker, lambda: heard.append(1))
    ring(new_id(), new_id())
    assert redis_server.process
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    ears = bell.listen(broker)
    with pytest.raises(redis.TimeoutError):
        ring(new_id(), new_id())
    os.kill(redis_server.process.pid, signal.SIGCONT)
    ring(new_id(), new_id())  # what it answered meanwhile to nobody is lost
    until(lambda: bool(heard), SOON)
    ears.stop(timeout=5_000)


def test_it_never_tries_redis_twice_and_sees_to_the_dead_at_once(broker: Broker) -> None:
    client, options = broker.client, vars(broker)
    given = client.connection_pool.connection_kwargs
    assert given["retry"].get_retries() == 0
    assert (given["socket_timeout"], given["socket_connect_timeout"]) == (2.0, 2.0)
    assert (options["heartbeat_timeout"], options["maintenance_chance"]) == (5_000, 1_000_000)
    assert (options["namespace"], list(broker.middleware)) == ("weerklank", [])


def test_it_goes_on_while_the_bell_is_out_of_order_and_then_rings_for_everything(
    platform: Platform, office: Office
) -> None:
    tried, rung = list[UUID](), Rung()

    def broken(tenant_id: UUID, job_id: UUID) -> None:
        tried.append(job_id)
        raise redis.ConnectionError

    office.receive()
    office.session.commit()
    beat(platform, broken, rung, NOW)
    assert len(tried) == 1, "a bell that fails once is left alone for this beat"
    heard = list[UUID]()
    beat(platform, lambda _, job_id: heard.append(job_id), rung, NOW)
    assert set(heard) == set(office.session.scalars(select(Outbox.id)))
    beat(platform, lambda _, job_id: heard.append(job_id), rung, NOW)
    assert len(heard) == len(set(heard)), "for what was rung for lately nobody rings again"
