"""Save the results of a scikit-learn training job: the artifact and metrics.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from newsgroup_classifier import artifacts
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import write_metrics
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult
from newsgroup_classifier.training.vendored import vendored_packages


def save(
    result: TrainingResult, arguments: Arguments, sources: Path, search: Mapping[str, Any]
) -> None:
    """Write the artifact to the model folder and metrics.json to the output data folder.

    `search` says how the hyperparameters were found, if they were searched.
    """
    about: dict[str, Any] = {
        "recipe": arguments.recipe.name,
        "label_names": result.scores.label_names,
        "hyperparameters": dict(arguments.hyperparameters),
        "metrics": result.metrics,
        "search": dict(search),
    }
    recipe = ScikitLearnRecipe.of(arguments.recipe)
    objects = split_pipeline(result.pipeline, recipe.first_steps) | dict(result.kept)
    if recipe.export is not None:
        told = {name: about[name] for name in ("recipe", "label_names")}
        told["versions"] = artifacts.running_versions()
        objects[artifacts.LAMBDA_MODEL] = recipe.export(result.pipeline, told)
    extras = artifacts.Extras(vendored_packages(arguments.recipe))
    artifacts.save_artifact(arguments.paths.model, objects, about, sources, extras)
    write_metrics(result.metrics, arguments.paths.output_data)


def split_pipeline(pipeline: Pipeline, first_steps: int) -> dict[str, Any]:
    """Return what each container loads: the first steps of the pipeline, and the rest."""
    rest = pipeline[first_steps:]
    return {
        artifacts.PREPROCESS: pipeline[:first_steps],
        artifacts.MODEL: rest if len(rest) > 1 else rest[0],
    }
