"""A model that was trained elsewhere, for `register` and `ship`: its flags, and its artifact."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsgroup_classifier.artifacts import Manifest
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import ScikitLearnRecipe
from scripts.account import command
from scripts.account.lock import ROOT

if TYPE_CHECKING:
    from scripts.jobs.fitted_models import FittedModel

MODEL_FLAGS = ("labels", "code")


def add_model_arguments(parser: Any) -> None:
    """Add the flags that describe a model to a parser or group, but not its file and its name."""
    parser.add_argument(
        "--labels",
        metavar="NAMES",
        help="names of the classes if they are numbers, in order: a,b,c, or a file of one per line",
    )
    parser.add_argument(
        "--code",
        type=command.path,
        action="append",
        default=[],
        metavar="FILE",
        help="module that the model needs; repeat for several (default: those next to the model)",
    )


def write_own_model(
    path: Path, arguments: argparse.Namespace, recipe: ScikitLearnRecipe, folder: Path
) -> tuple["FittedModel", Manifest]:
    """Read and check the model in a file, and write its artifact into a folder; return both.

    Raise DeploymentError unless containers can serve it.
    """
    # They import scikit-learn, which --help does not need.
    from scripts.jobs.fitted_models import read_model, write_artifact

    with redirect_stdout(sys.stderr):  # what code of the user's prints
        model = read_model(path, read_labels(arguments.labels), arguments.code)
        return model, write_artifact(model, recipe, folder, ROOT)


def read_labels(text: str | None) -> Sequence[str] | None:
    """Return the names in the value of --labels: those of a file, or those between commas."""
    if text is None:
        return None
    try:
        # Not by splitlines(), to which characters such as U+2028 are line ends, too.
        return Path(text).read_text(encoding="utf-8-sig").rstrip("\n").split("\n")
    except UnicodeDecodeError:
        raise DeploymentError(
            f"--labels {text} is not UTF-8 text with one label per line"
        ) from None
    except OSError:  # names; many of them are too long for a path
        if "," not in text:
            raise DeploymentError(
                f"--labels {text}: file not found; expected a file with one label per line, "
                "or names separated by commas"
            ) from None
        return [name.strip() for name in text.split(",")]
