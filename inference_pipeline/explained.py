"""Explanations on their way through the containers: a line of JSON before the body.

    EXPLAIN1{"count": 5, "measure": "decision", "texts": ["..."], "words": [3]}

The rows of the body are those of the texts, and then for each text those of its first `words`
words and of its base. The last container turns them into explanations. Other requests have no such
line, and their bodies are unchanged.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference_pipeline.bodies import FEWER, MAX_BYTES, RequestOptions, check_size
from inference_pipeline.responses import Prediction
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.explanations.explanation import PROBABILITY, read_scores
from newsgroup_classifier.explanations.words import find_words, without_each

_MAGIC = b"EXPLAIN1"


@dataclass(frozen=True)
class Explained:
    """The texts to explain, how many of their words were examined, and the measure.

    `count` is the number of words to return for each text.
    """

    count: int
    measure: str
    texts: Sequence[str]
    words: Sequence[int]

    def line(self) -> bytes:
        """Return the line that goes before the body."""
        return _MAGIC + json.dumps(vars(self)).encode() + b"\n"

    @property
    def rows(self) -> int:
        """The number of rows of all texts, their words, and their bases."""
        return 2 * len(self.texts) + sum(self.words)

    def explain(
        self,
        predictions: Sequence[Prediction],
        label_names: Sequence[str],
        score: Callable[[list[int]], Any],
    ) -> list[Prediction]:
        """Return predictions with their explanations.

        `score` returns the scores or probabilities, with a column per label name, of the rows at
        places: of a text, its words, and its base.
        """
        explained, at = [], len(self.texts)
        for number, (text, words) in enumerate(zip(self.texts, self.words, strict=True)):
            one = predictions[number]
            places = [number, *range(at, at + words + 1)]
            column = label_names.index(one.label)
            findings = read_scores(np.asarray(score(places), float), self.measure, column)
            explanation = findings.explanation(text, find_words(text)[:words], self.count)
            extras = {**one.extras, "explanation": explanation.as_dict(one.label)}
            explained.append(Prediction(one.label, one.probabilities, extras))
            at += words + 1
        return explained


def split_line(body: bytes) -> tuple[bytes, bytes]:
    """Return the line before a body, or nothing, and the body."""
    if not body.startswith(_MAGIC):
        return b"", body
    line, end, rest = body.partition(b"\n")
    return line + end, rest


def read_line(line: bytes) -> Explained | None:
    """Return what a line says, None for no line; raise RequestError unless it is complete."""
    if not line:
        return None
    try:
        explained = Explained(**json.loads(line.removeprefix(_MAGIC)))
        return explained if explained.rows else None
    except (ValueError, TypeError) as error:
        kind = type(error).__name__
        raise RequestError(f"the features are malformed: their first line ({kind})") from None


def check_rows(size: int, texts: int, words: int) -> None:
    """Raise PayloadTooLarge if the rows of texts and their words do not fit between containers."""
    fitting = f'With "explain", each word takes a row: about {words * MAX_BYTES // size} words fit.'
    check_size(size, texts, f"{fitting} Send fewer texts, or parts of them." if words else FEWER)


def remove_words(texts: Sequence[str], options: RequestOptions) -> tuple[bytes, list[str]]:
    """Return the line of a request, and its texts followed by those without words.

    Without explanations, these are nothing and the texts.
    """
    every = list(texts)
    if not options.explain:
        return b"", every
    words = []
    for text in texts:
        spans, without = without_each(text)
        words.append(len(spans))
        every += without
    return Explained(options.explain, PROBABILITY, list(texts), words).line(), every
