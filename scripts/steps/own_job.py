"""The job that a user's own file describes, for `ship` and `demo`: data, or a trained model."""

import argparse
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from newsgroup_classifier.artifacts import Manifest
from newsgroup_classifier.data_names import nearest_data_name
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import ScikitLearnRecipe
from scripts.account import command
from scripts.account.command import say
from scripts.account.lock import ROOT
from scripts.account.naming import ENDPOINT_ONLY
from scripts.account.parsing import flag_names, flag_words
from scripts.account.selection import own_model_recipe, selected_recipe
from scripts.jobs.own_files import FILE_FLAGS, add_file_arguments, check_file
from scripts.steps.route import Job

if TYPE_CHECKING:
    from scripts.jobs.fitted_models import FittedModel

DEFAULT_RECIPE = "text-linear"
MODEL_FLAGS = ("labels", "code")
_MODEL = re.compile(r"\.(joblib|pickle|pkl)(\.(bz2|gz|lzma|xz|z))?$", re.IGNORECASE)
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))  # the first bytes


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


def add_own_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, and the flags that describe data or a trained model in it."""
    add_file_arguments(parser, positional=True)
    add_model_arguments(parser.add_argument_group("trained model"))


def is_model(file: str) -> bool:
    """Return whether a file has a trained model by its name."""
    return _MODEL.search(file) is not None


def own_job(arguments: argparse.Namespace, **more: Any) -> Job:
    """Return the job of a file with data, called after the file without --name.

    Raise an error if its flags or its columns cannot be used.
    """
    if passed := flag_names(arguments, MODEL_FLAGS):
        raise DeploymentError(
            f"{passed[0]} is for a trained model, such as model.joblib, and {arguments.file} is "
            "read as data; omit the flag"
        )
    arguments.recipe = arguments.recipe or DEFAULT_RECIPE
    _complete_name(arguments, "data")
    recipe = selected_recipe(arguments, file_needed=True)
    _check_no_pickle(arguments.file, arguments.name)
    check_file(recipe, arguments)
    return Job(recipe=recipe, upload=tuple(flag_words(arguments, FILE_FLAGS)), **more)


def _check_no_pickle(file: str, name: str) -> None:
    path = Path(file)
    if path.is_file():
        with path.open("rb") as opened:
            head = opened.read(2)
        if head in _PICKLES:
            words = shlex.join(["--model", file, "--name", name])
            raise DeploymentError(
                f"{file} is a Python pickle; expected data. If it is a model that you trained, "
                f"register it with: python -m scripts.register {words}"
            )


def own_model_job(arguments: argparse.Namespace, to_lambda: bool, **more: Any) -> Job:
    """Return the job of a file with a trained model, called after the file without --name.

    Raise an error if flags are for data, or the model cannot be registered or go to its targets.
    """
    file = arguments.file
    of_data = ("recipe", *(name for name in FILE_FLAGS if name not in ("file", "replace")))
    if passed := [*flag_names(arguments, of_data), *more["train"]]:
        flag = "--recipe or --pipeline" if passed[0] == "--recipe" else passed[0]
        raise DeploymentError(f"{flag} is for data, and {file} is a trained model; omit the flag")
    if file.startswith("s3://"):
        raise DeploymentError(
            f"{file} is in a bucket; a trained model must be a file on this machine. "
            f"Download it with: aws s3 cp {file} ."
        )
    _complete_name(arguments, "model")
    recipe = own_model_recipe(arguments.name)
    with tempfile.TemporaryDirectory(prefix="own-model-") as folder:
        _, manifest = write_own_model(Path(file), arguments, recipe, Path(folder))
    if to_lambda and manifest.not_for_lambda:
        raise DeploymentError(
            f"Lambda does not serve the model in {file}: {manifest.not_for_lambda}. {ENDPOINT_ONLY}"
        )
    flags = tuple(flag_words(arguments, (*MODEL_FLAGS, "replace")))
    return Job(recipe=recipe, model=file, register=flags, **more)


def _complete_name(arguments: argparse.Namespace, noun: str) -> None:
    if arguments.name is None:
        arguments.name = data_name_of(arguments.file)
        say(f"The {noun} is named {arguments.name}, after its file; --name sets another name.")


def data_name_of(file: str) -> str:
    """Return the name of data from that of its file; raise DeploymentError if it has none."""
    stem = PurePosixPath(file).name.partition(".")[0]
    if not re.search("[A-Za-z0-9]", stem):
        raise DeploymentError(
            f"the name of {file} has no letter or digit to name the data after; pass a name, such "
            "as --name tickets"
        )
    return nearest_data_name(stem)
