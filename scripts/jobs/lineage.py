"""The lineage of the model of a training job: its request, data, code, metrics, and an example."""

from collections.abc import Mapping
from typing import Any

from scripts.account.aws import Aws
from scripts.account.command import say
from scripts.account.lineage import FORMAT, Example, Origin
from scripts.jobs.examples import best_example
from scripts.jobs.output import JobOutput
from scripts.jobs.training_plans import TrainingPlan, hyperparameters_as_text


def origin_of(
    aws: Aws,
    plan: TrainingPlan,
    output: JobOutput,
    job_name: str,
    tuned: Mapping[str, str] | None = None,
) -> Origin:
    """Return the origin of the model of a job; `tuned` are the choices of a tuning job for it."""
    bucket = plan.foundation.bucket
    example = _example(aws, plan, output)
    texts = hyperparameters_as_text(plan) | dict(tuned or {})
    lineage = {
        "format": FORMAT,
        "training_job_name": job_name,
        "recipe": plan.recipe.name,
        "data_name": plan.recipe.data_name,
        "commit": plan.commit,
        "code_uri": plan.code_uri,
        "image": plan.image,
        "instance_type": plan.instance_type,
        "instance_count": plan.instance_count,
        "input_mode": plan.input_mode,
        "hyperparameters": {name: texts[name] for name in plan.hyperparameters},
        "channels": {name: f"s3://{bucket}/{key}" for name, key in plan.channel_keys.items()},
        "data": _data(output),
        "generated_sample": plan.generated,
        "metrics": output.metrics,
        "example": example.document() if example else None,
    }
    return Origin(plan.properties, lineage)


def _data(output: JobOutput) -> dict[str, Any]:
    """Return the rows and the sha256 of the channels' files that a job reports."""
    reported = output.figures.get("data")
    if isinstance(reported, dict):
        return reported
    rows = output.metrics.get("train_rows")
    return {"train": {"rows": rows}} if rows else {}


def _example(aws: Aws, plan: TrainingPlan, output: JobOutput) -> Example | None:
    """Return the example of the model, or None, with a note, if its job reported no predictions."""
    # It imports numpy, which --help does not need.
    from newsgroup_classifier.evaluation.report.predictions import right_predictions

    if not output.predictions:
        say("The job has no report, so the package has no example with a label.")
        return None
    try:
        predictions = right_predictions(output.predictions)
    except ValueError as error:  # a job of other code
        say(f"The package has no example with a label: {error}.")
        return None
    key = plan.channel_keys["test"]
    return best_example(aws, plan.recipe, plan.foundation.bucket, key, predictions)
