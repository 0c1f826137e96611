"""Which model a transform runs: the one behind the endpoint, or the newest that is approved."""

from dataclasses import dataclass

from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.naming import endpoint_name
from scripts.account.registry import newest_package
from scripts.account.stacks import Foundation
from scripts.endpoints.plans import ReleasePlan, model_call
from scripts.endpoints.release import describe_endpoint
from scripts.endpoints.single_container import containers_of


@dataclass(frozen=True)
class Model:
    """A model by name, its number of containers, and the call that makes it if it is not there."""

    name: str
    containers: int
    create: Call | None = None

    @property
    def delete(self) -> Call | None:
        """The call that takes it away afterwards, if it is made for one job."""
        if self.create is None:
            return None
        return Call("sagemaker", "delete_model", {"ModelName": self.name})


def find_model(aws: Aws, recipe: Recipe, target: str, stamp: str, base: Foundation) -> Model:
    """Return the model that the recipe's endpoint serves, or one to be made for the job."""
    name = endpoint_name(recipe.name, target)
    endpoint = describe_endpoint(aws, name)
    client = aws.client("sagemaker")
    if endpoint is not None and endpoint["EndpointStatus"] == "InService":
        config = client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        served = config["ProductionVariants"][0]["ModelName"]
        found = client.describe_model(ModelName=served)
        say(f"Model {served}, which endpoint {name} serves.")
        return Model(served, len(found.get("Containers", [1])))
    package = newest_package(aws, recipe.name, "Approved")
    plan = ReleasePlan(
        recipe=recipe,
        stamp=stamp,
        package_arn=package["ModelPackageArn"],
        containers=containers_of(recipe, package, target),
        endpoint_name=name,
        instance_type="",
        instance_count=0,
        role_arn=base.role_arn,
    )
    say(f"Model package {plan.package_arn}: endpoint {name} is not in service.")
    return Model(plan.name, len(plan.containers), model_call(plan))
