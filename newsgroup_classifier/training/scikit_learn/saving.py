"""Save the results of a scikit-learn training job: the artifact and metrics.json."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.tree import BaseDecisionTree

from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.estimators.explaining import measure_of
from newsgroup_classifier.evaluation.quality import write_suspects
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import report_warnings, write_metrics
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult
from newsgroup_classifier.training.vendored import vendored_packages


def save(
    result: TrainingResult, arguments: Arguments, sources: Path, search: Mapping[str, Any]
) -> None:
    """Write the artifact to the model folder, and metrics and suspects to the output data folder.

    `search` is the summary of the search for the hyperparameters, or empty.
    """
    about: dict[str, Any] = {
        "recipe": arguments.recipe.name,
        "label_names": result.scores.label_names,
        "hyperparameters": dict(arguments.hyperparameters),
        "metrics": result.metrics,
        "search": dict(search),
        "warnings": [*arguments.warnings, *result.warnings],
    }
    recipe = ScikitLearnRecipe.of(arguments.recipe)
    if recipe.lexicon:  # the path of a file of this job, which only fitting reads
        result.pipeline.set_params(**{recipe.lexicon: None})
    make_repeatable(result.pipeline)
    objects = split_pipeline(result.pipeline, recipe.first_steps) | dict(result.files)
    about["explanations"] = measure_of(result.pipeline, recipe.first_steps)
    lambda_model, about["not_for_lambda"] = export_model(recipe, result.pipeline, about)
    if lambda_model is not None:
        objects[artifacts.LAMBDA_MODEL] = lambda_model
    extras = artifacts.Extras(vendored_packages(recipe) | (recipe.own.files if recipe.own else {}))
    artifacts.save_artifact(arguments.paths.model, objects, about, sources, extras)
    write_metrics(result.metrics, arguments.paths.output_data)
    report_warnings(about["warnings"], arguments.paths.output_data)
    if result.suspects is not None:
        write_suspects(result.suspects, arguments.paths.output_data)


def export_model(
    recipe: ScikitLearnRecipe, pipeline: Pipeline, about: Mapping[str, Any]
) -> tuple[bytes | None, str]:
    """Return the Lambda's model of a fitted pipeline, or None and why there is none."""
    if recipe.export is None:
        return None, ""
    manifest = {name: about[name] for name in ("recipe", "label_names", "explanations")}
    manifest["versions"] = artifacts.running_versions()
    try:
        return recipe.export(pipeline, manifest), ""
    except NotExportable as error:
        return None, str(error)


def split_pipeline(pipeline: Pipeline, first_steps: int) -> dict[str, Any]:
    """Return the objects that the two containers load: the first steps, and the remaining ones."""
    rest = pipeline[first_steps:]
    return {
        artifacts.PREPROCESS: pipeline[:first_steps],
        artifacts.MODEL: rest if len(rest) > 1 else rest[0],
    }


def make_repeatable(pipeline: BaseEstimator) -> None:
    """Remove addresses in memory from vectorizers, and unset memory from trees, in place."""
    for estimator in _estimators(pipeline):
        vars(estimator).pop("_stop_words_id", None)  # only saves a second check of the stop words
        if isinstance(estimator, BaseDecisionTree) and hasattr(estimator, "tree_"):
            _clear_padding(estimator.tree_.__getstate__()["nodes"])  # a view of the tree's memory


def _estimators(value: Any) -> Iterator[BaseEstimator]:
    """Yield the estimators in a value: itself, those of its attributes, and those of its items."""
    if isinstance(value, BaseEstimator):
        yield value
        value = list(vars(value).values())
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.ravel().tolist()
    if isinstance(value, list | tuple):
        for item in value:
            yield from _estimators(item)


def _clear_padding(nodes: np.ndarray) -> None:
    """Set the bytes after the last field of each node to 0, which scikit-learn never sets."""
    end = max(offset + kind.itemsize for kind, offset, *_ in (nodes.dtype.fields or {}).values())
    nodes.view(np.uint8).reshape(len(nodes), -1)[:, end:] = 0
