"""A featurizer in the manner of AWS's inference pipelines, which uses the image's own package.

It is trained, transforms its training data for the next container, and then precedes it.
"""

import io
import json
from typing import Any

import pandas as pd
import pytest

from local_aws.tests.account import IMAGE, Account, unique
from local_aws.tests.sagemaker.hosting.featurizer_programs import FEATURIZER, REGRESSOR

ISLANDS = {"Biscoe": 40.0, "Dream": 10.0, "Torgersen": 20.0}


def mass(island: str, bill: float, flipper: float) -> float:
    """Return the label, which a linear model learns exactly."""
    return ISLANDS[island] + 2 * bill + 0.5 * flipper


def training_rows() -> list[tuple[Any, ...]]:
    numbers = [(float(i % 7), float(i * i % 11)) for i in range(30)]
    keys = [(list(ISLANDS)[i % 3], *pair) for i, pair in enumerate(numbers)]
    return [(*key, mass(*key)) for key in keys]


def channel(account: Account, uri: str) -> list[dict[str, Any]]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]


def container(job: dict[str, Any], **environment: str) -> dict[str, Any]:
    hyperparameters = job["HyperParameters"]
    return {
        "Image": IMAGE,
        "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        "Environment": {
            "SAGEMAKER_PROGRAM": "train.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": hyperparameters["sagemaker_submit_directory"],
            **environment,
        },
    }


def transform_training_data(account: Account, job: dict[str, Any], uri: str) -> str:
    """Let a trained featurizer transform its training data; return the address of the output."""
    name, output = unique("featurize"), f"s3://{account.bucket}/{unique('features')}"
    account.sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=account.role, PrimaryContainer=container(job)
    )
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    account.sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=name,
        TransformInput={"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        TransformOutput={"S3OutputPath": output, "Accept": "text/csv", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        BatchStrategy="MultiRecord",
    )
    waiter = account.sagemaker.get_waiter("transform_job_completed_or_stopped")
    waiter.wait(TransformJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})
    return output


@pytest.fixture(scope="module")
def jobs(account) -> list[dict[str, Any]]:
    """Train the featurizer on raw data, and the regressor on the features; return both jobs."""
    text = "".join(",".join(map(str, row)) + "\n" for row in training_rows())
    prefix = unique("penguins")
    raw = account.upload(f"{prefix}/raw.csv", text).rpartition("/")[0]
    first = account.run_job(FEATURIZER, InputDataConfig=channel(account, raw))
    features = transform_training_data(account, first, raw)
    request = account.job_request(
        {"train.py": REGRESSOR}, InputDataConfig=channel(account, features)
    )
    request["HyperParameters"]["intercept"] = "true"
    account.sagemaker.create_training_job(**request)
    second = account.finished_job(request["TrainingJobName"])
    assert second["TrainingJobStatus"] == "Completed", second.get("FailureReason")
    return [first, second]


@pytest.mark.slow
@pytest.mark.observes("framework-package")
@pytest.mark.parametrize("between", ["text/csv", "application/json"])
def test_featurizer_and_a_model_trained_on_its_output_serve_as_a_pipeline(account, jobs, between):
    first = container(jobs[0], SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT=between)
    endpoint = account.deploy(first, container(jobs[1]))
    rows = [("Dream", 3.0, 8.0), ("Torgersen", 1.5, 2.5)]
    bodies = {
        "text/csv": "".join(",".join(map(str, row)) + "\n" for row in rows),
        "application/json": json.dumps({"rows": rows}),
    }
    answers = [
        account.runtime.invoke_endpoint(
            EndpointName=endpoint, Body=body, ContentType=kind, Accept="application/json"
        )
        for kind, body in bodies.items()
    ]
    for answer in answers:
        assert json.load(answer["Body"]) == pytest.approx([mass(*row) for row in rows])
    account.delete_endpoint(endpoint)


PARQUET = """
import io
import os

import pandas as pd

if __name__ == "__main__":
    frame = pd.read_parquet(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "data.parquet"))
    frame.describe().to_parquet(os.path.join(os.environ["SM_MODEL_DIR"], "model.parquet"))


def model_fn(model_dir):
    return pd.read_parquet(os.path.join(model_dir, "model.parquet"))


def input_fn(body, content_type):
    return pd.read_parquet(io.BytesIO(body))


def predict_fn(frame, model):
    return frame - model.loc["mean"]


def output_fn(frame, accept):
    return frame.to_parquet(), "application/vnd.apache.parquet"
"""


@pytest.mark.slow
@pytest.mark.observes("parquet")
def test_parquet_is_read_and_written_in_training_and_in_serving(account):
    frame = pd.DataFrame({"a": [1.0, 2.0, 6.0]})
    uri = account.upload(f"{unique('parquet')}/data.parquet", frame.to_parquet())
    job = account.run_job(PARQUET, InputDataConfig=channel(account, uri.rpartition("/")[0]))
    endpoint = account.deploy(container(job))
    answer = account.runtime.invoke_endpoint(
        EndpointName=endpoint, Body=frame.to_parquet(), ContentType="application/vnd.apache.parquet"
    )
    result = pd.read_parquet(io.BytesIO(answer["Body"].read()))
    assert result["a"].to_list() == [-2.0, -1.0, 3.0]
    account.delete_endpoint(endpoint)


FACTS = """
import json
import os

import sagemaker_containers
import sagemaker_containers.beta.framework as framework
from sagemaker_containers import entry_point
from sagemaker_containers.beta.framework import entry_point as same, env, mapping, params, runner

job = framework.training_env()
facts = {
    "environment": dict(sagemaker_containers.training_env()) == dict(job),
    "hosts": job.hosts,
    "hyperparameters": job.hyperparameters,
    "arguments": mapping.to_cmd_args({"alpha": 0.5}),
    "entry point": same.run is entry_point.run,
    "model": env.model_dir == os.environ["SM_MODEL_DIR"] == job.model_dir,
    "encoders": framework.encoders.encode([1, 2], framework.content_types.CSV),
    "numbers": framework.encoders.decode("1,2\\n3,4.5\\n", "text/csv").tolist(),
    "texts": framework.encoders.csv_to_numpy("a,2\\nb,4\\n").tolist(),
    "errors": issubclass(framework.errors.ClientError, Exception),
}
with open(os.path.join(env.code_dir, "other.py"), "w") as file:
    file.write("import os, sys; print('in other', sys.argv[1:], os.environ['COLOR'])")
entry_point.run(env.code_dir, "other.py", ["--a", "1"], {"COLOR": "blue"})
with open(os.path.join(job.output_data_dir, "facts.json"), "w") as file:
    json.dump(facts, file)
"""


@pytest.mark.slow
@pytest.mark.observes("framework-training")
def test_training_script_uses_the_framework_of_the_image(account):
    job = account.run_job(FACTS)
    uri = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar", "output.tar")
    with account.download(uri) as tar:
        member = tar.extractfile("facts.json")
        assert member is not None
        facts = json.load(member)
    assert facts == {
        "environment": True,
        "hosts": ["algo-1"],
        "hyperparameters": {},
        "arguments": ["--alpha", "0.5"],
        "entry point": True,
        "model": True,
        "encoders": "1\n2\n",
        "numbers": [[1.0, 2.0], [3.0, 4.5]],
        "texts": [["a", "2"], ["b", "4"]],
        "errors": True,
    }
    lines = account.job_log(job["TrainingJobName"])
    assert "in other ['--a', '1'] blue" in lines
