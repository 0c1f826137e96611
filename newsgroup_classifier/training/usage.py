"""What a training program says of itself at --help: its flags, and a recipe's hyperparameters."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from newsgroup_classifier.hyperparameters import describe_parameters
from newsgroup_classifier.recipes.catalogue import RECIPES

_FLAGS = """\
  --recipe NAME           what to train; with --help, its hyperparameters are listed
  --train DIR             the train channel (SM_CHANNEL_TRAIN; data/train)
  --test DIR              the test channel (SM_CHANNEL_TEST; data/test)
  --lexicon DIR           the lexicon, for a recipe that needs one (SM_CHANNEL_LEXICON)
  --vectors DIR           the word vectors, for a recipe that is to read them (SM_CHANNEL_VECTORS)
  --model-dir DIR         where the model goes (SM_MODEL_DIR; artifact/model)
  --output-data-dir DIR   where metrics and pictures go (SM_OUTPUT_DATA_DIR; artifact/output/data)
  --HYPERPARAMETER VALUE  one of the recipe's"""


def usage(
    program: str, framework: str, argv: Sequence[str], environ: Mapping[str, str]
) -> str | None:
    """Return what to print if a person asks for help, or None.

    In a job a launcher writes the command line, where help is a hyperparameter like any other.
    """
    if "SM_HPS" in environ or not {"--help", "-h"} & set(argv):
        return None
    named = [name for flag, name in pairwise(argv) if flag == "--recipe"]
    known = [recipe for recipe in RECIPES.values() if recipe.framework == framework]
    recipe = next((recipe for recipe in known if recipe.name in named), None)
    start = f"usage: python -m newsgroup_classifier.training.{program} --recipe NAME ..."
    if recipe is None:
        names = "\n".join(f"  {recipe.name}: {recipe.summary}" for recipe in known)
        more = f"recipes:\n{names}"
    else:
        listed = describe_parameters(recipe.hyperparameters)
        more = f"hyperparameters of {recipe.name}, with their defaults:\n{listed}"
    return f"{start}\n\n{_FLAGS}\n\n{more}"
