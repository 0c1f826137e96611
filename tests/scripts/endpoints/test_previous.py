"""An endpoint knows the release before, wherever the commands that change it are interrupted."""

import argparse
from contextlib import suppress
from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.naming import DEFAULT_STACK, new_stamp
from scripts.account.ownership import tag_map
from scripts.endpoints.live import (
    describe_endpoint,
    previous_config,
    read_live,
    roll_back,
    rollback_call,
)
from scripts.endpoints.release import release
from scripts.releases.history import previous_of
from scripts.releases.smoke import Smoke
from tests.scripts.endpoints.plans import release_plan
from tests.scripts.environments.small_account import Person, SmallAccount


class Impatient(Person):
    """A person who presses Ctrl-C as soon as there is something to wait for."""

    def watch(self, *arguments):
        raise KeyboardInterrupt


def person(account, around=lambda number, after: None, kind=Person):
    return kind(account, 0, DEFAULT_STACK, around)


def deploy(one):
    """Release to the endpoint e; return the name of the release."""
    plan = replace(release_plan(), endpoint_name="e", stamp=new_stamp())
    endpoint = describe_endpoint(one, "e")
    if endpoint is not None:
        kept = argparse.Namespace(instance_count=None)
        plan = replace(plan, live=read_live(one, endpoint, kept))
    with suppress(KeyboardInterrupt):
        release(one, plan, Smoke(None))
    return plan.name


def served_and_previous(account):
    members = account.find("endpoint", "e").members
    served = members["EndpointConfigName"]
    return served, previous_of(tag_map(members["Tags"]), served)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("interrupted", range(9))
def test_interrupted_update_leaves_the_release_before_to_return_to(interrupted, after):
    account = SmallAccount()
    first, second = deploy(person(account)), deploy(person(account))
    assert served_and_previous(account) == (second, first)

    def around(number, is_after):
        if (number, is_after) == (interrupted, after):
            raise KeyboardInterrupt

    third = deploy(person(account, around))
    served, previous = served_and_previous(account)
    assert (served, previous) in ((second, first), (third, second))
    for name in (served, previous):
        assert ("endpoint_config", name) in account.resources
        assert ("model", name) in account.resources
    if interrupted == 8:  # after the last call
        assert served == third
        assert ("endpoint_config", first) not in account.resources


def test_update_that_goes_on_after_its_command_was_killed_leaves_the_release_before():
    account = SmallAccount()
    _, second = deploy(person(account)), deploy(person(account))
    third = deploy(person(account, kind=Impatient))
    assert served_and_previous(account) == (third, second)


def test_failed_update_leaves_the_release_before_as_it_was():
    account = SmallAccount()
    first, second = deploy(person(account)), deploy(person(account))
    account.failing.add(1)
    with pytest.raises(DeploymentError, match="endpoint e could not be started"):
        deploy(Person(account, 1, DEFAULT_STACK))
    assert served_and_previous(account) == (second, first)


def test_interrupted_rollback_goes_on_and_a_second_one_returns_to_the_newer_release():
    account = SmallAccount()
    first, second = deploy(person(account)), deploy(person(account))
    one = person(account, kind=Impatient)
    endpoint = describe_endpoint(one, "e")
    with pytest.raises(KeyboardInterrupt):
        roll_back(one, endpoint, rollback_call(endpoint, previous_config(one, endpoint, "")))
    assert served_and_previous(account) == (first, second)


def test_update_planned_before_someone_else_s_release_is_refused_and_leaves_it_as_it_is():
    account, others = SmallAccount(), []
    first = deploy(person(account))

    def around(number, is_after):
        if not others:
            others.append("")
            others[0] = deploy(person(account))

    with pytest.raises(DeploymentError) as caught:
        deploy(person(account, around))
    assert str(caught.value) == (
        "someone else changed endpoint e in the meantime, so it is left as it is: expected it to "
        f"serve {first}, found {others[0]} (InService). See it with: python -m scripts status"
    )
    assert served_and_previous(account) == (others[0], first)
    assert {each.name for each in account.of_kind("model")} == {first, others[0]}


def test_rollback_planned_before_someone_else_s_release_is_refused():
    account = SmallAccount()
    _, second, one = deploy(person(account)), deploy(person(account)), person(account)
    endpoint = describe_endpoint(one, "e")
    call = rollback_call(endpoint, previous_config(one, endpoint, ""))
    third = deploy(person(account))
    with pytest.raises(DeploymentError, match=f"expected it to serve {second}, found {third}"):
        roll_back(one, endpoint, call)
    assert served_and_previous(account) == (third, second)


def test_first_release_has_none_before_and_the_message_has_the_command_that_deploys_another():
    account = SmallAccount()
    deploy(person(account))
    endpoint = describe_endpoint(person(account), "e")
    with pytest.raises(DeploymentError) as caught:
        previous_config(person(account), endpoint, "--recipe r --endpoint-name e")
    assert str(caught.value) == (
        "endpoint e has no previous release: it has had one release only. Deploy another package "
        "with: python -m scripts.deploy --recipe r --endpoint-name e --package ARN"
    )
