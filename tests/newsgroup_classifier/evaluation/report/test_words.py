"""Words are counted in every script."""

import pytest

from newsgroup_classifier.evaluation.report.words import count_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't panic, 42 v1 a_b x", {"don't", "panic"}),
        ("हिन्दी भाषा", {"हिन्दी", "भाषा"}),
        ("球队 👍", {"球", "队", "👍"}),
    ],
)
def test_words_of_a_class_are_those_of_any_script(text, words):
    (counts,) = count_words([text], [0], 1)
    assert set(counts) == words
