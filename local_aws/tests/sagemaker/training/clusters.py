"""Training jobs of the TensorFlow image, on one instance or on several, for tests."""

from typing import Any

from local_aws.tests.account import Account, unique

TENSORFLOW = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-training:2.21-cpu-py312"
MULTI_WORKER = {
    "sagemaker_multi_worker_mirrored_strategy_enabled": "true",
    "sagemaker_distribution_instance_groups": '["homogeneousCluster"]',
}


def tensorflow(**changes: Any) -> dict[str, Any]:
    """Return what makes a job one of the TensorFlow image."""
    algorithm = {"TrainingImage": TENSORFLOW, "TrainingInputMode": "File"}
    return {"AlgorithmSpecification": algorithm | changes}


def instances(count: int, **changes: Any) -> dict[str, Any]:
    """Return what makes a job one of so many instances."""
    resources = {"InstanceType": "ml.c5.xlarge", "InstanceCount": count, "VolumeSizeInGB": 5}
    return {"ResourceConfig": resources | changes}


def channel(account: Account, name: str, files: int, spread: str) -> dict[str, Any]:
    """Upload the files of a channel, 0.csv and so on; return the channel."""
    prefix = unique("data")
    for number in range(files):
        account.upload(f"{prefix}/{number}.csv", str(number))
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{account.bucket}/{prefix}",
        "S3DataDistributionType": spread,
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def start(account: Account, script: str, *parts: dict[str, Any], **given: str) -> str:
    """Start a job of one script with hyperparameters beside the platform's; return its name."""
    changes = {name: value for part in parts for name, value in part.items()}
    request = account.job_request({"train.py": script}, **changes)
    request["HyperParameters"] |= given
    account.sagemaker.create_training_job(**request)
    return str(request["TrainingJobName"])


def finished(account: Account, script: str, *parts: dict[str, Any], **given: str) -> dict[str, Any]:
    """Run such a job to its end; return its description."""
    return account.finished_job(start(account, script, *parts, **given))


def names_in(account: Account, job: dict[str, Any]) -> list[str]:
    """Return the names in the model archive of a job."""
    with account.download(job["ModelArtifacts"]["S3ModelArtifacts"]) as tar:
        return tar.getnames()
