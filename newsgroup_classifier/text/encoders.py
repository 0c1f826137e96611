"""Text encoders, which turn texts into the inputs of a network, and the file that stores them.

An encoder is fitted on training texts only. vocabulary.json is one JSON object in UTF-8 with the
encoder's kind and fields; every field is checked when it is read.

The encoders run in all training and serving containers, so they only need NumPy and, for stems,
snowballstemmer.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.stemmed_tfidf import StemmedTfidf
from newsgroup_classifier.text.vocabulary_fields import Fields, choice, invalid
from newsgroup_classifier.text.word_sequences import WordSequences

Encoder = WordSequences | NgramBags | StemmedTfidf
_ENCODERS: dict[str, Callable[[Fields], Encoder]] = {
    WordSequences.kind: WordSequences.from_fields,
    NgramBags.kind: NgramBags.from_fields,
    StemmedTfidf.kind: StemmedTfidf.from_fields,
}


def write_encoder(encoder: Encoder) -> bytes:
    """Return the vocabulary file of a fitted encoder; equal encoders give equal bytes."""
    content = {"kind": encoder.kind, **encoder.fields()}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def read_encoder(content: bytes) -> Encoder:
    """Return the encoder of a vocabulary file; raise ArtifactError if the file is invalid."""
    try:
        fields = json.loads(
            content.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise invalid(f"it cannot be read ({reason[:100]})", "one JSON object in UTF-8") from None
    if type(fields) is not dict or "kind" not in fields:
        raise invalid("it is not an object with a kind", "one JSON object with the field kind")
    return _ENCODERS[choice(fields, "kind", tuple(_ENCODERS))](fields)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _object(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field occurs more than once")
    return fields
