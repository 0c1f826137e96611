"""Every observation of the contract has a test, and docs/conformance.md says which."""

import pytest

from local_aws.tests.contract.conformance import CONTRACT
from local_aws.tests.contract.marks import marked_tests
from local_aws.tests.contract.observation import HOW_KNOWN


def test_observations_have_unique_ids_and_say_how_they_are_known():
    ids = [observation.id for observation in CONTRACT.observations]
    assert sorted(ids) == sorted(set(ids))
    assert {observation.known for observation in CONTRACT.observations} <= set(HOW_KNOWN)


@pytest.mark.parametrize("observation", CONTRACT.observations, ids=lambda item: item.id)
def test_observation_has_a_test_or_a_reason_why_none_can_show_it(observation):
    assert not CONTRACT.fault(observation)


def test_marks_name_only_observations_of_the_contract():
    assert not CONTRACT.shown - {observation.id for observation in CONTRACT.observations}


def test_committed_document_is_what_the_command_writes():
    committed = CONTRACT.path.read_text(encoding="utf-8")
    assert committed == CONTRACT.document(), (
        "docs/conformance.md is out of date; run: python -m local_aws.tests.contract.conformance"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pytestmark = pytest.mark.observes('a')\n", "1 observes marks, but only 0 of them"),
        ("@pytest.mark.observes('a')\ndef stage(): ...\n", "1 observes marks, but only 0 of them"),
        ("@pytest.mark.observes(NAME)\ndef test_it(): ...\n", "line 1: expected observation ids"),
        ("@pytest.mark.observes()\ndef test_it(): ...\n", "line 1: expected observation ids"),
    ],
)
def test_misplaced_or_unreadable_mark_is_refused(tmp_path, text, words):
    (tmp_path / "test_some.py").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        marked_tests(tmp_path)


def test_mark_on_one_case_of_a_test_counts_for_the_test(tmp_path):
    text = (
        "@pytest.mark.slow\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.observes('a'))])\n"
        "def test_it(x): ...\n"
    )
    (tmp_path / "test_some.py").write_text(text, encoding="utf-8")
    (test,) = marked_tests(tmp_path)
    assert (test.name, test.observes, test.long) == ("test_it", ("a",), ("slow",))
