"""Export a scikit-learn vectorizer and a linear classifier to a model for the Lambda function.

Vectorizers are CountVectorizer, TfidfVectorizer, HashingVectorizer, one of counts with
TfidfTransformer, and a FeatureUnion of them, without functions of the user's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import unidata_version

import numpy as np
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.pipeline import FeatureUnion, Pipeline

from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.estimators.linear_scores import linear_scores
from newsgroup_classifier.export.npz import smallest, write_npz
from newsgroup_classifier.hashed_text.token_patterns import is_linear
from newsgroup_classifier.recommender import match_classes

_MAX_MB = 100  # in the function's memory, which is 512 MB by default
_MOST_BLOCKS, _LONGEST, _MAX = 16, 32, 1e9  # as the function allows
_PARAMETERS: dict[str, tuple[Any, ...]] = {
    "analyzer": ("word", "char", "char_wb"),
    "preprocessor": (None,),
    "tokenizer": (None,),
    "input": ("content",),
    "strip_accents": (None, "ascii", "unicode"),
}
# The vectorizers, and the types of their values that round no more than the function does.
_TYPES: dict[type, tuple[type, ...]] = {
    CountVectorizer: (np.int32, np.int64, np.float64),
    TfidfVectorizer: (np.float64,),
    HashingVectorizer: (np.float64,),
}


@dataclass(frozen=True)
class _Block:
    """A fitted vectorizer, its TfidfTransformer if that is another step, and its weight."""

    vectorizer: Any
    weight: float
    tfidf: TfidfTransformer | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the values are counts, without weights, and not scaled."""
        weighted = isinstance(self.vectorizer, TfidfVectorizer) or self.tfidf or self.weight != 1
        return not weighted and not getattr(self.vectorizer, "norm", None)


def export(pipeline: Any, about: Mapping[str, Any]) -> bytes:
    """Return the Lambda's model for a fitted pipeline; raise NotExportable with the part to blame.

    `about` has the manifest's recipe, label_names, explanations and versions.
    """
    blocks = _blocks(Pipeline(pipeline.steps[:-1]))
    linear = linear_scores(pipeline[-1])
    order = match_classes(pipeline[-1], about["label_names"]).columns
    arrays = {"weights": linear.weights[order].T, "intercepts": linear.intercepts[order]}
    if not 0 < len(blocks) <= _MOST_BLOCKS:
        raise NotExportable(f"it has {len(blocks)} vectorizers; expected 1 to {_MOST_BLOCKS}")
    entries = [_entry(block) for block in blocks]
    for place, block in enumerate(blocks):
        arrays |= {f"{name}_{place}": array for name, array in _arrays(block).items()}
    _check_arrays(arrays | {"block weights": np.array([block.weight for block in blocks])})
    manifest = {"kind": "vectorizers", "unicode": unidata_version, "blocks": entries}
    return write_npz({**about, **manifest, "versus": linear.versus}, arrays)


def _check_arrays(arrays: Mapping[str, np.ndarray]) -> None:
    megabytes = sum(array.nbytes for array in arrays.values()) / 1e6
    if megabytes > _MAX_MB:
        raise NotExportable(
            f"its weights have {megabytes:,.0f} MB; expected at most {_MAX_MB}. Use fewer features "
            "(max_features, min_df, or n_features of the vectorizer)"
        )
    if not all((np.abs(array) <= _MAX).all() for array in arrays.values()):
        raise NotExportable("its weights have infinite or huge values, as with alpha=0")


def _blocks(step: Any, weight: float = 1.0) -> list[_Block]:
    """Return the vectorizers of a step; raise NotExportable for any other part."""
    if type(step) is FeatureUnion:
        weights = step.transformer_weights or {}
        parts = [(name, part) for name, part in step.transformer_list if part != "drop"]
        return [
            block for name, part in parts for block in _blocks(part, weight * weights.get(name, 1))
        ]
    if type(step) is Pipeline:
        return _blocks_of_steps([part for _, part in step.steps], weight)
    if type(step) not in _TYPES:
        name = step if isinstance(step, str) else type(step).__name__
        raise NotExportable(f"{name} is not a vectorizer of texts that Lambda reproduces")
    _check_vectorizer(step)
    return [_Block(step, weight)]


