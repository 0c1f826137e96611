"""Spooky Author Identification: sentences by E. A. Poe, H. P. Lovecraft, and Mary Shelley.

Published on Kaggle, behind a login, as train.csv with the columns id, text, and author. A fifth of
each author's rows, drawn with a fixed seed, becomes the test channel, because Kaggle's test.csv
has no labels.
"""

import random
from collections import Counter
from pathlib import Path

from newsgroup_classifier.channels.texts import Dataset, Row, dataset_of
from newsgroup_classifier.datasets import GENERATED, DatasetLoader
from newsgroup_classifier.datasets.files.tables import read_table
from newsgroup_classifier.datasets.generated_texts import generate_texts, mix_words
from newsgroup_classifier.datasets.sources.location import PublishedFile, locate
from newsgroup_classifier.datasets.splits import MIN_ROWS, draw_rows, partition
from newsgroup_classifier.errors import DataError
from newsgroup_classifier.text.lexicon import Lexicon

AUTHORS = ("EAP", "HPL", "MWS")
_PAGE = "https://www.kaggle.com/c/spooky-author-identification/data"
TRAIN = PublishedFile(
    "spooky-author-identification",
    ("train.csv.gz", "train.csv", "train.zip"),
    f"Log in at {_PAGE}, download train.csv or train.zip",
)
_SAMPLE_SENTENCES = (150, 40)  # per author, train and test


def load_spooky(data_dir: Path | None = None) -> Dataset:
    """Return the labeled sentences, about a fifth of them in the test part."""
    path = locate(TRAIN, data_dir)

    def invalid(reason: str) -> DataError:
        return DataError(
            f"{path} is not the CSV file from Kaggle: {reason}. Download it again from {_PAGE}."
        )

    rows: list[Row] = []
    published = read_table(path, ("id", "text", "author"), invalid)
    for number, (_, text, author) in enumerate(published, start=1):
        if author not in AUTHORS:
            raise DataError(
                f"{path}: the author of row {number} is unknown; expected {', '.join(AUTHORS)}."
            )
        rows.append((text, "", author, AUTHORS.index(author)))
    counts = Counter(row[2] for row in rows)
    if any(counts[author] < MIN_ROWS for author in AUTHORS):
        actual = ", ".join(f"{counts[author]} by {author}" for author in AUTHORS)
        raise DataError(
            f"{path} has too few sentences to train and test with ({actual}); expected "
            f"{MIN_ROWS} or more by each author."
        )
    parts = partition(rows, draw_rows([row[3] for row in rows]))
    return dataset_of(*parts, "Spooky Author Identification (Kaggle)")


def generate_spooky(seed: int = 0) -> Dataset:
    """Return generated sentences of the three authors; the same seed gives the same sentences."""
    return generate_texts(AUTHORS, _SAMPLE_SENTENCES, _generate_sentence, seed)


def generate_lexicon(seed: int = 0) -> Lexicon:
    """Return a lexicon whose nouns are the words of `generate_spooky`."""
    dataset = generate_spooky(seed)
    texts = [*dataset.train["data"], *dataset.test["data"]]
    words = {word for text in texts for word in text.lower().rstrip(".").split()}
    nouns = frozenset(word.removesuffix("s") for word in words)
    return Lexicon(nouns, {"mice": ("mouse",)}, GENERATED)


def _generate_sentence(rng: random.Random, own: list[str], shared: list[str]) -> tuple[str, str]:
    words = mix_words(rng, own, shared, 0.2, rng.randint(5, 25))
    return " ".join(word + rng.choice(("", "", "s")) for word in words).capitalize() + ".", ""


DATASET = DatasetLoader("spooky", load_spooky, generate_spooky)
