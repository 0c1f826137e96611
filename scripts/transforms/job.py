"""Find the model of a transform job, run the job, and show its progress."""

import argparse
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import counted
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.creations import Creations
from scripts.account.naming import endpoint_name, name_in_stack
from scripts.account.registry import newest_package
from scripts.account.stacks import Foundation
from scripts.account.stopping import stop_job
from scripts.endpoints.live import describe_endpoint
from scripts.endpoints.plans import ReleasePlan, model_call
from scripts.endpoints.release import select_containers
from scripts.transforms.files import list_objects, split_address
from scripts.transforms.plans import TransformPlan, transform_call

_ENDS = ("Completed", "Failed", "Stopped")


@dataclass(frozen=True)
class Model:
    """A model's name and number of containers, and the call that creates it if necessary."""

    name: str
    containers: int
    create: Call | None = None


def find_model(
    aws: Aws, recipe: Recipe, arguments: argparse.Namespace, stamp: str, base: Foundation
) -> Model:
    """Return the model behind the recipe's endpoint, or else the newest approved one."""
    stack, target = arguments.stack, arguments.target
    name = endpoint_name(name_in_stack(stack, recipe.name), target)
    endpoint = describe_endpoint(aws, name)
    client = aws.client("sagemaker")
    if endpoint is not None and endpoint["EndpointStatus"] == "InService":
        config = client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        model = client.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
        say(f"Using model {model['ModelName']} of endpoint {name}.")
        return Model(model["ModelName"], len(model.get("Containers", [1])))
    package = newest_package(aws, stack, recipe.name, "Approved")
    plan = ReleasePlan(
        recipe=recipe,
        stamp=stamp,
        package_arn=package["ModelPackageArn"],
        containers=select_containers(recipe, package, target),
        endpoint_name=name,
        instance_type="",
        instance_count=0,
        role_arn=base.role_arn,
        stack=stack,
    )
    say(f"Endpoint {name} is not in service. Using model package {plan.package_arn}.")
    return Model(plan.name, len(plan.containers), model_call(plan))


def run_job(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    """Start the job and wait until it ends; an interrupt stops the job."""
    creations = Creations(aws)
    try:
        creations.make(transform_call(plan))
        return _wait(aws, plan)
    except KeyboardInterrupt:
        for call in creations.reversals():
            _stop(aws, plan.job_name, call)
        raise


def _stop(aws: Aws, job: str, call: Call) -> None:
    """Stop a job if it is running, and wait until it no longer uses its model."""
    if not stop_job(aws, f"Transform job {job}", call):
        return
    client = aws.client("sagemaker")
    while client.describe_transform_job(TransformJobName=job)["TransformJobStatus"] not in _ENDS:
        aws.pause()
    say(f"Transform job {job} is stopped.")


def _wait(aws: Aws, plan: TransformPlan) -> dict[str, Any]:
    """Show the number of completed files until the job ends; return its description."""
    # Imported here so that --help and --dry-run are fast.
    from tqdm import tqdm

    client = aws.client("sagemaker")
    say(f"Transform job {plan.job_name}: {counted(len(plan.files.keys), 'file')}")
    options: dict[str, Any] = {"unit": "file", "leave": False, "disable": None}
    with tqdm(total=len(plan.files.keys), desc="transform", **options) as bar:
        while True:
            job: dict[str, Any] = client.describe_transform_job(TransformJobName=plan.job_name)
            bar.n = len(completed_keys(aws, plan))
            bar.refresh()
            if job["TransformJobStatus"] in _ENDS:
                break
            aws.pause()
    say(f"Transform job {plan.job_name}: {job['TransformJobStatus']}")
    return job


def completed_keys(aws: Aws, plan: TransformPlan) -> Collection[str]:
    """Return the input keys that have an output."""
    bucket, root = split_address(plan.output_uri, "--output")
    outputs = {item["Key"] for item in list_objects(aws, bucket, root)}
    return {key for key, output in plan.files.output_keys(root).items() if output in outputs}
