"""Requests for training jobs with the TensorFlow image or several instances, for tests."""

from typing import Any

from local_aws.tests.account import Account, unique

TENSORFLOW = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.21-cpu-py312"
MULTI_WORKER = {
    "sagemaker_multi_worker_mirrored_strategy_enabled": "true",
    "sagemaker_distribution_instance_groups": '["homogeneousCluster"]',
}


def tensorflow(**changes: Any) -> dict[str, Any]:
    """Return the members of a request for a job with the TensorFlow image."""
    algorithm = {"TrainingImage": TENSORFLOW, "TrainingInputMode": "File"}
    return {"AlgorithmSpecification": algorithm | changes}


def instances(count: int, **changes: Any) -> dict[str, Any]:
    """Return the members of a request for a job with several instances."""
    resources = {"InstanceType": "ml.c5.xlarge", "InstanceCount": count, "VolumeSizeInGB": 5}
    return {"ResourceConfig": resources | changes}


def channel(account: Account, name: str, files: int, distribution: str) -> dict[str, Any]:
    """Upload the files 0.csv and so on of a channel; return the channel."""
    prefix = unique("data")
    for number in range(files):
        account.upload(f"{prefix}/{number}.csv", str(number))
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{account.bucket}/{prefix}",
        "S3DataDistributionType": distribution,
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def start(account: Account, script: str, *members: dict[str, Any], **hyperparameters: str) -> str:
    """Start a job with a script and additional hyperparameters; return its name."""
    changes = {name: value for part in members for name, value in part.items()}
    request = account.job_request({"train.py": script}, **changes)
    request["HyperParameters"] |= hyperparameters
    account.sagemaker.create_training_job(**request)
    return str(request["TrainingJobName"])


def finished(
    account: Account, script: str, *members: dict[str, Any], **hyperparameters: str
) -> dict[str, Any]:
    """Run such a job to its end; return its description."""
    return account.finished_job(start(account, script, *members, **hyperparameters))
