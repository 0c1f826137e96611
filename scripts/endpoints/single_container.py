"""Which containers of a package an endpoint has: all, or TensorFlow Serving's alone.

Alone it is asked with raw strings, where the exported graph has the text encoder in it.
"""

from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from scripts.account.naming import PIPELINE, SINGLE

_IMAGE = "tensorflow-serving"


def check_single(recipe: Recipe) -> None:
    """Raise DeploymentError unless the recipe's model can be served by one container of several."""
    if recipe.takes_strings:
        return
    able = ", ".join(other.name for other in RECIPES.values() if other.takes_strings)
    if len(recipe.stages) == 1:
        why = f"its endpoint is one container already; use --target {PIPELINE}"
    elif recipe.framework == "tensorflow":
        why = "its model takes no raw strings, so it needs the container that encodes them"
    else:
        why = "it has no TensorFlow container"
    raise DeploymentError(
        f"recipe {recipe.name} has no --target {SINGLE}: {why} (recipes that have it: {able})"
    )


def containers_of(recipe: Recipe, package: dict[str, Any], target: str) -> list[dict[str, Any]]:
    """Return the containers of a package that the target serves with, in their order."""
    containers: list[dict[str, Any]] = package["InferenceSpecification"]["Containers"]
    if target != SINGLE:
        return containers
    names = [stage.name for stage in recipe.stages if stage.image == _IMAGE]
    found = [one for one in containers if one.get("ContainerHostname") in names]
    if len(found) != 1:
        raise DeploymentError(
            f"{package['ModelPackageArn']} has no container named {' or '.join(names)}, so it "
            f"cannot be deployed to --target {SINGLE}. Train the model again."
        )
    return found
