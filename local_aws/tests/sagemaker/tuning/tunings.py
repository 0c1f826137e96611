"""Tuning jobs with small scripts in the local AWS, for tests."""

from typing import Any

from local_aws.tests.account import IMAGE, Account, eventually, unique

METRIC = "score"
# The score is higher the closer x is to 0.3.
SCORE = """
import sys
x = float(sys.argv[sys.argv.index("-x") + 1])
print(f"score={-abs(x - 0.3)};")
"""
ENDS = ("Completed", "Failed", "Stopped")


def choices(**values: list[str]) -> dict[str, Any]:
    """Return categorical ranges."""
    ranges = [{"Name": name, "Values": list(texts)} for name, texts in values.items()]
    return {"CategoricalParameterRanges": ranges}


def continuous(low: float = 0, high: float = 1, scale: str = "Linear") -> dict[str, Any]:
    """Return a continuous range for x."""
    ends = {"MinValue": str(low), "MaxValue": str(high)}
    return {"ContinuousParameterRanges": [{"Name": "x", **ends, "ScalingType": scale}]}


class Tunings:
    """Tuning jobs of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.client = account.sagemaker

    def definition(self, script: str, **changes: Any) -> dict[str, Any]:
        """Return a definition of training jobs that run a script."""
        job = self.account.job_request({"train.py": script})
        algorithm = job["AlgorithmSpecification"] | {
            "TrainingImage": IMAGE,
            "MetricDefinitions": [{"Name": METRIC, "Regex": f"{METRIC}=([-0-9.e]+);"}],
        }
        members = ("RoleArn", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
        return {
            **{name: job[name] for name in members},
            "AlgorithmSpecification": algorithm,
            "StaticHyperParameters": job["HyperParameters"],
        } | changes

    def request(
        self, definition: dict[str, Any], ranges: dict[str, Any], jobs: int = 4, **config: Any
    ) -> dict[str, Any]:
        """Return a request for a tuning job; `config` changes its configuration."""
        limits = {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 2}
        return {
            "HyperParameterTuningJobName": unique("tune"),
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": METRIC},
                "ResourceLimits": limits,
                "ParameterRanges": ranges,
                "RandomSeed": 1,
            }
            | config,
            "TrainingJobDefinition": definition,
        }

    def start(self, request: dict[str, Any]) -> str:
        """Start a tuning job; return its name."""
        self.client.create_hyper_parameter_tuning_job(**request)
        return str(request["HyperParameterTuningJobName"])

    def finished(self, name: str) -> dict[str, Any]:
        """Wait for the end of a tuning job; return its description."""

        def check() -> Any:
            job = self.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
            return job if job["HyperParameterTuningJobStatus"] in ENDS else None

        return dict(eventually(check))

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Start a tuning job and wait for its end; return its description."""
        return self.finished(self.start(request))

    def trials(self, name: str, **filters: Any) -> list[dict[str, Any]]:
        """Return the summaries of a tuning job's training jobs."""
        pages = self.client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
        replies = pages.paginate(HyperParameterTuningJobName=name, **filters)
        return [item for page in replies for item in page["TrainingJobSummaries"]]
