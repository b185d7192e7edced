"""The complainant's side of a case: who complains, whether together, and who acts for them; and how each is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from weerklank.policy.case import Case
from weerklank.policy.model import Role, RoleKind

EMAIL, POST, PAGE, PUBLISHED = "email", "post", "page", "published"
LODGERS = (RoleKind.COMPLAINANT, RoleKind.REPRESENTATIVE)  # who answers by the complainant's own page
SORTS: Mapping[str, Callable[[Case], bool]] = {
    "anonymous": lambda case: case.anonymous,
    "represented": lambda case: case.represented is not None,
    "several": lambda case: bool(case.others),
}


def way_to(case: Case, role: Role, number: int) -> str:
    """How somebody on the complainant's side is reached: email, post, or his page only (who stays anonymous).

    `number` is 0 for who speaks for all, from 1 on for those who joined.
    """
    if role.kind is RoleKind.REPRESENTATIVE and case.represented:
        return case.represented
    return case.others[number - 1] if number else case.way
