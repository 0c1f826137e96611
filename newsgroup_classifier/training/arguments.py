"""Parse the command line of a training program, as written by any launcher or by a person.

The toolkit writes one dash before a name of one letter, and True for true; SDK v3's launcher writes
two dashes and true. Both set SM_HPS, which takes precedence over the flags. Every flag has a value;
unknown names, flags without a value, and values without a flag are errors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from newsgroup_classifier.agreement import check_agreement
from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import (
    Hyperparameters,
    describe_parameters,
    parse_hyperparameters,
)
from newsgroup_classifier.recipes.catalogue import RECIPES, Recipe
from newsgroup_classifier.shared_hyperparameters import READING, REPORT, STREAM
from newsgroup_classifier.training.environment import (
    COMMIT,
    DATA_NAME,
    GENERATED_SAMPLE,
    JOB_NAME,
    TrainingPaths,
    launcher_hyperparameters,
    training_paths,
)
from newsgroup_classifier.training.own_recipes import find_trainable

_PATHS = {
    "train": "train",
    "test": "test",
    "lexicon": "lexicon",
    "vectors": "vectors",
    "model-dir": "model",
    "output-data-dir": "output_data",
}
# The TensorFlow container adds --model_dir, often an S3 address, which is not a hyperparameter and
# must not override --model-dir (sagemaker-tensorflow-training-toolkit issue 340).
_IGNORED = "model_dir"
_FLAGS = """\
  --recipe NAME           recipe to train; with --help, list its hyperparameters
  --train DIR             train channel (SM_CHANNEL_TRAIN; data/train)
  --test DIR              test channel (SM_CHANNEL_TEST; data/test)
  --lexicon DIR           lexicon channel, for recipes that need it (SM_CHANNEL_LEXICON)
  --vectors DIR           word vectors channel, for recipes that read it (SM_CHANNEL_VECTORS)
  --model-dir DIR         folder for the model (SM_MODEL_DIR; artifact/model)
  --output-data-dir DIR   folder for metrics and plots (SM_OUTPUT_DATA_DIR; artifact/output/data)
  --HYPERPARAMETER VALUE  hyperparameter of the recipe"""
_GENERATED = "trained and tested on a generated sample: the figures mean nothing."


@dataclass(frozen=True)
class Arguments:
    """The recipe, hyperparameters, and paths of a training program.

    `report` is a value of the parameter REPORT. `job` is the name of the training job, and `commit`
    that of the code, if they are known. `generated` says whether the channels are a generated
    sample.
    """

    recipe: Recipe
    hyperparameters: Hyperparameters
    paths: TrainingPaths
    report: str = REPORT.default
    job: str = ""
    commit: str = ""
    generated: bool = False

    @property
    def warnings(self) -> list[str]:
        """The warnings about any model of these channels."""
        return [_GENERATED] if self.generated else []


def parse_args(argv: Sequence[str], environ: Mapping[str, str]) -> Arguments:
    """Return the parsed options; raise HyperparameterError if one is invalid."""
    options = _flags(argv) | launcher_hyperparameters(environ)
    options.pop(_IGNORED, None)
    if "recipe" not in options:
        raise HyperparameterError(
            "hyperparameter recipe is missing; expected the name of a recipe, such as "
            "newsgroups-naive-bayes"
        )
    recipe = find_trainable(options.pop("recipe"))
    folders: dict[str, Any] = {
        field: Path(options.pop(flag)) for flag, field in _PATHS.items() if flag in options
    }
    report = REPORT.parse(options.pop(REPORT.name, REPORT.default))
    flags = ("recipe", REPORT.name)
    values = parse_hyperparameters(options, recipe.hyperparameters, flags=flags)
    check_agreement(recipe, values)
    paths = replace(training_paths(environ), **folders)
    if paths.piped and values.get(READING) != STREAM:
        raise HyperparameterError(
            f"the channels {', '.join(sorted(paths.piped))} have the input mode Pipe, which needs "
            "a recipe with reading=stream. Use the input mode File."
        )
    if DATA_NAME in environ:
        recipe = replace(recipe, data_name=environ[DATA_NAME])
    job, commit = (environ.get(name, "") for name in (JOB_NAME, COMMIT))
    generated = GENERATED_SAMPLE in environ
    return Arguments(recipe, values, paths, report, job, commit, generated)


def _flags(argv: Sequence[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    words = iter(argv)
    for flag in words:
        name = flag.lstrip("-")
        if flag == name or not name:
            raise HyperparameterError(f"unexpected {flag!r}; expected a flag such as --alpha")
        value = next(words, None)
        if value is None:
            raise HyperparameterError(f"hyperparameter {name} has no value")
        if name in options:
            raise HyperparameterError(f"hyperparameter {name} is set twice")
        options[name] = value
    return options


def usage(
    program: str, framework: str, argv: Sequence[str], environ: Mapping[str, str]
) -> str | None:
    """Return the help text if the command line asks for it, or None.

    In a job, a launcher writes the command line, where `help` is an unknown hyperparameter.
    """
    if "SM_HPS" in environ or not {"--help", "-h"} & set(argv):
        return None
    names = [name for flag, name in pairwise(argv) if flag == "--recipe"]
    recipes = [recipe for recipe in RECIPES.values() if recipe.framework == framework]
    recipe = next((recipe for recipe in recipes if recipe.name in names), None)
    start = f"usage: python -m newsgroup_classifier.training.{program} --recipe NAME ..."
    if recipe is None:
        summaries = "\n".join(f"  {recipe.name}: {recipe.summary}" for recipe in recipes)
        more = f"recipes:\n{summaries}"
    else:
        listed = describe_parameters(recipe.hyperparameters)
        more = f"hyperparameters of {recipe.name}, with their defaults:\n{listed}"
    return f"{start}\n\n{_FLAGS}\n\n{more}"
