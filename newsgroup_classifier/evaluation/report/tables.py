"""The tables of a report, cut to the classes and examples that matter most."""

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from sklearn.metrics import precision_recall_fscore_support

from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.explanations.explanation import Word

MOST_CLASSES = 40  # rows of the tables of classes
_MATRIX_CLASSES = 25  # of the whole confusion matrix; of more classes, it has the 20 worst
_WORST = 20
_EXCERPT = 400  # characters of a text
MOST_MISTAKES, MOST_IMAGES, MOST_SUSPECTS = 20, 60, 20
_BLANK_LINES = re.compile(r"\n\s*\n")
_CUT_WORD = re.compile(r"\s+\S{0,50}\Z")
_UNPRINTABLE = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}


@dataclass(frozen=True)
class ClassRow:
    """The metrics (0 to 1) of a class, and the numbers of its examples."""

    number: int
    name: str
    precision: float
    recall: float
    f1: float
    support: int
    train: int


@dataclass(frozen=True)
class Matrix:
    """Confusion counts (n, m) of n classes, and what share of each row they are.

    There are as many columns as rows, or one more for all other classes.
    """

    names: list[str]
    columns: list[str]
    counts: list[list[int]]
    shares: list[list[float]]


@dataclass(frozen=True)
class Mistake:
    """A wrong prediction, with its text as pieces, of which some are words that led to it.

    `words` are the contributions by word, with a sum for a word that occurs several times.
    """

    row: int
    label: str
    predicted: str
    probability: float
    pieces: list[tuple[str, bool]]
    words: Mapping[str, float]
    image: str = ""


def class_rows(evidence: Evidence) -> list[ClassRow]:
    """Return all classes, the worst F1 first; those without test examples are last."""
    names, confusion = evidence.scores.label_names, evidence.scores.confusion()
    true, guesses = np.nonzero(confusion)
    columns = precision_recall_fscore_support(
        true,
        guesses,
        labels=range(len(names)),
        sample_weight=confusion[true, guesses],
        zero_division=0,
    )
    rows = []
    for number, name in enumerate(names):
        precision, recall, f1, support = (column[number].item() for column in columns)
        train = evidence.train_labels[number]
        rows.append(ClassRow(number, name, precision, recall, f1, int(support), train))
    return sorted(rows, key=lambda row: (row.support == 0, row.f1, -row.support))


def matrix_of(evidence: Evidence, rows: Sequence[ClassRow]) -> Matrix:
    """Return the confusion matrix, of the worst classes only if there are many."""
    names = evidence.scores.label_names
    counts = evidence.scores.confusion()
    numbers = list(range(len(names)))
    if len(names) > _MATRIX_CLASSES:
        numbers = sorted(row.number for row in rows[:_WORST])
    columns = [names[number] for number in numbers]
    cells = counts[np.ix_(numbers, numbers)]
    totals = counts[numbers].sum(axis=1)
    if len(names) > _MATRIX_CLASSES:
        cells = np.column_stack([cells, totals - cells.sum(axis=1)])
        columns = [*columns, "all others"]
    shares = cells / np.maximum(totals, 1)[:, None]
    return Matrix([names[number] for number in numbers], columns, cells.tolist(), shares.tolist())


def wrong_examples(evidence: Evidence) -> np.ndarray:
    """Return the numbers of the wrong predictions, the most confident first."""
    scores = evidence.scores
    numbers = np.flatnonzero(~scores.right & scores.valid)
    order = np.argsort(-scores.confidence[numbers], kind="stable")
    return np.asarray(numbers[order])


def mistakes_of(evidence: Evidence, words_of: dict[int, Sequence[Word]]) -> list[Mistake]:
    """Return the most confident mistakes, with the words that matter most for some."""
    scores, images = evidence.scores, evidence.images
    most = MOST_MISTAKES if images is None else MOST_IMAGES
    confidence = scores.confidence
    return [
        Mistake(
            row=evidence.row(number),
            label=scores.label_names[scores.labels[number]],
            predicted=scores.label_names[scores.predicted[number]],
            probability=float(confidence[number]),
            pieces=_pieces(evidence.texts[number], words_of.get(number, []))
            if evidence.texts
            else [],
            words=_sums(words_of.get(number, [])),
            image="" if images is None else _address(images[number], evidence.is_ink),
        )
        for number in wrong_examples(evidence)[:most].tolist()
    ]


def _sums(words: Sequence[Word]) -> dict[str, float]:
    sums = dict[str, float]()
    for word in words:
        sums[word.text] = sums.get(word.text, 0.0) + word.contribution
    return sums


def excerpt(text: str) -> str:
    """Return the beginning of a text without blank lines."""
    return "".join(piece for piece, _ in _pieces(text, ()))


def _pieces(text: str, words: Sequence[Word]) -> list[tuple[str, bool]]:
    """Return the beginning of a text as pieces, and whether each is a word that counted."""
    pieces, place = [], 0
    end, rest = len(text), ""
    if end > _EXCERPT:
        cut = _CUT_WORD.search(text[: _EXCERPT + 1])
        end, rest = cut.start() if cut else _EXCERPT, " …"
    for word in sorted(words, key=lambda word: word.start):
        if place <= word.start and word.end <= end and word.contribution > 0:
            pieces += [
                (_BLANK_LINES.sub("\n", text[place : word.start]), False),
                (text[word.start : word.end], True),
            ]
            place = word.end
    pieces.append((_BLANK_LINES.sub("\n", text[place:end] + rest), False))
    return [(printable(piece), marked) for piece, marked in pieces if piece]


def printable(text: str) -> str:
    """Return a text without control characters and lone surrogates, which HTML cannot have."""
    return text.translate(_UNPRINTABLE).encode("utf-8", "replace").decode("utf-8")


def _address(image: np.ndarray, is_ink: bool) -> str:
    file = io.BytesIO()
    Image.fromarray(255 - image if is_ink else image).save(file, "PNG")
    return data_address(file.getvalue())


def data_address(png: bytes) -> str:
    """Return a data: address of a PNG."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}" if png else ""
