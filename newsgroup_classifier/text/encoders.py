"""Text encoders, which turn texts into the inputs of a network, and the file that stores them.

An encoder is fitted on training texts only. vocabulary.json is one JSON object in UTF-8 with the
encoder's kind and fields.

The encoders run in all training and serving containers, so they only need NumPy and, for stems,
snowballstemmer.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import ArtifactError, DataError, one_line
from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.word_splitting import split_words


class WordSequences:
    """An encoder of the `max_features` - 1 most frequent words, with ids from 1 by frequency.

    Unknown words are skipped. A sequence has `maxlen` ids, padded with 0 at the front or the back;
    of a longer text it has the end (padded at the front) or the start (padded at the back).
    """

    kind = "sequence"
    vocabulary: tuple[str, ...]

    def __init__(self, max_features: int, maxlen: int, pad: str = "back") -> None:
        self.max_features = max_features
        self.maxlen = maxlen
        self.pad = pad

    def fit(self, texts: Sequence[str]) -> Self:
        """Learn the vocabulary; equally frequent words are in the order of their occurrence."""
        counts = Counter(word for text in texts for word in split_words(text))
        if not counts:
            raise DataError(f"there are no words in {len(texts)} texts; expected texts with words.")
        return self._set([word for word, _ in counts.most_common(self.max_features - 1)])

    def _set(self, vocabulary: Sequence[str]) -> Self:
        self.vocabulary = tuple(vocabulary)
        self._ids = {word: number for number, word in enumerate(vocabulary, start=1)}
        return self

    @property
    def size(self) -> int:
        """The number of token ids: one per word, and one for padding."""
        return len(self.vocabulary) + 1

    def transform(self, texts: Sequence[str]) -> dict[str, NDArray[np.generic]]:
        """Return {"tokens": int32 (texts, maxlen)}."""
        tokens = np.zeros((len(texts), self.maxlen), dtype=np.int32)
        for row, text in zip(tokens, texts, strict=True):
            ids = [self._ids[word] for word in split_words(text) if word in self._ids]
            if self.pad == "front":
                ids = ids[-self.maxlen :]
                row[self.maxlen - len(ids) :] = ids
            else:
                ids = ids[: self.maxlen]
                row[: len(ids)] = ids
        return {"tokens": tokens}

    def fields(self) -> dict[str, Any]:
        """Return the fields of the vocabulary file, except the kind."""
        return {
            "max_features": self.max_features,
            "maxlen": self.maxlen,
            "pad": self.pad,
            "vocabulary": list(self.vocabulary),
        }

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """Return the encoder with these fields."""
        encoder = cls(fields["max_features"], fields["maxlen"], fields["pad"])
        return encoder._set(fields["vocabulary"])


Encoder = WordSequences | NgramBags
_ENCODERS: dict[str, type[WordSequences] | type[NgramBags]] = {
    WordSequences.kind: WordSequences,
    NgramBags.kind: NgramBags,
}


def write_encoder(encoder: Encoder) -> bytes:
    """Return the vocabulary file of a fitted encoder; equal encoders give equal bytes."""
    content = {"kind": encoder.kind, **encoder.fields()}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def read_encoder(content: bytes) -> Encoder:
    """Return the encoder of a vocabulary file whose sha256 the manifest has.

    Raise ArtifactError if another version of the project wrote it.
    """
    fields = json.loads(content)
    try:
        return _ENCODERS[fields["kind"]].from_fields(fields)
    except KeyError as error:
        raise ArtifactError(
            f"the vocabulary is invalid ({one_line(error)}). Train the model again."
        ) from error
