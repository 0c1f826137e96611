"""Jobs with EnableNetworkIsolation have their data and no network, encrypted or not."""

from pathlib import Path
from typing import Any

import pytest

from local_aws.processes import isolation_is_possible
from local_aws.settings import Settings
from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, archive, refusal, unique
from local_aws.tests.sagemaker.processing.processings import Processings

needs_isolation = pytest.mark.skipif(
    not isolation_is_possible(Settings(Path("/nowhere"))), reason="needs network namespaces"
)
REACH = """
import os, pathlib, socket
from urllib.parse import urlsplit

def reach(host, port):
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        return type(error).__name__
    return "reached"

aws = urlsplit(os.environ["AWS_ENDPOINT_URL"])
found = [reach(aws.hostname, aws.port), reach("192.0.2.1", 80)]
"""
TRAIN = f"""{REACH}
rows = pathlib.Path("/opt/ml/input/data/train/data.csv").read_text()
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(" ".join([rows, *found]))
"""
PROCESS = f"""{REACH}
rows = pathlib.Path("/opt/ml/processing/in/data.csv").read_text()
pathlib.Path("/opt/ml/processing/out/out.txt").write_text(" ".join([rows, *found]))
"""
ISOLATION = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")
NO_NETWORK = "1,2 ConnectionRefusedError OSError"


def channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def isolated_request(account: Account, bundle: bytes) -> dict[str, Any]:
    """Return a request as SDK v2 makes it: the code is in a channel, which the script unpacks."""
    prefix = unique("isolated")
    account.upload(f"{prefix}/code/sourcedir.tar.gz", bundle)
    account.upload(f"{prefix}/train/data.csv", "1,2")
    request = account.job_request({}, EnableNetworkIsolation=True)
    request["HyperParameters"]["sagemaker_submit_directory"] = (
        '"/opt/ml/input/data/code/sourcedir.tar.gz"'
    )
    request["InputDataConfig"] = [
        channel("code", f"s3://{account.bucket}/{prefix}/code/sourcedir.tar.gz"),
        channel("train", f"s3://{account.bucket}/{prefix}/train"),
    ]
    return request


@pytest.mark.slow
@needs_isolation
@pytest.mark.observes("network-isolation")
def test_training_job_reads_its_channels_and_reaches_neither_the_local_aws_nor_others(account):
    request = isolated_request(account, archive({"train.py": TRAIN}))
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    assert (job["TrainingJobStatus"], job["EnableNetworkIsolation"]) == ("Completed", True)
    with account.download(job["ModelArtifacts"]["S3ModelArtifacts"]) as tar:
        model = tar.extractfile("model.txt")
        assert model is not None
        assert model.read().decode() == NO_NETWORK


@pytest.mark.slow
@needs_isolation
@pytest.mark.observes("network-isolation")
def test_toolkit_of_an_isolated_job_cannot_download_its_code_from_s3(account):
    job = account.run_job("print('ran')", "Failed", EnableNetworkIsolation=True)
    assert "ran" not in account.job_log(job["TrainingJobName"])
    assert any("Could not connect" in line for line in account.job_log(job["TrainingJobName"]))


@needs_isolation
@pytest.mark.observes("network-isolation")
def test_damaged_bundle_of_an_isolated_job_is_rejected(account):
    request = isolated_request(account, archive({"train.py": TRAIN})[:-9])
    account.sagemaker.create_training_job(**request)
    reason = account.finished_job(request["TrainingJobName"])["FailureReason"]
    assert reason.startswith(
        "/opt/ml/input/data/code/sourcedir.tar.gz is not a complete tar.gz archive"
    )


@needs_isolation
@pytest.mark.observes("network-isolation", "network-encryption")
def test_processing_job_reads_its_inputs_and_leaves_its_outputs(account):
    processings = Processings(account)
    data = account.upload(f"{unique('data')}/data.csv", "1,2")
    output = processings.output("out")
    network = {"NetworkConfig": dict.fromkeys(ISOLATION, True)}
    name = processings.start(PROCESS, [processings.input("in", data)], [output], **network)
    job = processings.finished(name)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["NetworkConfig"] == dict.fromkeys(ISOLATION, True)
    key = output["S3Output"]["S3Uri"].removeprefix(f"s3://{account.bucket}/")
    body = account.s3.get_object(Bucket=account.bucket, Key=f"{key}/out.txt")["Body"].read()
    assert body.decode() == NO_NETWORK


@pytest.mark.parametrize("member", ISOLATION)
@pytest.mark.observes("network-isolation", "network-encryption")
def test_isolation_and_encryption_of_several_instances_are_refused_by_name(account, member):
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    request = account.job_request({}, **{member: True}, ResourceConfig=cluster)
    code, message = refusal(account.sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert message == (
        f"The local AWS does not reproduce {member} of CreateTrainingJob on several instances."
    )


@pytest.mark.slow
@pytest.mark.observes("network-isolation")
def test_isolation_without_namespaces_is_refused_by_name():
    with running_local_aws("--no-namespaces") as aws:
        account = Account(aws)
        request = account.job_request({}, EnableNetworkIsolation=True)
        _, message = refusal(account.sagemaker.create_training_job, **request)
        assert "EnableNetworkIsolation of CreateTrainingJob on this computer" in message
        processing = Processings(account).request(
            "", NetworkConfig={"EnableNetworkIsolation": True}
        )
        _, message = refusal(account.sagemaker.create_processing_job, **processing)
        assert "EnableNetworkIsolation of CreateProcessingJob on this computer" in message
