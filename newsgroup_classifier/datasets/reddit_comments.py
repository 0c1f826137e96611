"""Reddit comments by category, as distributed in a course of Bellevue University.

The file has one JSON object per line, with the category `cat` and the comment `txt`. Comments
whose text is "[deleted]" or "[removed]" are kept, because the published metrics include them. A
fifth of each category becomes the test channel.
"""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from newsgroup_classifier.channels.texts import Dataset, Row, dataset_of
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.generated_texts import invent_words, mix_words
from newsgroup_classifier.datasets.sources.location import ManualDownload, locate_manual
from newsgroup_classifier.datasets.sources.published_text import read_text
from newsgroup_classifier.datasets.splits import MIN_ROWS, draw_rows, partition
from newsgroup_classifier.errors import DataError, DataErrorFactory, counted, is_name
from newsgroup_classifier.text.visible import is_blank

COMMENTS = ManualDownload(
    "reddit-categorized-comments",
    (
        "categorized-comments.jsonl",
        "categorized-comments.jsonl.gz",
        "categorized-comments-10k.jsonl.gz",
    ),
    "Get categorized-comments.jsonl from a participant of Bellevue University's course DSC 550, "
    "which distributes it",
)
_JSON_TYPES: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    str: "a string",
    list: "an array",
    dict: "an object",
}
# The categories of the generated sample, with their numbers of train and test comments.
_SAMPLE_COMMENTS = (("science_and_technology", 200, 50), ("sports", 110, 28))


def load_reddit_comments(data_dir: Path | None = None) -> Dataset:
    """Return the comments of all categories in the file, which are numbered in sorted order."""
    path = locate_manual(COMMENTS, data_dir)

    def invalid(reason: str) -> DataError:
        return DataError(f"{path} is not the file of categorized comments: {reason}.")

    lines = read_text(path, invalid).split("\n")
    comments = [
        _parse(line, f"line {number}", invalid)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    counts = Counter(category for category, _ in comments)
    if len(counts) < 2:
        raise invalid(
            f"it has {counted(len(counts), 'category', 'categories')}; expected 2 or more"
        )
    labels = {name: label for label, name in enumerate(sorted(counts))}
    for name in labels:
        if counts[name] < MIN_ROWS:
            actual = counted(counts[name], "comment")
            category = name if is_name(name) else "a category"
            raise invalid(f"it has {actual} of {category}; expected {MIN_ROWS} or more")
    rows: list[Row] = [(text, "", category, labels[category]) for category, text in comments]
    parts = partition(rows, draw_rows([row[3] for row in rows]))
    return dataset_of(*parts, "Reddit comments by category")


def _parse(line: str, where: str, invalid: DataErrorFactory) -> tuple[str, str]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise invalid(f"{where} is not JSON ({type(error).__name__})") from error
    expected = 'expected an object with the strings "cat" and "txt"'
    if not isinstance(content, dict):
        raise invalid(f"{where} is {_json_type(content)}; {expected}")
    wrong = [
        f'{_json_type(content[key])} as "{key}"' if key in content else f'no "{key}"'
        for key in ("cat", "txt")
        if not isinstance(content.get(key), str)
    ]
    if wrong:
        raise invalid(f"{where} has {' and '.join(wrong)}; {expected}")
    category, text = content["cat"], content["txt"]
    if not category.strip() or is_blank(text):
        empty = "txt" if category.strip() else "cat"
        raise invalid(f'{where} has an empty "{empty}"; {expected}')
    if any("\ud800" <= letter <= "\udfff" for letter in category + text):
        raise invalid(f"{where} has half of a surrogate pair; expected valid Unicode text")
    return category, text


def _json_type(value: Any) -> str:
    """Return the JSON name of a parsed value's type."""
    return _JSON_TYPES.get(type(value), "a number")


def generate_comments(seed: int = 0) -> Dataset:
    """Return generated comments of two categories, one per part and category deleted."""
    rng = random.Random(seed)  # noqa: S311 - not for security
    shared = invent_words(rng, 300)
    parts: tuple[list[Row], list[Row]] = ([], [])
    for label, (name, *counts) in enumerate(_SAMPLE_COMMENTS):
        own = invent_words(rng)
        for rows, count in zip(parts, counts, strict=True):
            comments = [_generate_comment(rng, own, shared) for _ in range(count - 1)]
            rows.extend((comment, "", name, label) for comment in (*comments, "[deleted]"))
    return dataset_of(*parts, GENERATED)


def _generate_comment(rng: random.Random, own: list[str], shared: list[str]) -> str:
    sentences = []
    for _ in range(rng.randint(1, 4)):
        words = mix_words(rng, own, shared, 0.4, 9)
        inflected = [word + rng.choice(("", "", "", "ing", "ed", "s")) for word in words]
        sentences.append(" ".join(inflected).capitalize() + rng.choice(".!?"))
    return "  ".join(sentences)


DATASET = DatasetLoader("reddit-comments", load_reddit_comments, generate_comments)
