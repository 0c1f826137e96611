"""The first pass over a stream: what labels there are, which tokens, and what features need."""

from collections import Counter

from sklearn.pipeline import Pipeline

from newsgroup_classifier.channels.texts import Channel, check_channels
from newsgroup_classifier.errors import DataError, HyperparameterError
from newsgroup_classifier.text.cleaning import drop_stop_words, letters_only
from newsgroup_classifier.text.tokens import split_contractions
from newsgroup_classifier.training.streaming.bounded_counts import BoundedCounts
from newsgroup_classifier.training.streaming.channel_passes import ChannelPasses
from newsgroup_classifier.training.streaming.features import learner_of, needs_fitting, through

_TOKENS = 300_000  # that are counted apart, for the word cloud


class FirstPass:
    """Reads both channels once, and gives the one step that learns what it needs."""

    def __init__(self, pipeline: Pipeline, terms: int) -> None:
        steps = [step for _, step in pipeline.steps]
        ready = 0
        while not needs_fitting(steps[ready]):
            ready += 1
        if len(steps) != ready + 2 or not hasattr(steps[-1], "partial_fit"):
            raise HyperparameterError(
                "reading=stream needs one step that learns features and a classifier with "
                "partial_fit; train this recipe with reading=whole"
            )
        self._cleans = "clean" in pipeline.named_steps
        self._steps = steps[:ready]
        self._learner = learner_of(steps[ready], terms)
        self.labels: Counter[int] = Counter()
        self.tokens = BoundedCounts(_TOKENS)

    def read(self, train_set: ChannelPasses, test_set: ChannelPasses) -> None:
        """Learn from the train channel; raise DataError unless the test channel fits it."""
        for batch in train_set.batches():
            cleaned = self._cleaned(batch.texts)
            for text in cleaned:
                self.tokens.update(text.split())
            self.labels.update(batch.labels)
            known = self._cleans  # "clean" is the first step, and its work is done
            rows = through(self._steps[known:], cleaned if known else batch.texts)
            self._learner.learn(rows)
        for _ in test_set.batches():
            continue
        check_channels(_told(train_set), _told(test_set))

    def _cleaned(self, texts: list[str]) -> list[str]:
        """Return the texts as the recipe cleans them, or as words without stop words."""
        if self._cleans:
            cleaned: list[str] = self._steps[0].transform(texts)
            return cleaned
        return [drop_stop_words(letters_only(text)) for text in texts]

    def finish(self, least_lines: int) -> None:
        """Give the step what was learned; raise DataError if the channel has no word."""
        if not self._learner.finish():
            where = f" after the first {least_lines - 1} lines of a text"
            raise DataError(
                "the train channel has no word to learn from"
                f"{where if least_lines > 1 else ' that occurs often enough'}."
            )

    @property
    def words(self) -> Counter[str]:
        """How often each token occurs, as NLTK would split them."""
        return split_contractions(self.tokens.counts)

    @property
    def token_count(self) -> int:
        """How many tokens there are, those of forgotten words too."""
        return self.tokens.total + self.words.total() - self.tokens.counts.total()


def _told(channel: ChannelPasses) -> Channel:
    """Return the labels that a channel has, as a channel of one example each."""
    names = channel.names.by_number
    return Channel([], [number for number, name in enumerate(names) if name], names)
