"""The AWS CLI trains, deploys, invokes, transforms, and deletes in the local AWS."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_aws.tests.account import IMAGE, Account, eventually
from local_aws.tests.clients.packages import OFFLINE
from local_aws.tests.sagemaker.training.iris import SCRIPT, data_csv

pytestmark = [
    pytest.mark.toolkit,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not installed"),
]
NAME = "cli-workflow"
Command = Callable[..., Any]


@pytest.fixture
def aws(account: Account, tmp_path: Path) -> Command:
    """Return a function that runs a command of the AWS CLI in a folder, and returns its JSON.

    An option's value is given as text, or as what becomes JSON.
    """

    def run(*words: str, **options: Any) -> Any:
        for name, value in options.items():
            text = value if isinstance(value, str) else json.dumps(value)
            words += (f"--{name.replace('_', '-')}", text)
        ended = subprocess.run(
            ["aws", *words],
            env=account.aws.environment() | OFFLINE,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout or "null")

    return run


def status(aws: Command, kind: str, member: str) -> str:
    """Wait until a job or an endpoint no longer changes; return its status."""

    def look() -> str:
        name = {f"{kind.replace('-', '_')}_name": NAME}
        found = str(aws("sagemaker", f"describe-{kind}", **name)[member])
        return "" if found in ("InProgress", "Creating") else found

    return str(eventually(look))


def train(aws: Command, account: Account) -> str:
    """Train a model on objects that the CLI has uploaded; return the address of the model."""
    aws("s3", "cp", "iris.csv", f"s3://{account.bucket}/cli/data/iris.csv", "--only-show-errors")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{account.bucket}/cli/data"}
    aws(
        "sagemaker",
        "create-training-job",
        training_job_name=NAME,
        role_arn=account.role,
        algorithm_specification=f"TrainingImage={IMAGE},TrainingInputMode=File",
        hyper_parameters={
            "max_leaf_nodes": "3",
            "sagemaker_program": "iris.py",
            "sagemaker_submit_directory": account.upload_bundle({"iris.py": SCRIPT}),
        },
        input_data_config=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        output_data_config=f"S3OutputPath=s3://{account.bucket}/cli",
        resource_config="InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=1",
        stopping_condition="MaxRuntimeInSeconds=600",
    )
    assert status(aws, "training-job", "TrainingJobStatus") == "Completed"
    aws("sagemaker", "wait", "training-job-completed-or-stopped", training_job_name=NAME)
    job = aws("sagemaker", "describe-training-job", training_job_name=NAME)
    variables = {
        name.upper(): value
        for name, value in job["HyperParameters"].items()
        if name.startswith("sagemaker_")
    }
    container = {
        "Image": IMAGE,
        "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        "Environment": variables,
    }
    aws(
        "sagemaker",
        "create-model",
        model_name=NAME,
        execution_role_arn=account.role,
        primary_container=container,
    )
    return str(container["ModelDataUrl"])


def transform(aws: Command, account: Account) -> None:
    """Score the data with a batch transform job."""
    place = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{account.bucket}/cli/data"}
    aws(
        "sagemaker",
        "create-transform-job",
        transform_job_name=NAME,
        model_name=NAME,
        transform_input={
            "DataSource": {"S3DataSource": place},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        transform_output=f"S3OutputPath=s3://{account.bucket}/cli/scored,Accept=text/csv,"
        "AssembleWith=Line",
        transform_resources="InstanceType=ml.m5.large,InstanceCount=1",
        data_processing={"InputFilter": "$[1:]"},
    )
    assert status(aws, "transform-job", "TransformJobStatus") == "Completed"


@pytest.mark.timeout(600)
@pytest.mark.observes("aws-cli")
def test_commands_train_deploy_invoke_transform_and_delete(aws, account, tmp_path):
    (tmp_path / "iris.csv").write_text(data_csv())
    model = train(aws, account)
    variant = "VariantName=all,InitialInstanceCount=1,InstanceType=ml.m5.large"
    aws(
        "sagemaker",
        "create-endpoint-config",
        endpoint_config_name=NAME,
        production_variants=f"{variant},ModelName={NAME}",
    )
    aws("sagemaker", "create-endpoint", endpoint_name=NAME, endpoint_config_name=NAME)
    assert status(aws, "endpoint", "EndpointStatus") == "InService"
    (tmp_path / "rows.csv").write_text("5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3")
    aws(
        "sagemaker-runtime",
        "invoke-endpoint",
        "answer.json",
        endpoint_name=NAME,
        content_type="text/csv",
        body="fileb://rows.csv",
    )
    assert json.loads((tmp_path / "answer.json").read_text()) == [0, 2]
    transform(aws, account)
    aws("s3", "cp", f"s3://{account.bucket}/cli/scored/iris.csv.out", ".", "--only-show-errors")
    assert set((tmp_path / "iris.csv.out").read_text().split()) == {"0", "1", "2"}
    aws("sagemaker", "delete-endpoint", endpoint_name=NAME)
    aws("sagemaker", "delete-endpoint-config", endpoint_config_name=NAME)
    aws("sagemaker", "delete-model", model_name=NAME)
    aws("s3", "rm", model, "--only-show-errors")
    for kind in ("models", "endpoint-configs"):
        assert [*aws("sagemaker", f"list-{kind}", name_contains=NAME).values()] == [[]]
