"""cost lists what is billed in an environment, and what a deleted one left behind."""

import pytest

from local_aws.tests.account import unique
from scripts.account.ownership import tag_map
from scripts.operations import cost, status
from scripts.operations.status import HOURS_PER_MONTH, hourly_price
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import RECIPE, Scripts

TAGS = [
    {"Key": "project", "Value": "newsgroup-classifier"},
    {"Key": "stack", "Value": "newsgroup-classifier"},
]


def test_cost_lists_the_endpoint_and_the_bucket_and_says_which_price_is_not_known(release):
    ended = release.scripts.run("cost")
    result = ended.result
    assert set(result) == KEYS["cost"]
    assert (result["exists"], result["leftovers"]) == (True, [])
    items = {each["name"]: each for each in result["items"]}
    endpoint = items[release.deploy["endpoint_name"]]
    assert (endpoint["kind"], endpoint["quantity"]) == ("endpoint", "1 x ml.m5.large")
    assert (endpoint["dollars_per_hour"], endpoint["price_source"]) == (None, "unknown")
    assert (result["dollars_per_hour"], result["dollars_per_month"]) == (None, None)
    bucket = items[release.setup["bucket"]]
    assert bucket["quantity"].endswith(" MB")
    assert float(bucket["quantity"].split()[0]) > 0
    assert ended.stderr.endswith("\nNone of these prices is known here.\n")
    assert "0.0000" not in ended.stderr
    quiet = release.scripts.run("cost", "--json")
    assert quiet.result == result
    assert "dollars per hour" not in quiet.stderr


def test_running_processing_job_is_listed(release):
    client, name = release.scripts.client("sagemaker"), unique("measuring")
    image = release.training_job["AlgorithmSpecification"]["TrainingImage"]
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    client.create_processing_job(
        ProcessingJobName=name,
        RoleArn=release.setup["role_arn"],
        AppSpecification={"ImageUri": image, "ContainerEntrypoint": ["sleep", "60"]},
        ProcessingResources={"ClusterConfig": cluster},
        Tags=TAGS,
    )
    items = release.scripts.run("cost", "--json").result["items"]
    client.stop_processing_job(ProcessingJobName=name)
    (found,) = [each for each in items if each["name"] == name]
    assert (found["kind"], found["quantity"]) == ("processing job", "1 x ml.m5.large")


def test_known_prices_are_summed_up_next_to_the_number_of_unknown_ones(capsys):
    items = [cost._item("endpoint", "a", "1", 0.25), cost._item("bucket", "b", "1 MB")]
    cost._show("s", items, 0.25, exists=True)
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == (
        "Known: 0.2500 dollars per hour, 182.50 per month, and 1 item whose price is not known "
        "here."
    )
    cost._show("s", items[:1], 0.25, exists=True)
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == "Known: 0.2500 dollars per hour, 182.50 per month."
    cost._show("s", items[1:], None, exists=True)
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == "None of these prices is known here."


def test_known_price_counts_per_hour_and_month():
    (((region, kind), (price, source)),) = status._PRICES.items()
    assert hourly_price(region, kind, 2) == (2 * price, source)
    assert HOURS_PER_MONTH == 365 * 24 / 12


def test_environment_that_never_was_has_nothing(release):
    result = release.scripts.run("cost", "--stack", "never").result
    assert (result["exists"], result["items"], result["leftovers"]) == (False, [], [])
    assert result["dollars_per_hour"] == 0


@pytest.fixture(scope="module")
def deleted(local_aws, own_region):
    """Return the commands of a region whose environment was deleted."""
    scripts = Scripts(local_aws, own_region)
    assert scripts.run("setup").code == 0
    assert scripts.run("delete", "--foundation").code == 0
    return scripts


def test_deleted_environment_left_nothing_behind(deleted):
    ended = deleted.run("cost")
    assert (ended.result["exists"], ended.result["leftovers"]) == (False, [])
    assert "nothing of it is left" in ended.stderr


def test_leftovers_are_listed_by_arn_with_the_command_that_removes_them(deleted):
    client, logs = deleted.client("sagemaker"), deleted.client("logs")
    group = f"/aws/sagemaker/Endpoints/{RECIPE}-pipeline"
    logs.create_log_group(logGroupName=group)
    logs.create_log_group(logGroupName="/aws/sagemaker/Endpoints/of-others")
    custom = "/aws/sagemaker/Endpoints/own-name"
    logs.create_log_group(logGroupName=custom, tags=tag_map(TAGS))
    for name, tags in ((RECIPE, TAGS), ("of-others", [])):
        client.create_model_package_group(ModelPackageGroupName=name, Tags=tags)
    package = client.create_model_package(ModelPackageGroupName=RECIPE)["ModelPackageArn"]
    ended = deleted.run("cost")
    region = f"--region {deleted.region}"
    assert [each["remove_with"] for each in ended.result["leftovers"]] == [
        f"aws sagemaker delete-model-package {region} --model-package-name {package}",
        f"aws sagemaker delete-model-package-group {region} --model-package-group-name {RECIPE}",
        f"aws logs delete-log-group {region} --log-group-name {group}",
        f"aws logs delete-log-group {region} --log-group-name {custom}",
    ]
    assert all(each["arn"].startswith("arn:aws:") for each in ended.result["leftovers"])
    assert ended.stderr.count("Left behind: arn:aws:") == 4
