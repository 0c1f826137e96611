"""Comments from Reddit by category, as a course of Bellevue University hands them out.

One JSON object a line, with the category `cat` and the comment `txt`. Comments whose text is
"[deleted]" or "[removed]" stay: they are part of what the published figures are about. A fifth of
each category is the test channel.
"""

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd

from newsgroup_classifier.channels.texts import COLUMNS, Dataset
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.sample import invented_words
from newsgroup_classifier.datasets.sources.location import HandedOut, locate_handed_out
from newsgroup_classifier.datasets.sources.published_text import read_text
from newsgroup_classifier.datasets.splits import draw_rows
from newsgroup_classifier.errors import DataError, DataErrorFactory

COMMENTS = HandedOut(
    "reddit-categorized-comments",
    (
        "categorized-comments.jsonl",
        "categorized-comments.jsonl.gz",
        "categorized-comments-10k.jsonl.gz",
    ),
    "Get categorized-comments.jsonl from somebody who took Bellevue University's course DSC 550, "
    "which hands it out",
)
_LEAST = 3  # comments of a category, of which one is to test with
_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    str: "a string",
    list: "an array",
    dict: "an object",
}
# Categories of the generated sample, with comments to train and to test with.
_SAMPLE_COMMENTS = (("science_and_technology", 200, 50), ("sports", 110, 28))
Row = tuple[str, str, str, int]  # the channel columns


def load_reddit_comments(data_dir: Path | None = None) -> Dataset:
    """Return the comments of all categories that the file has, in their sorted order."""
    path = locate_handed_out(COMMENTS, data_dir)

    def broken(reason: str) -> DataError:
        return DataError(f"{path} is not the file of categorized comments: {reason}.")

    lines = read_text(path, broken).split("\n")
    comments = [
        _comment(line, f"line {number}", broken)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    names = tuple(sorted({category for category, _ in comments}))
    if len(names) < 2:
        raise broken(f"it has {len(names)} categories; expected two or more")
    rows = [(text, "", category, names.index(category)) for category, text in comments]
    _check_counts(rows, broken)
    drawn = draw_rows([row[3] for row in rows])
    train, test = (
        pd.DataFrame(
            [row for n, row in enumerate(rows) if (n in drawn) == part], columns=list(COLUMNS)
        )
        for part in (False, True)
    )
    return Dataset(train, test, "Reddit comments by category")


def _comment(line: str, where: str, broken: DataErrorFactory) -> tuple[str, str]:
    """Return category and text of a line."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise broken(f"{where} is not JSON ({type(error).__name__})") from error
    expected = 'expected an object with the texts "cat" and "txt"'
    if not isinstance(content, dict):
        raise broken(f"{where} is {_kind(content)}; {expected}")
    category, text = content.get("cat"), content.get("txt")
    if not isinstance(category, str) or not isinstance(text, str):
        wrong = [
            f'{_kind(content[key])} as "{key}"' if key in content else f'no "{key}"'
            for key in ("cat", "txt")
            if not isinstance(content.get(key), str)
        ]
        raise broken(f"{where} has {' and '.join(wrong)}; {expected}")
    if not category.strip() or not text.strip():
        raise broken(f"{where} has an empty {'cat' if not category.strip() else 'txt'}; {expected}")
    if any("\ud800" <= letter <= "\udfff" for letter in category + text):
        raise broken(f"{where} has half a character; expected text that UTF-8 can say")
    return category, text


def _kind(value: Any) -> str:
    """Return what a value of parsed JSON is, in JSON's own words."""
    return _KINDS.get(type(value), "a number")


def _check_counts(rows: list[Row], broken: DataErrorFactory) -> None:
    for name in sorted({row[2] for row in rows}):
        count = sum(row[2] == name for row in rows)
        if count < _LEAST:
            raise broken(f"it has {count} comments of {name}; expected {_LEAST} or more")


def generate_comments(seed: int = 0) -> Dataset:
    """Return generated comments of two categories, a few of them deleted as on Reddit."""
    rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
    shared = invented_words(rng, 300)
    rows: tuple[list[Row], ...] = ([], [])
    for label, (name, *counts) in enumerate(_SAMPLE_COMMENTS):
        own = invented_words(rng, 60)
        for part, count in zip(rows, counts, strict=True):
            comments = [_generate_comment(rng, own, shared) for _ in range(count - 1)]
            part.extend((comment, "", name, label) for comment in (*comments, "[deleted]"))
    train, test = (pd.DataFrame(part, columns=list(COLUMNS)) for part in rows)
    return Dataset(train, test, GENERATED)


def _generate_comment(rng: random.Random, own: list[str], shared: list[str]) -> str:
    sentences = []
    for _ in range(rng.randint(1, 4)):
        words = [rng.choice(own if rng.random() < 0.4 else shared) for _ in range(9)]
        endings = [word + rng.choice(("", "", "", "ing", "ed", "s")) for word in words]
        sentences.append(" ".join(endings).capitalize() + rng.choice(".!?"))
    return "  ".join(sentences)


DATASET = DatasetLoader("reddit-comments", load_reddit_comments, generate_comments)
