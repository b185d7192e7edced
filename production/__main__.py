"""`python -m production [FOLDER]`: the production shape on this machine, until Ctrl-C."""

import os
import sys
from pathlib import Path

from production.places import Places, free_ports, needed_programs
from production.run import Production
from production.shape import ROOT
from weerklank.cli.run import only_run
from weerklank.kernel.errors import BadSurroundings

# Variables of docker-compose.yml that somebody may set here too.
GIVEN = ("MAIL_FROM", "OPERATOR_MAIL", "HOSTS", "LOG_LEVEL")


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "var" / "production").resolve()
    given = {"LOG_LEVEL": "warning", **{name: os.environ[name] for name in GIVEN if os.environ.get(name)}}
    try:
        needed_programs()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_run(folder) as note:
            production = Production(Places(folder, free_ports()), given)
            note.write(production.url)
            note.flush()
            return production.run()
    except BadSurroundings as error:
        print(f"weerklank: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
