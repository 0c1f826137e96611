"""The passes over a stream: read a channel several times, and learn features in the first pass.

Features are a vocabulary, or only document frequencies. The transformers are scikit-learn's own.
Instead of being fitted, they get the attributes that fitting on all texts at once would give them,
so that the saved model is the same.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import Pipeline

from newsgroup_classifier.channels.batches import PIPE_SECONDS, Batch, LabelNames, read_batches
from newsgroup_classifier.channels.texts import Channel, channel_file, check_channels
from newsgroup_classifier.errors import DataError, HyperparameterError
from newsgroup_classifier.evaluation.quality import blank_texts, empty_rows
from newsgroup_classifier.text.cleaning import split_contractions
from newsgroup_classifier.training.scikit_learn.fit_errors import no_words_error
from newsgroup_classifier.training.scikit_learn.fitting import CLEAN, clean_for_counting
from newsgroup_classifier.training.search.fits import needs_fit

_POLL_SECONDS = 0.02  # while waiting for a pipe
_TOKENS = 300_000  # different tokens that are counted for the word cloud
_COUNTED = 4  # times max_features: the number of terms that are counted
# The parameters that learning in a stream does not heed, with the values that it stands for.
_FIXED = {"max_df": 1.0, "vocabulary": None, "use_idf": True, "smooth_idf": True}


class ChannelPasses:
    """The passes over a channel, which must all have the same labels and number of rows.

    This detects a writer that ended between two rows, which the stream does not show.
    """

    def __init__(self, folder: Path, file: str, piped: bool) -> None:
        self._folder, self._file, self._piped = folder, file, piped
        self.names = LabelNames()
        self.rows = 0  # per pass
        self._passes = 0

    def batches(self) -> Iterator[Batch]:
        """Read the channel from the start."""
        path = self._source()
        rows, labels = 0, self.names.by_number if self._passes else ()
        for batch in read_batches(path, joined=self._piped):
            self.names.add(batch, path.name)
            if self._passes and self.names.by_number != labels:
                raise DataError(f"{path.name} has labels that were not in the previous pass.")
            rows += len(batch.texts)
            yield batch
        if self._passes and rows != self.rows:
            raise DataError(
                f"{path.name} has {rows} rows, but the previous pass had {self.rows}. The channel "
                "was changed, or a stream was interrupted. Train again."
            )
        self.rows = rows
        self._passes += 1

    def _source(self) -> Path:
        if not self._piped:
            return channel_file(self._folder, self._file)
        pipe = self._folder.with_name(f"{self._folder.name}_{self._passes}")
        deadline = time.monotonic() + PIPE_SECONDS
        while not pipe.exists():  # SageMaker creates it after the previous pass
            if time.monotonic() >= deadline:
                raise DataError(f"the pipe {pipe} did not appear in {PIPE_SECONDS:.0f} seconds.")
            time.sleep(_POLL_SECONDS)
        return pipe


class FirstPass:
    """Read both channels once, and fit the only step that learns features."""

    def __init__(self, pipeline: Pipeline, max_features: int) -> None:
        steps = [step for _, step in pipeline.steps]
        ready = 0
        while not needs_fit(steps[ready]):
            ready += 1
        if len(steps) != ready + 2 or not hasattr(steps[-1], "partial_fit"):
            raise HyperparameterError(
                "reading=stream needs exactly one step that learns features and a classifier with "
                "partial_fit. Train this recipe with reading=whole."
            )
        self._pipeline = pipeline
        self._steps = steps[:ready]
        self._learner = learner_of(steps[ready], max_features)
        self.labels: Counter[int] = Counter()
        self.test_labels: Counter[int] = Counter()
        self.tokens = BoundedCounts(_TOKENS)
        self.blank = 0  # train texts without a visible character

    def read(self, train_set: ChannelPasses, test_set: ChannelPasses) -> None:
        """Learn from the train channel; raise DataError unless the test channel matches it."""
        cleans = self._pipeline.steps[0][0] == CLEAN
        for batch in train_set.batches():
            cleaned = clean_for_counting(self._pipeline, batch.texts)
            for text in cleaned:
                self.tokens.update(text.split())
            self.labels.update(batch.labels)
            self.blank += blank_texts(batch.texts)
            rows = transform(self._steps[cleans:], cleaned if cleans else batch.texts)
            self._learner.learn(rows)
        for batch in test_set.batches():
            self.test_labels.update(batch.labels)
        check_channels(_labels_of(train_set), _labels_of(test_set))

    def finish(self, least_lines: int) -> None:
        """Fit the step with what was learned; raise DataError if the channel has no words."""
        if not self._learner.finish():
            raise no_words_error(least_lines)

    @property
    def empty(self) -> int:
        """The number of train texts without a feature."""
        return self._learner.empty

    @property
    def words(self) -> Counter[str]:
        """The number of occurrences of each token, as split by NLTK."""
        return split_contractions(self.tokens.counts)

    @property
    def token_count(self) -> int:
        """The number of all tokens, including those of dropped words."""
        return self.tokens.total + self.words.total() - self.tokens.counts.total()


def _labels_of(channel: ChannelPasses) -> Channel:
    """Return the labels of a channel as a channel with one example per label."""
    names = channel.names.by_number
    return Channel([], [number for number, name in enumerate(names) if name], names)


class VocabularyLearner:
    """Learn the `max_features` most frequent terms for a TfidfVectorizer."""

    def __init__(self, vectorizer: TfidfVectorizer, max_features: int) -> None:
        self._vectorizer, self._max_features = vectorizer, max_features
        self._analyze = vectorizer.build_analyzer()
        self._frequencies = BoundedCounts(_COUNTED * max_features)
        self._texts = 0
        self.empty = 0  # texts without a term

    def learn(self, texts: list[str]) -> None:
        """Count the texts in which each term occurs."""
        for text in texts:  # one by one, because a batch may have more terms than the bound
            terms = set(self._analyze(text))
            self._frequencies.update(terms)
            self.empty += not terms
        self._texts += len(texts)

    def finish(self) -> int:
        """Set the vectorizer's vocabulary and weights; return the number of terms."""
        min_df = self._vectorizer.min_df
        terms = [pair for pair in self._frequencies.counts.items() if pair[1] >= min_df]
        terms.sort(key=lambda pair: (-pair[1], pair[0]))
        terms = sorted(terms[: self._max_features])
        if terms:
            self._vectorizer.vocabulary_ = {term: index for index, (term, _) in enumerate(terms)}
            frequencies = np.array([count for _, count in terms], dtype=np.float64)
            self._vectorizer.idf_ = _idf(frequencies, self._texts)
        if self._frequencies.error:
            print(f"rare terms were dropped: counts may be too low by {self._frequencies.error}")
        return len(terms)


