"""The text encoders as TensorFlow operations, so that a SavedModel accepts raw strings.

On UTF-8 strings, each returns exactly what the Python encoder returns.
"""

import tensorflow as tf

from newsgroup_classifier.text.encoders import Encoder, WordSequences
from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.word_splitting import PUNCTUATION, WHITE_SPACE

_SEPARATORS = "[" + "".join(f"\\x{{{ord(sign):x}}}" for sign in PUNCTUATION + WHITE_SPACE) + "]+"
_ESCAPES = (("\uffff", "\uffff1"), ("\0", "\uffff0"))
_SHORTEST = 2
# Bytes of a request's texts if all were as long as the longest; SageMaker accepts 6 MB per request.
_MAX_BYTES = 8_000_000
_MAX_WORDS = 4_000_000  # of a request's padded texts: the network has a vector for each


def _check_sizes(texts: tf.Tensor) -> None:
    """Refuse a long text among thousands of short ones, because padding would take gigabytes."""
    longest = tf.cast(tf.reduce_max(tf.strings.length(texts)), tf.int64)
    tf.debugging.assert_less_equal(
        tf.size(texts, tf.int64) * longest,
        tf.constant(_MAX_BYTES, tf.int64),
        message=f"the texts, padded to the longest one, have more than {_MAX_BYTES} bytes; send "
        "fewer texts in one request, or long texts separately",
    )


def split_words(texts: tf.Tensor) -> tf.RaggedTensor:
    """Return the words of texts, in lower case: ragged (n, words)."""
    # lower() ends a text at a NUL, so NULs are escaped.
    for before, after in _ESCAPES:
        texts = tf.strings.regex_replace(texts, before, after)
    lower = tf.strings.lower(texts, encoding="utf-8")
    for before, after in reversed(_ESCAPES):
        lower = tf.strings.regex_replace(lower, after, before)
    return tf.strings.split(tf.strings.regex_replace(lower, _SEPARATORS, " "))


def _table(names: tuple[str, ...], first: int) -> tf.lookup.StaticHashTable:
    """Return a table from names to numbers from `first` on, with 0 for unknown names."""
    numbers = tf.range(first, first + len(names), dtype=tf.int64)
    entries = tf.lookup.KeyValueTensorInitializer(tf.constant(names, tf.string), numbers)
    return tf.lookup.StaticHashTable(entries, default_value=0)


def _known(table: tf.lookup.StaticHashTable, names: tf.RaggedTensor) -> tf.RaggedTensor:
    numbers = tf.ragged.map_flat_values(table.lookup, names)
    return tf.ragged.boolean_mask(numbers, numbers != 0)


class SequenceGraph(tf.Module):
    """The graph of WordSequences: strings (n) to the inputs of a network."""

    def __init__(self, encoder: WordSequences) -> None:
        super().__init__()
        self.length, self.front = encoder.maxlen, encoder.pad == "front"
        self.table = _table(encoder.vocabulary, 1)

    def inputs(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return {"tokens": int32 (n, length)}."""
        _check_sizes(texts)
        tf.debugging.assert_less_equal(
            tf.size(texts, tf.int64) * self.length,
            tf.constant(_MAX_WORDS, tf.int64),
            message=f"the texts, padded to {self.length} words, have more than {_MAX_WORDS} words; "
            "send fewer texts in one request",
        )
        ids = _known(self.table, split_words(texts))
        # Padding at the front keeps the end: cut and pad the reversed sequences.
        ids = ids[:, ::-1] if self.front else ids
        tokens = ids[:, : self.length].to_tensor(shape=[None, self.length])
        tokens = tf.reverse(tokens, axis=[1]) if self.front else tokens
        return {"tokens": tf.cast(tokens, tf.int32)}


class BagGraph(tf.Module):
    """The graph of NgramBags: strings (n) to the inputs of a network."""

    def __init__(self, encoder: NgramBags) -> None:
        super().__init__()
        self.encoder = encoder
        self.size, self.kinds = encoder.size, len(encoder.kinds)
        words, characters = encoder.word_terms, encoder.character_terms
        self.words = _table(words.names, 1)
        self.last_word = len(words.names)
        self.characters = None
        if characters is not None:
            self.characters = _table(characters.names, self.last_word + 1)
        idf = [0.0, *(value for terms in encoder.kinds for value in terms.idf)]
        self.idf = tf.constant(idf, tf.float64)

    def inputs(self, texts: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return {"tokens": int32 (n, m), "weights": float32 (n, m)}."""
        _check_sizes(texts)
        numbers = self._numbers(split_words(texts))
        rows = numbers.nrows()
        # As in Python, one number per pair of row and id, so that one sort counts all rows.
        pairs = tf.sort(numbers.value_rowids() * self.size + numbers.values)
        pairs, _, counts = tf.unique_with_counts(pairs)
        row, token = pairs // self.size, pairs % self.size
        weight = (1 + tf.math.log(tf.cast(counts, tf.float64))) * tf.gather(self.idf, token)
        group = row * self.kinds + tf.cast(token > self.last_word, tf.int64)
        squares = tf.math.unsorted_segment_sum(weight * weight, group, rows * self.kinds)
        weight /= tf.sqrt(tf.gather(squares, group))
        return {
            "tokens": _padded(tf.cast(token, tf.int32), row, rows),
            "weights": _padded(tf.cast(weight, tf.float32), row, rows),
        }

    def _numbers(self, words: tf.RaggedTensor) -> tf.RaggedTensor:
        """Return the id of each occurrence of a known n-gram: ragged (n, ids)."""
        ids = [
            _known(self.words, tf.strings.ngrams(words, length, separator=" "))
            for length in range(1, self.encoder.word_ngrams + 1)
        ]
        if self.characters is not None:
            spaced = tf.ragged.map_flat_values(
                lambda word: tf.strings.join([" ", word, " "]), words
            )
            characters = tf.strings.unicode_split(spaced, "UTF-8")
            for length in range(_SHORTEST, self.encoder.character_ngrams + 1):
                ngrams = tf.strings.ngrams(characters, length, separator="").merge_dims(1, 2)
                ids.append(_known(self.characters, ngrams))
        return tf.concat(ids, axis=1)


def _padded(values: tf.Tensor, row: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    return tf.RaggedTensor.from_value_rowids(values, row, nrows=rows).to_tensor()


TextGraph = SequenceGraph | BagGraph


def text_graph(encoder: Encoder) -> TextGraph:
    """Return the graph of a fitted encoder of sequences or n-grams of whole words."""
    return SequenceGraph(encoder) if isinstance(encoder, WordSequences) else BagGraph(encoder)
