"""`weerklank policy test`: an organisation tests its own policy by its stories, without any server running."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.settings import load

if TYPE_CHECKING:
    from weerklank.rehearsal.run import Result


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("test", help="play the stories of a policy")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="folder with policy.yaml and stories/")
    parser.add_argument("--json", action="store_true", help="write the outcome as JSON")
    parser.set_defaults(run=test_policies, needs_database=True)


def test_policies(arguments: argparse.Namespace) -> int:
    """Play every story; 0 when all went as told, 1 when something differs, 2 when something cannot be read."""
    from weerklank.kernel import schema
    from weerklank.kernel.database import make_engine
    from weerklank.rehearsal.run import play_story, stories_of

    settings = load()
    schema.upgrade(settings.database_owner_url)
    database = make_engine(settings.database_url)
    folders = [folder for path in arguments.paths or [settings.tenants] for folder in folders_of(path)]
    stories = [(folder, story) for folder in folders for story in stories_of(folder)]
    silent = [path for path in arguments.paths if not any(folder.is_relative_to(path) for folder, _ in stories)]
    if silent or not stories:
        where = ", ".join(str(path) for path in silent or [settings.tenants])
        raise BadSurroundings(f"there are no stories in {where}; a story is a file such as stories/first.yaml.")
    try:
        results = [play_story(database, folder, story) for folder, story in stories]
    finally:
        database.dispose()
    print(json.dumps([result.as_data() for result in results], ensure_ascii=False, indent=2)
          if arguments.json else "\n".join(described(results)))  # fmt: skip
    found = [one for result in results for one in result.differences]
    return 2 if any(one.unreadable for one in found) else 1 if found else 0


def folders_of(path: Path) -> list[Path]:
    """The folder itself when it holds a policy, else those below it that do."""
    if (path / "policy.yaml").is_file():
        return [path]
    found = sorted(folder.parent for folder in path.glob("*/policy.yaml"))
    if not found:
        raise BadSurroundings(f"there is no policy.yaml in {path} or the folders in it.")
    return found


def described(results: "Sequence[Result]") -> list[str]:
    """A line for each difference, and one that counts."""
    lines = dict.fromkeys(str(one) for result in results for one in result.differences)
    wrong = sum(bool(result.differences) for result in results)
    return [*lines, f"{len(results)} stories, {len(results) - wrong} as told, {wrong} not"]
