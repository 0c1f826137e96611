"""Read a linear model on hashed n-grams from a model file.

manifest   blocks (the fields of each block of n-grams, and what it learned), unicode, sharpness
           (factor and power)
arrays     weights (int8, features x labels), scales, intercepts; for block i, its sorted keys_i
           (uint64) and frequencies_i
"""

from typing import Any

import numpy as np

from lambda_handler.npz import Members
from newsgroup_classifier.explanations.words import Spans, find_words
from newsgroup_classifier.hashed_text.blocks import Block
from newsgroup_classifier.hashed_text.model import HashedLinear, Sharpness
from newsgroup_classifier.hashed_text.vocabulary import Vocabulary


def load_linear(manifest: dict[str, Any], arrays: Members) -> HashedLinear:
    """Return the model of a model file; raise KeyError for what it lacks."""
    vocabularies = tuple(
        Vocabulary(
            block=Block(**about["block"]),
            keys=arrays[f"keys_{number}"],
            frequencies=arrays[f"frequencies_{number}"],
            texts=about["texts"],
            mean_length=about["mean_length"],
            rest_idf=about["rest_idf"],
        )
        for number, about in enumerate(manifest["blocks"])
    )
    return HashedLinear(
        vocabularies,
        arrays["weights"],
        arrays["scales"],
        arrays["intercepts"],
        Sharpness(**manifest["sharpness"]),
    )


def explain(model: HashedLinear, text: str) -> tuple[Spans, np.ndarray]:
    """Return the words of a text, and the scores of the text, of each word, and of the base."""
    # Imported here so that other requests do not wait for it.
    from newsgroup_classifier.hashed_text.places import word_scores

    spans = find_words(text)
    return spans, np.vstack(
        [model.score([text]), word_scores(model, text, spans), model.intercepts]
    )
