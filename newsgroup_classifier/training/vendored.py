"""The packages that an artifact brings along for containers that lack them."""

import importlib.util
from pathlib import Path

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.recipes import Recipe


def vendored_packages(recipe: Recipe) -> tuple[Path, ...]:
    """Return the folders of the packages that the recipe's artifact brings along."""
    found = []
    for name in recipe.vendored:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise HyperparameterError(
                f"recipe {recipe.name} needs the package {name}, which is not installed here. "
                "Give it to the training job in the bundle's requirements.txt."
            )
        found.append(Path(spec.origin).parent)
    return tuple(found)
