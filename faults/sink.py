"""A mail server that keeps what it took in a file before it says so: the half of the oracle that gets mail."""

from __future__ import annotations

import os
import threading
from collections import Counter
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """Counts mails by their Message-ID. Each is a line of `file`, written and synchronised before the 250.

    `answer` may be set to a function (envelope -> an answer such as "451 later", or None to take it) by a scenario.
    """

    def __init__(self, file: Path, port: int) -> None:
        self.file = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.recipients: dict[str, str] = {}
        self.answer: Any = None
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.port = port

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def open(self) -> None:
        self.controller.start()

    def close(self) -> None:
        self.controller.stop()
        os.close(self.file)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer is not None and (said := self.answer(envelope)):
            return str(said)
        self.take(str(BytesHeaderParser(policy=default).parsebytes(envelope.content)["Message-ID"]), envelope.rcpt_tos)
        return "250 taken"

    def take(self, message_id: str, recipients: list[str]) -> None:
        """Keep that this mail came."""
        with self.lock:
            os.write(self.file, f"{message_id}\n".encode())
            os.fsync(self.file)
            self.counts[message_id] += 1
            self.recipients[message_id] = ", ".join(recipients)

    def repeats(self) -> int:
        """How many mails came that had come before."""
        with self.lock:
            return sum(count - 1 for count in self.counts.values())
