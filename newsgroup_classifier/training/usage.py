"""The --help text of a training program: its flags and a recipe's hyperparameters."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from newsgroup_classifier.hyperparameters import describe_parameters
from newsgroup_classifier.recipes.catalogue import RECIPES

_FLAGS = """\
  --recipe NAME           recipe to train; with --help, list its hyperparameters
  --train DIR             train channel (SM_CHANNEL_TRAIN; data/train)
  --test DIR              test channel (SM_CHANNEL_TEST; data/test)
  --lexicon DIR           lexicon channel, for recipes that need it (SM_CHANNEL_LEXICON)
  --vectors DIR           word vectors channel, for recipes that read it (SM_CHANNEL_VECTORS)
  --model-dir DIR         folder for the model (SM_MODEL_DIR; artifact/model)
  --output-data-dir DIR   folder for metrics and plots (SM_OUTPUT_DATA_DIR; artifact/output/data)
  --HYPERPARAMETER VALUE  hyperparameter of the recipe"""


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
