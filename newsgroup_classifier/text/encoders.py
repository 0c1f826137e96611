"""Text encoders, which turn texts into the inputs of a network, and the file that stores them.

An encoder is fitted on training texts only. vocabulary.json is one JSON object in UTF-8 with the
encoder's kind and fields.

The encoders run in all training and serving containers, so they only need NumPy and, for stems,
snowballstemmer.
"""

import json

from newsgroup_classifier.errors import ArtifactError, one_line
from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.word_sequences import WordSequences

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
