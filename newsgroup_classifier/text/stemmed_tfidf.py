"""Encode texts as bags of weighted stems, so that "adding" and "added" count as one word."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.text import vocabulary_fields
from newsgroup_classifier.text.stemming import make_snowball_stemmer
from newsgroup_classifier.text.terms import MAX_FEATURES, Terms, Weigher, learn_terms
from newsgroup_classifier.text.vocabulary_fields import Fields
from newsgroup_classifier.text.word_splitting import split_words


class StemmedTfidf:
    """An encoder of the `max_features` most frequent stems that occur in `min_df` or more texts."""

    kind = "stems"
    terms: Terms

    def __init__(self, min_df: int = 1, max_features: int = 200_000) -> None:
        self.min_df = min_df
        self.max_features = max_features

    def fit(self, texts: Sequence[str], labels: Sequence[int] | None = None) -> Self:
        """Learn the stems and the number of texts in which each occurs."""
        stem = make_snowball_stemmer()
        rows = (_stems(text, stem) for text in texts)
        return self._set(learn_terms(rows, self.min_df, self.max_features))

    def _set(self, terms: Terms) -> Self:
        self.terms, self._weigher, self._stem = terms, Weigher((terms,)), make_snowball_stemmer()
        return self

    @property
    def size(self) -> int:
        """The number of token ids: one per stem, and one for padding."""
        return len(self.terms.names) + 1

    def transform(self, texts: Sequence[str]) -> dict[str, NDArray[np.generic]]:
        """Return {"tokens": int32 (texts, m), "weights": float32 (texts, m)}.

        m is the largest number of stems in one of the texts, at least 1.
        """
        indices, stem = self.terms.indices, self._stem
        rows = (
            [indices[name] + 1 for name in _stems(text, stem) if name in indices] for text in texts
        )
        return self._weigher.weigh(rows)

    def fields(self) -> dict[str, Any]:
        """Return the fields of the vocabulary file, except the kind."""
        return {
            "min_df": self.min_df,
            "max_features": self.max_features,
            "texts": self.terms.texts,
            "terms": vocabulary_fields.terms_field(self.terms),
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """Return the encoder of a vocabulary file; raise ArtifactError if a field is invalid."""
        vocabulary_fields.check_names(fields, ("min_df", "max_features", "texts", "terms"))
        texts = vocabulary_fields.texts(fields)
        encoder = cls(
            min_df=vocabulary_fields.integer(fields, "min_df", 1, texts),
            max_features=vocabulary_fields.integer(fields, "max_features", 1, MAX_FEATURES),
        )
        return encoder._set(vocabulary_fields.terms(fields, "terms", texts))


def _stems(text: str, stem: Callable[[str], str]) -> list[str]:
    """Return the stems of a text's words; a single apostrophe has none."""
    return [stemmed for word in split_words(text) if (stemmed := stem(word))]
