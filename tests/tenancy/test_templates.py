"""The policies one can start from."""

import pytest

from weerklank.kernel.errors import Refused
from weerklank.policy.findings import Severity
from weerklank.policy.reader import read_policy
from weerklank.tenancy.templates import FOLDER, filled_in, names, templates


@pytest.mark.parametrize(
    "organisation", ["Buurtbus", 'De "Club" & Zn.', "a: b # c", "{x}", "prefix: ABC", "Ünïcode 🎈", "- ["]
)
def test_it_makes_a_policy_without_an_error_whatever_the_organisation_is_called(organisation: str) -> None:
    reading = read_policy(filled_in("general", organisation, "XYZ"), name="general")
    assert reading.policy is not None, [str(one) for one in reading.findings]
    assert reading.policy.procedure.organisation == organisation
    assert reading.policy.procedure.prefix == "XYZ"


@pytest.mark.parametrize("template", names())
def test_it_finds_nothing_wrong_with_a_template_and_leaves_the_own_choices_as_questions(template: str) -> None:
    reading = read_policy(filled_in(template, "De Buurtbus", "XYZ"), name=template)
    assert [str(one) for one in reading.findings if one.severity in (Severity.ERROR, Severity.WARNING)] == []
    assert reading.policy is not None
    assert (reading.policy.procedure.organisation, reading.policy.procedure.prefix) == ("De Buurtbus", "XYZ")
    assert reading.open, "the organisation's own choices stand as questions"
    assert "[naam" not in filled_in(template, "De Buurtbus", "XYZ")


def test_it_offers_every_folder_of_templates_once_in_both_languages() -> None:
    assert sorted(names()) == sorted(path.parent.name for path in FOLDER.glob("*/policy.yaml"))
    for one in templates():
        assert one.label.languages == one.meant_for.languages == {"nl", "en"}


def test_it_knows_no_template_by_a_name_that_leads_elsewhere() -> None:
    for name in ("", "../mep", "nothing"):
        with pytest.raises(Refused, match="unknown_template"):
            filled_in(name, "De Buurtbus", "XYZ")
