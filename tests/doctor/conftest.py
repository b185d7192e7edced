"""The doctor looks at the same platform with committed data as the workers' tests."""

from tests.workers.conftest import mailbox, office, platform

__all__ = ["mailbox", "office", "platform"]
