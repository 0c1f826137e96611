"""The words that set the texts of a class apart from those of the others."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from newsgroup_classifier.explanations.words import find_words

_CHARACTERS = 2000  # of a text; most texts of interest differ within so many
_FEWEST, _PER_CLASS = 1000, 25  # texts of a sample
_NUMBER = re.compile(r"[\d_]")
_THAI = "\u0e00"  # the first script in which one character may be a word
Select = Callable[[np.ndarray], tuple[Sequence[str], Sequence[int]]]


def count_sampled_words(select: Select, size: int, classes: int) -> list[Counter[str]]:
    """Return how many texts of a sample of all `size` texts have a word, by label.

    `select` returns the texts and the labels of the rows with some numbers.
    """
    count = max(_FEWEST, _PER_CLASS * classes)
    texts, labels = select(np.random.default_rng(0).permutation(size)[:count])
    return count_words(texts, labels, classes)


def count_words(texts: Iterable[str], labels: Iterable[int], classes: int) -> list[Counter[str]]:
    """Return how many texts of each label have a word."""
    counts: list[Counter[str]] = [Counter() for _ in range(classes)]
    for text, label in zip(texts, labels, strict=True):
        counts[label].update(_words(text[:_CHARACTERS].lower()))
    return counts


def _words(text: str) -> set[str]:
    """Return the words of a text, without numbers and single letters."""
    words = {text[start:end] for start, end in find_words(text)}
    return {word for word in words if (len(word) > 1 or word > _THAI) and not _NUMBER.search(word)}


def top_words(
    by_label: Sequence[Mapping[str, int]], labels: Sequence[int], count: int
) -> dict[int, list[str]]:
    """Return the `count` most specific words of each of these labels, the most specific first.

    They have the largest log-odds against the other labels, divided by their standard deviation,
    with all counts as the prior. Source: Monroe, Colaresi and Quinn (2008), "Fightin' Words:
    Lexical Feature Selection and Evaluation for Identifying the Content of Political Conflict".
    """
    everything: Counter[str] = Counter()
    for counts in by_label:
        everything.update(counts)
    words = [word for word, total in everything.items() if total > 1]
    if not words:
        return {label: [] for label in labels}
    totals = np.array([everything[word] for word in words], float)
    places = {word: place for place, word in enumerate(words)}
    return {
        label: [words[place] for place in _most_specific(by_label[label], places, totals, count)]
        for label in labels
    }


def _most_specific(
    counts: Mapping[str, int], places: Mapping[str, int], totals: np.ndarray, count: int
) -> list[int]:
    """Return the places of the words of a label that are more frequent in it than elsewhere."""
    own = np.zeros(len(totals))
    for word, number in counts.items():
        if word in places:
            own[places[word]] = number
    prior = totals / totals.mean()
    ours, theirs = own + prior, totals - own + prior
    odds = np.log(ours / (ours.sum() - ours)) - np.log(theirs / (theirs.sum() - theirs))
    scores = np.where(own > 0, odds / np.sqrt(1 / ours + 1 / theirs), 0)
    best = np.argsort(-scores, kind="stable")[:count]
    return [place for place in best.tolist() if scores[place] > 0]
