"""Protected environments are not deleted, and logs end when they should."""

import pytest
from botocore.exceptions import ClientError

from scripts.account.log_groups import DAYS, SHARED, arn_of, retention_calls
from scripts.account.naming import stack_tags
from tests.scripts.processes import Scripts


@pytest.fixture(scope="module")
def scripts(local_aws, own_region):
    """Return the commands of a region with a protected environment."""
    scripts = Scripts(local_aws, own_region)
    assert scripts.run("setup", "--protect").code == 0
    yield scripts
    assert scripts.run("setup", "--no-protect").code == 0
    assert scripts.run("delete", "--foundation").code == 0


def is_protected(scripts, name="newsgroup-classifier"):
    (stack,) = scripts.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return stack["EnableTerminationProtection"]


def retentions(scripts):
    groups = scripts.client("logs").describe_log_groups()["logGroups"]
    return {group["logGroupName"]: group.get("retentionInDays") for group in groups}


@pytest.mark.parametrize("flags", [(), ("--packages", "--data"), ("--foundation",), ("--dry-run",)])
def test_delete_of_a_protected_environment_says_what_to_do_and_deletes_nothing(scripts, flags):
    bucket = scripts.run("setup").result["bucket"]
    scripts.put_object(f"s3://{bucket}/data/20newsgroups/x", b"x")
    error = scripts.run("delete", *flags).error
    assert error == (
        "nothing was deleted, because newsgroup-classifier is protected against deletion. Remove "
        "the protection of the environment with: python -m scripts.setup --no-protect"
    )
    assert scripts.list_objects(f"s3://{bucket}/") == [f"s3://{bucket}/data/20newsgroups/x"]
    assert is_protected(scripts)


@pytest.mark.slow
def test_protection_stays_until_a_flag_removes_it_and_is_the_environment_s_own(scripts):
    assert scripts.run("setup", "--stack", "staging").code == 0
    assert scripts.run("setup").code == 0
    assert (is_protected(scripts), is_protected(scripts, "staging")) == (True, False)
    planned = scripts.run("setup", "--no-protect", "--dry-run").result["calls"]
    assert [call["operation"] for call in planned] == [
        "update_stack",
        "update_termination_protection",
    ]
    assert scripts.run("delete", "--foundation", "--stack", "staging").code == 0
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection"):
        scripts.client("cloudformation").delete_stack(StackName="newsgroup-classifier")


def test_logs_of_jobs_are_kept_as_before_unless_a_flag_says_so(scripts):
    scripts.run("setup")
    assert not retentions(scripts).keys() & set(SHARED)
    ended = scripts.run("setup", "--log-days", "90")
    assert {retentions(scripts)[group] for group in SHARED} == {90}
    assert "also of other projects, are kept for 90 days" in ended.stderr


def test_logs_of_an_endpoint_are_kept_for_30_days_or_as_before_or_as_a_flag_says(scripts):
    from scripts.account.aws import Aws

    aws = Aws(scripts.region)
    aws.endpoint_url = scripts.aws.url
    group = "/aws/sagemaker/Endpoints/some"
    for days, expected in ((None, 30), (7, 7), (None, 7)):
        for call in retention_calls(aws, "some", days, stack_tags("staging")):
            aws.make(call)
        assert retentions(scripts)[group] == expected
        (described,) = aws.pages(
            "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group
        )
        logs = aws.client("logs")
        tags = logs.list_tags_for_resource(resourceArn=arn_of(described))["tags"]
        assert tags["stack"] == "staging"


def test_retention_that_aws_does_not_have_is_refused_with_those_that_it_has(scripts):
    ended = scripts.run("setup", "--log-days", "31")
    assert ended.code == 2
    assert all(str(days) in ended.stderr for days in DAYS)
