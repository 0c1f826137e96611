"""Read a linear model on hashed n-grams from a model file.

manifest   blocks (the fields of each block of n-grams, and what it learned), unicode, sharpness
           (factor and power)
arrays     weights (int8, features x labels), scales, intercepts; for block i, its sorted keys_i
           (uint64) and frequencies_i
"""

from typing import Any

import numpy as np

from lambda_handler.checks import check_length, check_range, get_array, get_number
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members
from newsgroup_classifier.explanations.words import Spans, find_words
from newsgroup_classifier.hashed_text.blocks import block_of
from newsgroup_classifier.hashed_text.model import HashedLinear, Sharpness
from newsgroup_classifier.hashed_text.vocabulary import Vocabulary

_MAX_WEIGHT, _MAX_COUNT, _MAX_BLOCKS = 1e6, 2**31 - 1, 16


def load_linear(manifest: dict[str, Any], arrays: Members, labels: int) -> HashedLinear:
    """Return the model of a model file; raise ModelError if it is invalid."""
    blocks = manifest.get("blocks")
    if not isinstance(blocks, list) or not 1 <= len(blocks) <= _MAX_BLOCKS:
        raise ModelError("the model's manifest lacks the list of blocks")
    vocabularies = tuple(_load_vocabulary(*pair, arrays) for pair in enumerate(blocks))
    features = sum(len(vocabulary.keys) for vocabulary in vocabularies)
    weights = get_array(arrays, "weights", "i", 2)
    scales = get_array(arrays, "scales", "f", 1)
    intercepts = get_array(arrays, "intercepts", "f", 1)
    check_length(len(weights), features, "weights")
    check_length(weights.shape[1], labels, "weights' rows")
    check_length(len(scales), features, "scales")
    check_length(len(intercepts), labels, "intercepts")
    check_range(scales, 0.0, _MAX_WEIGHT, "scales")
    check_range(intercepts, -_MAX_WEIGHT, _MAX_WEIGHT, "intercepts")
    sharpness = _load_sharpness(manifest.get("sharpness"))
    return HashedLinear(vocabularies, weights, scales, intercepts, sharpness)


def explain(model: HashedLinear, text: str) -> tuple[Spans, np.ndarray]:
    """Return the words of a text, and the scores of the text, of each word, and of the base."""
    # Imported here so that other requests do not wait for it.
    from newsgroup_classifier.hashed_text.places import word_scores

    spans = find_words(text)
    return spans, np.vstack(
        [model.score([text]), word_scores(model, text, spans), model.intercepts]
    )


def _load_sharpness(about: Any) -> Sharpness:
    if not isinstance(about, dict):
        raise ModelError("the sharpness in the model's manifest is not an object")
    factor = get_number(about, "factor", 0, _MAX_WEIGHT)
    return Sharpness(factor, get_number(about, "power", -1, 1))


def _load_vocabulary(number: int, about: Any, arrays: Members) -> Vocabulary:
    keys = get_array(arrays, f"keys_{number}", "u", 1)
    if keys.dtype != np.uint64 or (keys[1:] <= keys[:-1]).any():
        raise ModelError(f"the model file's keys_{number} are not sorted 64-bit integers")
    frequencies = get_array(arrays, f"frequencies_{number}", "u", 1)
    check_length(len(frequencies), len(keys), f"frequencies_{number}")
    if not isinstance(about, dict):
        raise ModelError(f"block {number} of the model's manifest is not an object")
    try:
        block = block_of(about.get("block"))
    except ValueError as error:
        raise ModelError(f"block {number} of the model's manifest is invalid: {error}") from None
    texts = get_number(about, "texts", 0, _MAX_COUNT)
    check_range(frequencies, 1, texts, f"frequencies_{number}")
    return Vocabulary(
        block=block,
        keys=keys,
        frequencies=frequencies,
        texts=int(texts),
        mean_length=get_number(about, "mean_length", 0, _MAX_COUNT),
        rest_idf=get_number(about, "rest_idf", 0, _MAX_WEIGHT),
    )
