"""Fit a user's pipeline on made-up texts, before any data is uploaded."""

import random
import warnings

from newsgroup_classifier.channels.texts import Channel
from newsgroup_classifier.datasets.generated_texts import invent_words, mix_words
from newsgroup_classifier.errors import DataError, TrainingError
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.training.scikit_learn.fit_errors import OwnCodeError
from newsgroup_classifier.training.scikit_learn.fitting import train
from newsgroup_classifier.training.scikit_learn.servable import pickled_modules

_TEXTS, _WORDS = 60, 40  # of both classes together, and per text


def try_pipeline(recipe: Recipe) -> None:
    """Raise TrainingError with the step that does not take texts, or cannot be saved once fitted.

    A pipeline passes if a few short texts are not enough for its parameters.
    """
    channel = _made_up()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = train(recipe, recipe.defaults, channel, channel)
    except DataError:
        return
    except TrainingError as error:
        reason = error.with_message if isinstance(error, OwnCodeError) else str(error)
        raise TrainingError(
            f"{reason}. It was tried with {_TEXTS} made-up texts of two classes; expected a "
            "pipeline that takes a list of any texts, and whose first step is, for example, a "
            "TfidfVectorizer"
        ) from error
    pickled_modules(result.pipeline, f"the fitted pipeline of {recipe.file}")


def _made_up() -> Channel:
    rng = random.Random(0)  # noqa: S311 - not for security
    shared, *own = (invent_words(rng, size) for size in (300, 60, 60))
    labels = [number % len(own) for number in range(_TEXTS)]
    texts = [
        f"{' '.join(mix_words(rng, own[label], shared, 0.3, _WORDS)).capitalize()}.\n"
        for label in labels
    ]
    return Channel(texts, labels, ("one", "two"), list(map(str, labels)))
