"""Naive Bayes on the real 20 Newsgroups reproduces the tutorial's metrics to the last digit."""

import pytest

pytestmark = pytest.mark.slow

METRICS = {
    "accuracy": 0.8187732342007435,
    "macro_f1": 0.8118865539222201,
    "train_features": 85964,
    "train_rows": 11314,
    "train_non_zeros": 1149626,
    "train_tokens": 1897170,
}


@pytest.mark.parametrize("name", METRICS)
def test_training_on_the_real_posts_gives_the_published_metric(real_training, name):
    assert real_training.metrics[name] == pytest.approx(METRICS[name], rel=0, abs=1e-12)


def test_training_on_the_real_posts_sorts_the_label_names(real_training):
    names = real_training.scores.label_names
    assert (len(names), list(names)) == (20, sorted(names))


def test_training_on_the_real_posts_gives_rare_words_higher_weights(real_training):
    vectorizer = real_training.pipeline["tfidf"]
    rare, frequent = (
        vectorizer.idf_[vectorizer.vocabulary_[word]] for word in ("atheism", "would")
    )
    assert rare > frequent > 1
