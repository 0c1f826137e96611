"""The first pass over a stream: collect labels and tokens, and learn features."""

from collections import Counter

from sklearn.pipeline import Pipeline

from newsgroup_classifier.channels.texts import Channel, check_channels
from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.evaluation.quality import blank_texts
from newsgroup_classifier.text.cleaning import split_contractions
from newsgroup_classifier.training.scikit_learn.fit_errors import no_words_error
from newsgroup_classifier.training.scikit_learn.fitting import CLEAN, clean_for_counting
from newsgroup_classifier.training.search.sharing import needs_fit
from newsgroup_classifier.training.streaming.bounded_counts import BoundedCounts
from newsgroup_classifier.training.streaming.channel_passes import ChannelPasses
from newsgroup_classifier.training.streaming.features import learner_of, transform

_TOKENS = 300_000  # different tokens that are counted for the word cloud


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
