"""List operations: filters, order and pages."""

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique


@pytest.fixture(scope="module")
def groups(account) -> list[str]:
    """Create five model package groups; give their names in the order of creation."""
    prefix = unique("page")
    names = [f"{prefix}-{letter}" for letter in "CaEbD"]
    for name in names:
        account.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return names


def listed(account, **request) -> list[str]:
    answer = account.sagemaker.list_model_package_groups(**request)
    return [item["ModelPackageGroupName"] for item in answer["ModelPackageGroupSummaryList"]]


def common(groups: list[str]) -> str:
    return groups[0].rpartition("-")[0]


def test_list_by_default_has_the_newest_first(account, groups):
    assert listed(account, NameContains=common(groups)) == groups[::-1]


def test_list_ascending_has_the_oldest_first(account, groups):
    assert listed(account, NameContains=common(groups), SortOrder="Ascending") == groups


def test_list_sorted_by_name_is_in_the_order_of_names(account, groups):
    names = listed(account, NameContains=common(groups), SortBy="Name", SortOrder="Ascending")
    assert names == sorted(groups)


def test_list_of_names_containing_a_text_ignores_its_case(account, groups):
    assert listed(account, NameContains=groups[0].upper()) == [groups[0]]


def test_list_in_pages_has_every_record_once(account, groups):
    pages = account.sagemaker.get_paginator("list_model_package_groups").paginate(
        NameContains=common(groups), PaginationConfig={"PageSize": 2}
    )
    sizes, names = [], []
    for page in pages:
        found = [item["ModelPackageGroupName"] for item in page["ModelPackageGroupSummaryList"]]
        sizes.append(len(found))
        names += found
    assert sizes == [2, 2, 1]
    assert names == groups[::-1]


def test_last_page_has_no_next_token(account, groups):
    answer = account.sagemaker.list_model_package_groups(
        NameContains=common(groups), MaxResults=len(groups)
    )
    assert "NextToken" not in answer


@pytest.mark.parametrize("token", ["not-one-of-ours", "-1", "9" * 5000])
def test_next_token_that_was_never_given_is_refused(account, token):
    with pytest.raises(ClientError, match=r"ValidationException.*NextToken"):
        account.sagemaker.list_models(NextToken=token)


def test_list_after_and_before_a_time_leaves_the_record_of_that_time_out(account, groups):
    third = account.sagemaker.describe_model_package_group(ModelPackageGroupName=groups[2])
    time = third["CreationTime"].timestamp()
    prefix = common(groups)
    after = listed(account, NameContains=prefix, CreationTimeAfter=time + 1)
    before = listed(account, NameContains=prefix, CreationTimeBefore=time - 1)
    assert after == before == []


def test_list_of_jobs_by_status_has_only_jobs_of_that_status(account, iris_job):
    name = iris_job["TrainingJobName"]
    for status, names in (("Completed", [name]), ("Failed", [])):
        answer = account.sagemaker.list_training_jobs(NameContains=name, StatusEquals=status)
        assert [job["TrainingJobName"] for job in answer["TrainingJobSummaries"]] == names


def test_list_of_jobs_sorted_by_status_is_in_the_order_of_the_status(account, iris_job):
    account.finished_job(account.start_job("raise SystemExit(1)"))
    answer = account.sagemaker.list_training_jobs(
        SortBy="Status", SortOrder="Ascending", MaxResults=100
    )
    statuses = [job["TrainingJobStatus"] for job in answer["TrainingJobSummaries"]]
    assert statuses == sorted(statuses)
    assert len(set(statuses)) > 1


def test_list_of_job_summaries_leaves_out_what_only_describe_answers(account, iris_job):
    answer = account.sagemaker.list_training_jobs(NameContains=iris_job["TrainingJobName"])
    (summary,) = answer["TrainingJobSummaries"]
    assert summary["TrainingJobArn"] == iris_job["TrainingJobArn"]
    assert "HyperParameters" not in summary


def test_list_of_endpoints_models_and_configs_finds_the_deployed_program(account, iris_endpoint):
    (endpoint,) = account.sagemaker.list_endpoints(NameContains=iris_endpoint)["Endpoints"]
    assert endpoint["EndpointStatus"] == "InService"
    config = account.sagemaker.describe_endpoint(EndpointName=iris_endpoint)["EndpointConfigName"]
    assert account.sagemaker.list_models(NameContains=config)["Models"]
    assert account.sagemaker.list_endpoint_configs(NameContains=config)["EndpointConfigs"]


def test_list_with_a_filter_that_is_not_reproduced_is_refused_by_name(account):
    with pytest.raises(ClientError, match=r"does not reproduce the filter WarmPoolStatusEquals"):
        account.sagemaker.list_training_jobs(WarmPoolStatusEquals="InUse")