class FrequencyLearner:
    """Learn the document frequencies of hashed columns for a TfidfTransformer."""

    def __init__(self, transformer: TfidfTransformer) -> None:
        self._transformer = transformer
        self._frequencies: Any = 0
        self._texts = 0
        self.empty = 0  # texts without a term

    def learn(self, counts: csr_matrix) -> None:
        """Count the texts in which each column is not zero."""
        self._frequencies += np.bincount(counts.indices, minlength=counts.shape[1])
        self._texts += counts.shape[0]
        self.empty += empty_rows(counts) or 0

    def finish(self) -> int:
        """Set the transformer's weights; return the number of columns that occur in a text."""
        frequencies = self._frequencies.astype(np.float64)
        self._transformer.fit(csr_matrix((1, len(frequencies))))  # sets the number of columns
        self._transformer.idf_ = _idf(frequencies, self._texts)
        return int(np.count_nonzero(frequencies))


Learner = VocabularyLearner | FrequencyLearner


def learner_of(step: Any, max_features: int) -> Learner:
    """Return the learner of a step; raise HyperparameterError if it cannot learn from a stream."""
    changed = [name for name, value in _FIXED.items() if getattr(step, name, value) != value]
    if isinstance(step, TfidfVectorizer) and isinstance(step.min_df, int) and not changed:
        return VocabularyLearner(step, max_features)
    if isinstance(step, TfidfTransformer) and not changed:
        return FrequencyLearner(step)
    parameters = f" with {', '.join(changed)}" if changed else ""
    raise HyperparameterError(
        f"reading=stream cannot fit the step {type(step).__name__}{parameters} batch by batch. "
        "Train this recipe with reading=whole."
    )


def _idf(frequencies: np.ndarray, texts: int) -> np.ndarray:
    """Return the smoothed inverse document frequencies, as scikit-learn computes them."""
    return np.log((texts + 1.0) / (frequencies + 1.0)) + 1.0


def transform(steps: Iterable[Any], texts: list[str]) -> Any:
    """Return texts after a sequence of fitted steps."""
    rows: Any = texts
    for step in steps:
        rows = step.transform(rows)
    return rows


class BoundedCounts:
    """Counts of terms; when there are more than `limit` terms, the rarer half is dropped.

    word2vec prunes its vocabulary in the same way. Up to the limit, all counts are exact; after
    that, a count may be too low by at most `error`.
    """

    def __init__(self, limit: int) -> None:
        self.counts: Counter[str] = Counter()
        self.total = 0  # occurrences, including those of dropped terms
        self.error = 0
        self._limit = limit

    def update(self, terms: Collection[str]) -> None:
        """Count the terms."""
        self.counts.update(terms)
        self.total += len(terms)
        if len(self.counts) > self._limit:
            self._drop_rare()

    def _drop_rare(self) -> None:
        values = np.fromiter(self.counts.values(), dtype=np.int64, count=len(self.counts))
        half = len(values) - self._limit // 2
        cut = int(np.partition(values, half)[half])
        self.counts = Counter({term: count for term, count in self.counts.items() if count > cut})
        self.error += cut
