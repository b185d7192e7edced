"""The policies one can start from."""

import pytest

from weerklank.policy.findings import Severity
from weerklank.policy.reader import read_policy
from weerklank.tenancy.templates import TEMPLATES, filled_in


@pytest.mark.parametrize(
    "organisation", ["Buurtbus", 'De "Club" & Zn.', "a: b # c", "{x}", "@prefix@", "Ünïcode 🎈", "- ["]
)
@pytest.mark.parametrize("template", TEMPLATES)
def test_it_makes_a_policy_without_a_single_finding_whatever_the_organisation_is_called(
    template: str, organisation: str
) -> None:
    reading = read_policy(filled_in(template, organisation, "ABC"), name=template)
    assert [str(one) for one in reading.findings if one.severity is Severity.ERROR] == []
    assert reading.policy is not None
    assert reading.policy.procedure.organisation == organisation
    assert reading.open, "the organisation's own choices stand as questions"
