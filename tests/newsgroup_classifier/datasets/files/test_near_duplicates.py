"""Texts that share most of their characters are in one cluster, whatever texts are between them."""

import random

import numpy as np

from newsgroup_classifier.datasets.files.near_duplicates import clusters_of, signatures_of

LETTERS = "abcdefghijklmnopqrstuvwxyz 日本語テキスト"


def random_text(rng, length=200):
    return "".join(rng.choices(LETTERS, k=length))


def clusters(texts, batch):
    parts = [signatures_of(texts[first : first + batch]) for first in range(0, len(texts), batch)]
    return clusters_of(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def test_clusters_hold_edited_copies_and_nothing_else():
    rng = random.Random(1)  # noqa: S311 (not for security)
    originals = [random_text(rng) for _ in range(100)]
    copies = [f"  {text[:90]}#{text[91:].upper()}" for text in originals]
    found = clusters([*originals, *copies], batch=7)
    same = found[:100] == found[100:]
    assert same.mean() > 0.95
    assert len(set(found[:100])) == 100


def test_signature_of_a_text_does_not_depend_on_its_batch():
    rng = random.Random(2)  # noqa: S311 (not for security)
    texts = [random_text(rng, rng.randrange(60)) for _ in range(50)]
    together = signatures_of(texts)
    for place, text in enumerate(texts):
        for every, alone in zip(together, signatures_of([text]), strict=True):
            assert every[place].tolist() == alone[0].tolist()


def test_short_texts_are_alone():
    assert len(set(clusters(["yes", "yes", "", "no"], batch=4))) == 4
