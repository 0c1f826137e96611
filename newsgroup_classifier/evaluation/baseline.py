"""What a model must exceed: the accuracy of always predicting the largest class."""

import math
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class LargestClass:
    """The baseline that always predicts the largest class of the test examples."""

    examples: int
    largest: int
    classes: int

    @classmethod
    def of(cls, counts: Collection[int]) -> "LargestClass":
        """Return the baseline for the number of test examples of each class."""
        return cls(sum(counts), max(counts), len(counts))

    @property
    def accuracy(self) -> float:
        """The share of the largest class."""
        return self.largest / self.examples

    @property
    def macro_f1(self) -> float:
        """The mean of the F1 scores, of which only that of the largest class is not 0."""
        return 2 * self.accuracy / (1 + self.accuracy) / self.classes

    def is_beaten_by(self, accuracy: float) -> bool:
        """Return whether an accuracy exceeds the baseline's by more than its standard error.

        The share of the largest class has one, because the test examples are a sample.
        """
        share = self.accuracy
        return accuracy > share + math.sqrt(share * (1 - share) / self.examples)
