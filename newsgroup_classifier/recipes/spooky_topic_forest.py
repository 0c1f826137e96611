"""Lemma counts, topics (LDA) and a random forest, as in the project's Lambda tutorial."""

from collections.abc import Mapping
from typing import Any

from sklearn.decomposition import LatentDirichletAllocation
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from newsgroup_classifier.estimators.part_fit import FitOnPart
from newsgroup_classifier.estimators.topics import LabelTopics
from newsgroup_classifier.text.lemma_counts import LemmaCountVectorizer

_SEED = 0


def build_topic_forest(values: Mapping[str, Any]) -> Pipeline:
    """Return the unfitted pipeline from raw texts to labels; `values` are the hyperparameters."""
    topics = LatentDirichletAllocation(
        n_components=values["topics"],
        max_iter=values["passes"],
        learning_method=values["learning"],
        learning_offset=50.0,
        doc_topic_prior=values["doc_topic_prior"],
        topic_word_prior=values["topic_word_prior"],
        random_state=_SEED,
    )
    forest = RandomForestClassifier(
        n_estimators=values["trees"],
        min_samples_leaf=values["leaf"],
        min_samples_split=values["split"],
        random_state=_SEED,
    )
    stop_words = None if values["stop_words"] == "none" else values["stop_words"]
    return Pipeline(
        [
            (
                "count",
                LemmaCountVectorizer(stop_words=stop_words, max_df=0.95, min_df=values["min_df"]),
            ),
            ("topics", LabelTopics(topics, by_label=values["topics_of"] == "label")),
            ("forest", FitOnPart(forest, part=values["forest_part"], random_state=_SEED)),
        ]
    )
