"""Write the n-grams of a fitted union as numbers, and the weights of the vote beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from newsgroup_classifier.export.npz import lines, smallest, write_npz

_KINDS = (("word", "words"), ("character", "characters"))


def export_ngrams(pipeline: Pipeline, about: Mapping[str, Any]) -> bytes:
    """Return the model file of a fitted pipeline; `about` has its recipe, labels and versions."""
    vote = pipeline.named_steps["vote"]
    vectorizers = dict(pipeline.named_steps["count"].transformer_list)
    levels = np.unique(np.concatenate([vectorizers[name].idf_ for _, name in _KINDS]))
    manifest = dict(about) | {"kind": "ngrams"}
    arrays = {"intercepts": vote.intercepts_, "idf_levels": levels}
    first = 0
    for kind, name in _KINDS:
        vectorizer = vectorizers[name]
        grams = [_split(kind, gram) for gram in vectorizer.get_feature_names_out()]
        symbols = sorted({symbol for gram in grams for symbol in gram})
        codes = _codes(grams, symbols)
        order = np.argsort(codes)
        weights = vote.weights_[first : first + len(grams)].astype(np.float16)
        manifest[f"longest_{kind}_gram"] = vectorizer.ngram_range[1]
        arrays |= {
            name: lines(symbols if kind == "word" else ["".join(symbols)]),
            f"{kind}_codes": smallest(np.diff(codes[order], prepend=0)),
            f"{kind}_idf": smallest(np.searchsorted(levels, vectorizer.idf_[order])),
            f"{kind}_weights": weights[order],
        }
        first += len(grams)
    return write_npz(manifest, arrays)


def _split(kind: str, gram: str) -> Sequence[str]:
    return gram.split(" ") if kind == "word" else gram


def _codes(grams: Sequence[Sequence[str]], symbols: Sequence[str]) -> np.ndarray:
    """Return each n-gram as a number: its symbols, from 1 up, are the digits."""
    numbers = {symbol: number for number, symbol in enumerate(symbols, start=1)}
    base = len(symbols) + 1
    codes = []
    for gram in grams:
        code = 0
        for symbol in gram:
            code = code * base + numbers[symbol]
        codes.append(code)
    return np.array(codes, dtype=np.int64)
