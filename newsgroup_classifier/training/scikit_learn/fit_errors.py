"""Explain the errors of a fit: too few words or texts, and errors in a user's own pipeline."""

from collections.abc import Iterator
from contextlib import contextmanager

from sklearn.utils._param_validation import InvalidParameterError

from newsgroup_classifier.atomic_files import is_disk_error
from newsgroup_classifier.errors import (
    DataError,
    ProjectError,
    TrainingError,
    one_line,
    without_texts,
)
from newsgroup_classifier.own_code import place_of
from newsgroup_classifier.recipe import Recipe

# Parts of the errors of scikit-learn's vectorizers when no words are left.
_WORDLESS = ("empty vocabulary", "no terms remain", "< documents than min_df")


class OwnCodeError(TrainingError):
    """An error in a user's code, without its message, which may quote a text in any form.

    `with_message` is for texts that nobody wrote.
    """

    def __init__(self, where: str, error: Exception) -> None:
        super().__init__(f"{where}: {type(error).__name__}")
        self.with_message = f"{where}: {one_line(error)}"


@contextmanager
def fit_errors(recipe: Recipe, part: str) -> Iterator[None]:
    """Explain the errors of a part of the recipe's pipeline, such as a step."""
    with own_errors(recipe, part), data_errors(recipe):
        yield


@contextmanager
def own_errors(recipe: Recipe, part: str = "") -> Iterator[None]:
    """Turn an error of a user's pipeline into a TrainingError, with the place in their code if any.

    Every error in a `part` of the pipeline is the user's; of the others, only those that come from
    one of the user's files. The messages of other packages are kept, without quoted values.
    """
    try:
        yield
    except (ProjectError, MemoryError):
        raise
    except Exception as error:
        place = place_of(error, recipe.own) if recipe.own else ""
        is_full_disk = isinstance(error, OSError) and is_disk_error(error)
        if recipe.own is None or is_full_disk or not (part or place):
            raise
        subject = f"{part} of {recipe.file}" if part else f"recipe {recipe.file}"
        if place:
            raise OwnCodeError(f"{subject} fails in {place}", error) from error
        raise TrainingError(f"{subject} fails: {without_texts(error)}") from error


@contextmanager
def data_errors(recipe: Recipe) -> Iterator[None]:
    """Turn an estimator's errors about too few words or texts into a DataError."""
    try:
        yield
    except InvalidParameterError:  # whatever the texts
        raise
    except ValueError as error:
        if "n_components" in str(error):
            raise DataError(
                "the train channel has fewer different words than the embedding has dimensions "
                f"({error}). Lower n_components."
            ) from error
        if "n_neighbors" in str(error):
            raise DataError(
                "there are fewer texts to train on, without the held-out fold, than neighbors "
                f"({error}). Lower n_neighbors."
            ) from error
        if not any(phrase in str(error) for phrase in _WORDLESS):
            raise
        raise no_words_error(recipe.least_lines) from error


def no_words_error(least_lines: int) -> DataError:
    """Return the error about a train channel without words, for texts with a header or without."""
    where = f"after the first {least_lines - 1} lines of each text"
    return DataError(
        "the train channel has no words to learn from "
        f"{where if least_lines > 1 else 'that occur often enough'}. Upload other texts."
    )