def _blocks_of_steps(steps: Iterable[Any], weight: float) -> list[_Block]:
    parts = [part for part in steps if part not in (None, "passthrough")]
    if not parts:
        raise NotExportable("it has no vectorizer before the classifier")
    first, *others = parts
    if not others:
        return _blocks(first, weight)
    if [type(part) for part in others] != [TfidfTransformer]:
        names = ", ".join(type(part).__name__ for part in others)
        raise NotExportable(f"{names} between vectorizer and classifier")
    blocks = _blocks(first)
    if len(blocks) != 1 or not blocks[0].is_plain:
        raise NotExportable("its TfidfTransformer does not follow a vectorizer of plain counts")
    return [_Block(blocks[0].vectorizer, weight, others[0])]


def _check_vectorizer(vectorizer: Any) -> None:
    """Raise NotExportable for a parameter that the function does not reproduce."""
    name = type(vectorizer).__name__
    for parameter, values in _PARAMETERS.items():
        value = getattr(vectorizer, parameter)
        if value not in values:
            raise NotExportable(f"{name} has {parameter}={getattr(value, '__name__', value)}")
    if vectorizer.analyzer == "word" and not is_linear(vectorizer.token_pattern):
        raise NotExportable(
            f"{name} has the token_pattern {vectorizer.token_pattern!r}; expected classes of which "
            r"only the last repeats, such as \b\w\w+\b"
        )
    shortest, longest = vectorizer.ngram_range
    if not 1 <= shortest <= longest <= _LONGEST:
        raise NotExportable(
            f"{name} has n-grams of {shortest} to {longest} symbols; expected 1 to {_LONGEST}"
        )
    if np.dtype(vectorizer.dtype) not in _TYPES[type(vectorizer)]:
        raise NotExportable(f"{name} has the dtype {np.dtype(vectorizer.dtype)}")


def _entry(block: _Block) -> dict[str, Any]:
    vectorizer, by = block.vectorizer, block.tfidf or block.vectorizer
    hashed = type(vectorizer) is HashingVectorizer
    entry = {
        "analyzer": vectorizer.analyzer,
        "shortest": int(vectorizer.ngram_range[0]),
        "longest": int(vectorizer.ngram_range[1]),
        "lowercase": bool(vectorizer.lowercase),
        "accents": vectorizer.strip_accents or "",
        "pattern": vectorizer.token_pattern if vectorizer.analyzer == "word" else "",
        "hashed": int(vectorizer.n_features) if hashed else 0,
        "signed": bool(hashed and vectorizer.alternate_sign),
        "binary": bool(vectorizer.binary),
        "sublinear": bool(getattr(by, "sublinear_tf", False)),
        "idf": bool(getattr(by, "use_idf", False)),
        "norm": getattr(by, "norm", None) or "",
        "weight": float(block.weight),
    }
    if entry["signed"] and entry["sublinear"]:
        raise NotExportable("it takes logarithms of HashingVectorizer's signed counts")
    return entry


def _arrays(block: _Block) -> dict[str, np.ndarray]:
    vectorizer, by = block.vectorizer, block.tfidf or block.vectorizer
    arrays: dict[str, np.ndarray] = {}
    if type(vectorizer) is not HashingVectorizer:
        arrays |= _texts("term", vectorizer.get_feature_names_out().tolist())
    if vectorizer.analyzer == "word":
        arrays |= _texts("stop_word", sorted(vectorizer.get_stop_words() or ()))
    return arrays | ({"idf": by.idf_} if getattr(by, "use_idf", False) else {})


def _texts(name: str, texts: Iterable[str]) -> dict[str, np.ndarray]:
    """Return texts as two arrays: their UTF-8 bytes, and their lengths in characters."""
    listed = list(texts)
    try:
        joined = np.frombuffer("".join(listed).encode(), np.uint8)
    except UnicodeEncodeError:
        raise NotExportable("a term of its vocabulary has a lone surrogate") from None
    return {f"{name}s": joined, f"{name}_lengths": smallest([len(text) for text in listed])}
