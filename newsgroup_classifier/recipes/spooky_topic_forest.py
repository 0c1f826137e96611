"""Lemma counts, topics (LDA), and a random forest, as in the Lambda tutorial.

Topics are fitted per author by default: their shares in a sentence indicate its author.
"""

from collections.abc import Mapping
from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    Hyperparameters,
    IntParameter,
    chosen,
)
from newsgroup_classifier.recipe import Measured, ScikitLearnRecipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.shared_hyperparameters import FOLDS

_SEED = 0


def build(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw texts to labels."""
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import Pipeline

    from newsgroup_classifier.estimators.part_fit import FitOnPart
    from newsgroup_classifier.estimators.topics import LabelTopics
    from newsgroup_classifier.text.lemma_counts import LemmaCountVectorizer

    stop_words = hyperparameters["stop_words"]
    count = LemmaCountVectorizer(
        stop_words=None if stop_words == "none" else stop_words,
        max_df=0.95,
        min_df=hyperparameters["min_df"],
    )
    topics = LatentDirichletAllocation(
        **chosen(hyperparameters, "n_components", "max_iter", "learning_method"),
        **chosen(hyperparameters, "doc_topic_prior", "topic_word_prior"),
        learning_offset=50.0,
        random_state=_SEED,
    )
    forest = RandomForestClassifier(
        **chosen(hyperparameters, "n_estimators", "min_samples_leaf", "min_samples_split"),
        random_state=_SEED,
    )
    part = hyperparameters["max_samples"]
    return Pipeline(
        [
            ("count", count),
            ("topics", LabelTopics(topics, by_label=hyperparameters["topics_of"] == "label")),
            ("forest", FitOnPart(forest, part=part, random_state=_SEED)),
        ]
    )


def export(pipeline: Any, about: Mapping[str, Any]) -> bytes:
    """Return the Lambda's model: forms of words, their topics, and the forest.

    The forms replace vocabulary and lexicon: every word whose lemma is in the vocabulary, with the
    lemma's column.
    """
    import numpy as np

    from newsgroup_classifier.export.forest import forest_arrays
    from newsgroup_classifier.export.npz import lines, smallest, write_npz

    counter = pipeline.named_steps["count"]
    topics = pipeline.named_steps["topics"].topics_
    forms = sorted(counter.forms_)
    columns = [counter.vocabulary_[counter.forms_[form]] for form in forms]
    manifest = dict(about) | {
        "kind": "topic-forest",
        "doc_topic_prior": float(topics.doc_topic_prior_),
        "most_updates": topics.max_doc_update_iter,
        "least_change": topics.mean_change_tol,
    }
    arrays = {
        "forms": lines(forms),
        "form_columns": smallest(columns),
        # One row per lemma, so that one text reads adjacent memory.
        "word_topics": topics.exp_dirichlet_component_.T.astype(np.float32),
    }
    return write_npz(manifest, arrays | forest_arrays(pipeline.named_steps["forest"].classifier_))


TOPIC_FOREST = ScikitLearnRecipe(
    name="spooky-topic-forest",
    summary="Spooky authors: lemma counts, topics (LDA) and a random forest",
    dataset="spooky",
    accuracy=Measured(0.838, "test channel"),
    hyperparameters=(
        ChoiceParameter("stop_words", "none", "stop words to leave out", ("none", "english")),
        IntParameter("min_df", 1, "minimum texts with a lemma", 1, 1000),
        ChoiceParameter("topics_of", "label", "texts that an LDA is fitted on", ("label", "all")),
        IntParameter("n_components", 1, "topics per LDA", 1, 1000, was="topics"),
        ChoiceParameter(
            "learning_method", "batch", "how the LDA learns", ("batch", "online"), was="learning"
        ),
        IntParameter("max_iter", 10, "passes of the LDA over its rows", 1, 1000, was="passes"),
        FloatParameter("doc_topic_prior", 1.0, "prior of topics in a row", 0.0, 1.0),
        FloatParameter("topic_word_prior", 0.3, "prior of words in a topic", 0.0, 1.0),
        IntParameter("n_estimators", 200, "trees of the forest", 1, 2000, was="trees"),
        IntParameter("min_samples_leaf", 80, "minimum rows of a leaf", 1, 1_000_000, was="leaf"),
        IntParameter("min_samples_split", 2, "minimum rows to split", 2, 1_000_000, was="split"),
        FloatParameter("max_samples", 1.0, "share of the rows to fit", 0.0, 1.0, was="forest_part"),
        FOLDS,
    ),
    presets={
        "tuned": {},  # the defaults: the best of benchmarks/studies/spooky.md
        # The tutorial's model of 2018, when a forest had 10 trees by default.
        "tutorial": {
            "stop_words": "english",
            "min_df": 2,
            "topics_of": "all",
            "n_components": 50,
            "learning_method": "online",
            "max_iter": 5,
            "doc_topic_prior": 0.02,
            "topic_word_prior": 0.02,
            "n_estimators": 10,
            "min_samples_leaf": 100,
            "min_samples_split": 100,
            "max_samples": 0.25,
        },
    },
    space=(
        Choices("topic_word_prior", (0.1, 0.3, 1.0)),
        Choices("min_samples_leaf", (40, 80, 160)),
    ),
    build=build,
    first_steps=1,
    lexicon="count__lexicon",
    own_data_refusal="it reads a lexicon of English, a channel of its built-in data set",
    export=export,
)
