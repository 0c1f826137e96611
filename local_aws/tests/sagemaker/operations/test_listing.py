"""List operations: filters, order, and pages."""

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique


@pytest.fixture(scope="module")
def groups(account) -> list[str]:
    """Create five model package groups; return their names in the order of creation."""
    prefix = unique("page")
    names = [f"{prefix}-{letter}" for letter in "CaEbD"]
    for name in names:
        account.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return names


def list_names(account, **request) -> list[str]:
    response = account.sagemaker.list_model_package_groups(**request)
    return [item["ModelPackageGroupName"] for item in response["ModelPackageGroupSummaryList"]]


def prefix_of(groups: list[str]) -> str:
    return groups[0].rpartition("-")[0]


def test_list_is_sorted_from_newest_to_oldest_by_default(account, groups):
    assert list_names(account, NameContains=prefix_of(groups)) == groups[::-1]


def test_list_in_ascending_order_is_sorted_from_oldest_to_newest(account, groups):
    assert list_names(account, NameContains=prefix_of(groups), SortOrder="Ascending") == groups


def test_list_can_be_sorted_by_name(account, groups):
    filters = {"NameContains": prefix_of(groups), "SortOrder": "Ascending"}
    assert list_names(account, **filters, SortBy="Name") == sorted(groups)


def test_list_filter_by_name_ignores_case(account, groups):
    assert list_names(account, NameContains=groups[0].upper()) == [groups[0]]


def test_pages_of_a_list_contain_every_record_once(account, groups):
    pages = account.sagemaker.get_paginator("list_model_package_groups").paginate(
        NameContains=prefix_of(groups), PaginationConfig={"PageSize": 2}
    )
    sizes, names = [], []
    for page in pages:
        names += [item["ModelPackageGroupName"] for item in page["ModelPackageGroupSummaryList"]]
        sizes.append(len(page["ModelPackageGroupSummaryList"]))
    assert sizes == [2, 2, 1]
    assert names == groups[::-1]


@pytest.mark.observes("list-pages")
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize("key", ["CreationTime", "Name"])
def test_records_that_are_deleted_page_by_page_are_all_deleted(account, order, key):
    prefix = unique("delete")
    for letter in "BaDcEfG":
        account.sagemaker.create_model_package_group(ModelPackageGroupName=f"{prefix}-{letter}")
    pages = account.sagemaker.get_paginator("list_model_package_groups").paginate(
        NameContains=prefix, SortBy=key, SortOrder=order, PaginationConfig={"PageSize": 2}
    )
    for page in pages:
        for group in page["ModelPackageGroupSummaryList"]:
            name = group["ModelPackageGroupName"]
            account.sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    assert list_names(account, NameContains=prefix) == []


def test_last_page_has_no_next_token(account, groups):
    response = account.sagemaker.list_model_package_groups(
        NameContains=prefix_of(groups), MaxResults=len(groups)
    )
    assert "NextToken" not in response


@pytest.mark.parametrize("token", ["not-one-of-ours", "-1", "9" * 5000])
def test_next_token_that_was_never_returned_is_rejected(account, token):
    with pytest.raises(ClientError, match=r"ValidationException.*NextToken"):
        account.sagemaker.list_models(NextToken=token)


def test_list_filter_by_time_excludes_records_outside_the_range(account, groups):
    third = account.sagemaker.describe_model_package_group(ModelPackageGroupName=groups[2])
    time = third["CreationTime"].timestamp()
    prefix = prefix_of(groups)
    after = list_names(account, NameContains=prefix, CreationTimeAfter=time + 1)
    before = list_names(account, NameContains=prefix, CreationTimeBefore=time - 1)
    assert after == before == []


def test_list_filter_by_status_returns_only_jobs_with_that_status(account, iris_job):
    name = iris_job["TrainingJobName"]
    for status, names in (("Completed", [name]), ("Failed", [])):
        response = account.sagemaker.list_training_jobs(NameContains=name, StatusEquals=status)
        assert [job["TrainingJobName"] for job in response["TrainingJobSummaries"]] == names


@pytest.mark.slow
def test_list_of_jobs_can_be_sorted_by_status(account, iris_job):
    account.finished_job(account.start_job("raise SystemExit(1)"))
    response = account.sagemaker.list_training_jobs(
        SortBy="Status", SortOrder="Ascending", MaxResults=100
    )
    statuses = [job["TrainingJobStatus"] for job in response["TrainingJobSummaries"]]
    assert statuses == sorted(statuses)
    assert len(set(statuses)) > 1


def test_job_summaries_omit_fields_that_only_describe_returns(account, iris_job):
    response = account.sagemaker.list_training_jobs(NameContains=iris_job["TrainingJobName"])
    (summary,) = response["TrainingJobSummaries"]
    assert summary["TrainingJobArn"] == iris_job["TrainingJobArn"]
    assert "HyperParameters" not in summary


def test_lists_of_endpoints_models_and_configs_contain_the_deployed_ones(account, iris_endpoint):
    (endpoint,) = account.sagemaker.list_endpoints(NameContains=iris_endpoint)["Endpoints"]
    assert endpoint["EndpointStatus"] == "InService"
    config = account.sagemaker.describe_endpoint(EndpointName=iris_endpoint)["EndpointConfigName"]
    assert account.sagemaker.list_models(NameContains=config)["Models"]
    assert account.sagemaker.list_endpoint_configs(NameContains=config)["EndpointConfigs"]


def test_list_filter_that_is_not_reproduced_is_rejected_by_name(account):
    with pytest.raises(ClientError, match=r"does not reproduce the filter WarmPoolStatusEquals"):
        account.sagemaker.list_training_jobs(WarmPoolStatusEquals="InUse")
