"""Run processing jobs in the local AWS, for tests."""

from typing import Any

from local_aws.tests.account import IMAGE, Account, eventually, unique

CODE = "/opt/ml/processing/input/code"


class Processings:
    """Processing jobs with one program, as SKLearnProcessor of the SDK starts them."""

    def __init__(self, account: Account) -> None:
        self.account, self.client = account, account.sagemaker

    def input(self, name: str, uri: str, folder: str = "", **members: Any) -> dict[str, Any]:
        """Return an input that is provided in a folder."""
        source = {
            "S3Uri": uri,
            "LocalPath": folder or f"/opt/ml/processing/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        }
        return {"InputName": name, "AppManaged": False, "S3Input": source | members}

    def output(self, name: str, mode: str = "EndOfJob") -> dict[str, Any]:
        """Return an output under a new prefix."""
        target = {
            "S3Uri": f"s3://{self.account.bucket}/{unique(name)}",
            "LocalPath": f"/opt/ml/processing/{name}",
            "S3UploadMode": mode,
        }
        return {"OutputName": name, "AppManaged": False, "S3Output": target}

    def request(
        self, program: str, inputs: Any = (), outputs: Any = (), instances: int = 1, **changes: Any
    ) -> dict[str, Any]:
        """Return the request of a job that runs a program."""
        code = self.account.upload(f"{unique('code')}/program.py", program)
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": instances, "VolumeSizeInGB": 1}
        return {
            "ProcessingJobName": unique("processing"),
            "RoleArn": self.account.role,
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", f"{CODE}/program.py"],
            },
            "ProcessingInputs": [self.input("code", code, CODE), *inputs],
            "ProcessingOutputConfig": {"Outputs": list(outputs)},
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        } | changes

    def start(self, program: str, *arguments: Any, **changes: Any) -> str:
        """Start a job; return its name."""
        request = self.request(program, *arguments, **changes)
        self.client.create_processing_job(**request)
        return str(request["ProcessingJobName"])

    def describe(self, name: str) -> dict[str, Any]:
        """Return the description of a job."""
        return dict(self.client.describe_processing_job(ProcessingJobName=name))

    def finished(self, name: str) -> dict[str, Any]:
        """Wait for the end of a job; return its description."""

        def check() -> Any:
            job = self.describe(name)
            return None if job["ProcessingJobStatus"] in ("InProgress", "Stopping") else job

        return dict(eventually(check))

    def run(
        self, program: str, *arguments: Any, status: str = "Completed", **changes: Any
    ) -> dict[str, Any]:
        """Run a job, which must end with a status; return its description."""
        job = self.finished(self.start(program, *arguments, **changes))
        assert job["ProcessingJobStatus"] == status, (job, self.log(job["ProcessingJobName"]))
        return job

    def log(self, name: str, host: str = "algo-1") -> list[str]:
        """Return the lines that a job logged."""
        return self.account.log("/aws/sagemaker/ProcessingJobs", f"{name}/{host}-")

    def stored(self, output: dict[str, Any]) -> dict[str, str]:
        """Return the objects of an output by their paths below its prefix."""
        bucket, prefix = self.account.bucket, output["S3Output"]["S3Uri"].split("/", 3)[3]
        listed = self.account.s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/")
        return {
            item["Key"].removeprefix(f"{prefix}/"): self.account.s3.get_object(
                Bucket=bucket, Key=item["Key"]
            )["Body"]
            .read()
            .decode()
            for item in listed.get("Contents", [])
        }
