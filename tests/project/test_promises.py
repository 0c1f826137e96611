"""Every promise has a test, and docs/reference/promises.md lists them."""

import pytest

from tests.project.promises import CONTRACT


@pytest.mark.parametrize("promise", CONTRACT.observations, ids=lambda item: item.id)
def test_promise_has_a_test(promise):
    assert not CONTRACT.fault(promise)


def test_observes_marks_name_existing_promises():
    assert not CONTRACT.shown - {promise.id for promise in CONTRACT.observations}


def test_page_of_promises_is_up_to_date():
    committed = CONTRACT.path.read_text(encoding="utf-8")
    assert committed == CONTRACT.document(), (
        "docs/reference/promises.md is out of date; run `make conformance`"
    )
