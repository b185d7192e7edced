"""What this machine has instead of a container's program: `python -m production.stand_ins mail|objects|scanner ...`."""

from __future__ import annotations

import os
import signal
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from moto.server import ThreadedMotoServer

HERE = "127.0.0.1"
# What every scanner knows as harmless and reports all the same; in two parts, so that none reports this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Keep:
    """Takes every mail and puts it, one file each, in a folder before it says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = len(list(folder.glob("*.eml")))

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.count += 1
        with (self.folder / "arriving").open("wb") as file:
            file.write(envelope.content)
            file.flush()
            os.fsync(file.fileno())
        (self.folder / "arriving").rename(self.folder / f"{self.count:06}.eml")
        return "250 taken"


def mail(folder: str, port: str) -> None:
    """Catch all mail in a folder until told to stop."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    controller = Controller(Keep(Path(folder)), hostname=HERE, port=int(port))
    controller.start()
    wait()
    controller.stop()


def objects(bucket: str, port: str) -> None:
    """An object store that keeps its one bucket in memory until told to stop."""
    server = ThreadedMotoServer(HERE, int(port), verbose=False)
    server.start()
    made = urllib.request.Request(f"http://{HERE}:{port}/{bucket}", method="PUT")
    urllib.request.urlopen(made, timeout=10).close()  # noqa: S310 - an address of this machine
    wait()
    server.stop()


def scanner(settings: str, folder: str, port: str) -> None:
    """Become ClamAV's own scanner, with the settings of production and one signature of our own."""
    place = Path(folder)
    (place / "signatures").mkdir(parents=True, exist_ok=True)
    (place / "signatures" / "local.ndb").write_text(f"Test.EICAR:0:*:{EICAR.hex()}\n", encoding="ascii")
    here = {
        "LocalSocket": str(place / "clamd.sock"),
        "TCPSocket": f"{port}\nTCPAddr {HERE}",
        "DatabaseDirectory": str(place / "signatures"),
        "TemporaryDirectory": str(place),
    }
    lines = [line.partition(" ") for line in Path(settings).read_text(encoding="utf-8").splitlines()]
    told = "\n".join(f"{name} {here.get(name, value)}" for name, _, value in lines if name and name != "#")
    (place / "clamd.conf").write_text(told + "\n", encoding="utf-8")
    os.execvp("clamd", ["clamd", "--config-file", str(place / "clamd.conf")])


def wait() -> None:
    """Until a signal says that it is enough."""
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    programs: dict[str, Callable[..., None]] = {"mail": mail, "objects": objects, "scanner": scanner}
    programs[sys.argv[1]](*sys.argv[2:])
