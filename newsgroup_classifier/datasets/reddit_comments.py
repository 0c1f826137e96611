"""Reddit comments by category, as distributed in a course of Bellevue University.

The file has one JSON object per line, with the category `cat` and the comment `txt`. Comments
whose text is "[deleted]" or "[removed]" are kept, because the published metrics include them. A
fifth of each category becomes the test channel.
"""

import random
from collections import Counter
from pathlib import Path

from newsgroup_classifier.channels.texts import Dataset, Row, dataset_of
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.files.tables import open_table
from newsgroup_classifier.datasets.generated_texts import invent_words, mix_words
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.splits import MIN_ROWS, draw_rows, partition
from newsgroup_classifier.errors import DataError, counted, is_name
from newsgroup_classifier.text.visible import is_blank

COMMENTS = PublishedFile(
    "reddit-categorized-comments",
    (
        "categorized-comments.jsonl",
        "categorized-comments.jsonl.gz",
        "categorized-comments-10k.jsonl.gz",
    ),
    "Get categorized-comments.jsonl from a participant of Bellevue University's course DSC 550, "
    "which distributes it",
)
# The categories of the generated sample, with their numbers of train and test comments.
_SAMPLE_COMMENTS = (("science_and_technology", 200, 50), ("sports", 110, 28))


def load_reddit_comments(data_dir: Path | None = None) -> Dataset:
    """Return the comments of all categories in the file, which are numbered in sorted order."""
    path = locate(COMMENTS, data_dir)

    def invalid(reason: str) -> DataError:
        return DataError(f"{path} is not the file of categorized comments: {reason}.")

    table = open_table(path)
    if missing := {"cat", "txt"} - {*table.columns}:
        raise invalid(f"its objects have no {' and no '.join(sorted(missing))}")
    comments = list(table.rows(("cat", "txt")))
    for number, (category, text) in enumerate(comments, start=1):
        if is_blank(category) or is_blank(text):
            raise invalid(f"object {number} has an empty {'txt' if is_blank(text) else 'cat'}")
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
