"""Save the results of a scikit-learn training job: the artifact and metrics.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.estimators.word_rows import measure_of
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import report_warnings, write_metrics
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult
from newsgroup_classifier.training.scikit_learn.repeatable import make_repeatable
from newsgroup_classifier.training.suspects import write_suspects
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
