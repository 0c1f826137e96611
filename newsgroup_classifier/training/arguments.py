"""Read a training program's hyperparameters as either launcher hands them over.

The toolkit writes one dash before a name of one letter and True for true; SDK v3's launcher
writes two dashes and true. What both say in SM_HPS is read before the flags, which are for a
person. Every flag has a value. Nothing is guessed: an unknown name, a flag without a value or a
value without a flag is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import Value, parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from newsgroup_classifier.shared_hyperparameters import READING, STREAM
from newsgroup_classifier.training.environment import (
    TrainingPaths,
    launcher_hyperparameters,
    training_paths,
)

_PATHS = {
    "train": "train",
    "test": "test",
    "lexicon": "lexicon",
    "vectors": "vectors",
    "model-dir": "model",
    "output-data-dir": "output_data",
}
# The TensorFlow container adds --model_dir, often an S3 address; it is no hyperparameter and must
# not redirect --model-dir (sagemaker-tensorflow-training-toolkit issue 340).
_IGNORED = ("model_dir",)


@dataclass(frozen=True)
class Arguments:
    """What a training program was asked to do."""

    recipe: Recipe
    hyperparameters: Mapping[str, Value]
    paths: TrainingPaths


def parse_args(argv: Sequence[str], environ: Mapping[str, str]) -> Arguments:
    """Return the recipe, its hyperparameters and the paths; raise HyperparameterError if wrong."""
    given = _pairs(argv) | launcher_hyperparameters(environ)
    if "recipe" not in given:
        raise HyperparameterError(
            "hyperparameter recipe is missing; it names what to train, such as "
            "newsgroups-naive-bayes"
        )
    recipe = find_recipe(given.pop("recipe"))
    for name in _IGNORED:
        given.pop(name, None)
    changed: dict[str, Any] = {
        field: Path(given.pop(flag)) for flag, field in _PATHS.items() if flag in given
    }
    values = parse_hyperparameters(given, recipe.hyperparameters, flags=("recipe",))
    paths = replace(training_paths(environ), **changed)
    if paths.piped and values.get(READING) != STREAM:
        raise HyperparameterError(
            f"the channels {', '.join(sorted(paths.piped))} come through pipes, which only a "
            "recipe with reading=stream reads; give the job the input mode File"
        )
    return Arguments(recipe, values, paths)


def _pairs(argv: Sequence[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    waiting = list(argv)
    while waiting:
        flag = waiting.pop(0)
        name = flag.lstrip("-")
        if flag == name or not name:
            raise HyperparameterError(f"{flag!r} stands where a flag such as --alpha is expected")
        if not waiting:
            raise HyperparameterError(f"hyperparameter {name} has no value")
        if name in given:
            raise HyperparameterError(f"hyperparameter {name} is given twice")
        given[name] = waiting.pop(0)
    return given
