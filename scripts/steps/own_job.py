"""The job that a user's own file describes, for `ship` and `demo`."""

import argparse
import re
from pathlib import PurePosixPath
from typing import Any

from newsgroup_classifier.data_names import nearest_data_name
from newsgroup_classifier.errors import DeploymentError
from scripts.account.command import say
from scripts.account.flag_words import flag_words
from scripts.account.selection import selected_recipe
from scripts.jobs.own_files import FILE_FLAGS, check_file
from scripts.steps.route import Job

DEFAULT_RECIPE = "text-linear"


def own_job(arguments: argparse.Namespace, **more: Any) -> Job:
    """Return the job of a file, called after the file without --name.

    Raise an error if its flags or its columns cannot be used.
    """
    if arguments.name is None:
        arguments.name = data_name_of(arguments.file)
        say(f"The data is called {arguments.name}, after its file; --name gives it another name.")
    recipe = selected_recipe(arguments, file_needed=True)
    check_file(recipe, arguments)
    return Job(recipe=recipe, upload=tuple(flag_words(arguments, FILE_FLAGS)), **more)


def data_name_of(file: str) -> str:
    """Return the name of data from that of its file; raise DeploymentError if it has none."""
    stem = PurePosixPath(file).name.partition(".")[0]
    if not re.search("[A-Za-z0-9]", stem):
        raise DeploymentError(
            f"the name of {file} has no letter or digit to call the data after; pass --name, such "
            "as --name tickets"
        )
    return nearest_data_name(stem)
