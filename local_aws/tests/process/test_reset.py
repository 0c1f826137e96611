"""A reset ends everything that runs, and forgets all resources."""

import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.account import Account, eventually, refusal, unique
from local_aws.tests.awslambda.functions import Lambdas
from local_aws.tests.process.test_process import busy, living


@pytest.fixture(scope="module")
def own_aws() -> Iterator[LocalAws]:
    """Start a local AWS that no other file empties."""
    with running_local_aws("--instance-cpus", "1") as aws:
        yield aws


def resources(aws: LocalAws) -> list[object]:
    """Return what the services list."""
    sagemaker, functions = aws.client("sagemaker"), aws.client("lambda")
    return [
        *aws.client("s3").list_buckets()["Buckets"],
        *aws.client("iam").list_roles()["Roles"],
        *aws.client("logs").describe_log_groups()["logGroups"],
        *aws.client("cloudformation").list_stacks()["StackSummaries"],
        *aws.client("apigatewayv2").get_apis()["Items"],
        *sagemaker.list_training_jobs()["TrainingJobSummaries"],
        *sagemaker.list_endpoints()["Endpoints"],
        *sagemaker.list_models()["Models"],
        *functions.list_functions()["Functions"],
    ]


def post(url: str, method: str = "POST", **headers: str) -> int:
    request = urllib.request.Request(f"{url}/_local_aws/reset", method=method, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.observes("reset")
@pytest.mark.slow
def test_reset_ends_jobs_endpoints_and_functions_and_forgets_all_resources(own_aws):
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    processes = busy(own_aws)
    lambdas = Lambdas(own_aws, Account(own_aws))
    lambdas.invoke(lambdas.create(), {})
    assert len(resources(own_aws)) > 5
    own_aws.reset()
    assert not living(processes)
    assert resources(own_aws) == []
    assert eventually(lambda: resources(own_aws) == [])  # and nothing comes back


@pytest.mark.observes("reset")
@pytest.mark.slow
def test_same_names_are_free_after_a_reset_and_work_as_before(own_aws):
    outputs = []
    for text in ("first", "second"):
        account = Account(own_aws)
        account.bucket = "the-same-bucket"
        account.s3.create_bucket(Bucket=account.bucket)
        script = f"import os; open(os.environ['SM_MODEL_DIR'] + '/{text}', 'w').close()"
        job = account.run_job(script, TrainingJobName="the-same-job")
        outputs.append(account.outputs(job))
        own_aws.reset()
    assert outputs == [["first"], ["second"]]


@pytest.mark.slow
def test_role_session_from_before_a_reset_does_not_outlive_it(own_aws):
    own_aws.reset()
    account = Account(own_aws)
    own_aws.reset()
    code, _ = refusal(account.iam.get_role, RoleName=account.role.rsplit("/", 1)[-1])
    assert code == "NoSuchEntity"


@pytest.mark.slow
@pytest.mark.observes("reset")
def test_reset_is_refused_to_web_pages_and_other_hosts_and_needs_post(own_aws):
    bucket = unique("bucket")
    own_aws.client("s3").create_bucket(Bucket=bucket)
    assert post(own_aws.url, Origin="http://site.example") == 403
    assert post(own_aws.url, Origin=own_aws.url) == 403
    assert post(own_aws.url, **{"Sec-Fetch-Site": "same-origin"}) == 403
    assert post(own_aws.url, Host="site.example") == 403
    assert post(own_aws.url, method="GET") == 405
    buckets = own_aws.client("s3").list_buckets()["Buckets"]
    assert bucket in [each["Name"] for each in buckets]


def test_reset_leaves_no_folder_of_what_ran(own_aws):
    own_aws.client("s3").create_bucket(Bucket=unique("bucket"))
    own_aws.reset()
    (folder,) = Path(tempfile.gettempdir()).glob(f"local-aws-{own_aws.pid}-*")
    assert list(folder.iterdir()) == []
