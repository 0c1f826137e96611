"""The recipes that train in the scikit-learn container.

It imports no heavy library: a builder imports what it needs when it is called.
"""

from collections.abc import Mapping
from typing import Any

from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    IntParameter,
    Value,
)
from newsgroup_classifier.recipe import CLASSIFICATION, Recipe, Stage
from newsgroup_classifier.search_parameters import FOLDS
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.stream_parameters import HASHED, STREAMED


def _build_naive_bayes(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.newsgroups_naive_bayes import build_naive_bayes

    hashed = hyperparameters.get("features") == HASHED
    bits = int(hyperparameters["hash_bits"]) if hashed else 0
    return build_naive_bayes(alpha=float(hyperparameters["alpha"]), hash_bits=bits)


def _build_topic_forest(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.spooky_topic_forest import build_topic_forest

    return build_topic_forest(hyperparameters)


def _export_topic_forest(pipeline: Any, about: Mapping[str, Any]) -> bytes:
    from newsgroup_classifier.export.topic_forest import export_topic_forest

    return export_topic_forest(pipeline, about)


def _build_ngrams(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.recipes.spooky_ngrams import build_ngrams

    return build_ngrams(hyperparameters)


def _export_ngrams(pipeline: Any, about: Mapping[str, Any]) -> bytes:
    from newsgroup_classifier.export.ngrams import export_ngrams

    return export_ngrams(pipeline, about)


DRAWING = (
    "contourpy",
    "cycler",
    "fonttools",
    "kiwisolver",
    "matplotlib",
    "pyparsing",
    "wordcloud",
)
TEXT_STAGES = (
    Stage("preprocess", "inference_pipeline.preprocess"),
    Stage("predict", "inference_pipeline.predict"),
)


# The defaults are the preset "tuned": the best of benchmarks/studies/spooky.md.
_TOPIC_FOREST = (
    ChoiceParameter("stop_words", "none", "stop words that are left out", ("none", "english")),
    IntParameter("min_df", 1, "texts that a lemma must be in", 1, 1000),
    ChoiceParameter("topics_of", "label", "what the LDA is fitted on", ("label", "all")),
    IntParameter("topics", 1, "topics of the LDA, or of each label's", 1, 1000),
    ChoiceParameter("learning", "batch", "how the LDA learns", ("batch", "online")),
    IntParameter("passes", 10, "passes of the LDA over its rows", 1, 1000),
    FloatParameter("doc_topic_prior", 1.0, "prior of topics in a row", above=0.0, highest=1.0),
    FloatParameter("topic_word_prior", 0.3, "prior of words in a topic", above=0.0, highest=1.0),
    IntParameter("trees", 200, "trees of the forest", 1, 2000),
    IntParameter("leaf", 80, "least rows of a leaf", 1, 1_000_000),
    IntParameter("split", 2, "least rows of a node that is split", 2, 1_000_000),
    FloatParameter("forest_part", 1.0, "part of the rows that the forest sees", 0.0, 1.0),
    FOLDS,
)
# The tutorial's model of 2018, when a forest had 10 trees unless told otherwise.
_TUTORIAL: dict[str, Value] = {
    "stop_words": "english",
    "min_df": 2,
    "topics_of": "all",
    "topics": 50,
    "learning": "online",
    "passes": 5,
    "doc_topic_prior": 0.02,
    "topic_word_prior": 0.02,
    "trees": 10,
    "leaf": 100,
    "split": 100,
    "forest_part": 0.25,
}
_NGRAMS = (
    IntParameter("word_ngrams", 2, "words of the longest word n-gram", 1, 3),
    IntParameter("character_ngrams", 5, "characters of the longest character n-gram", 1, 7),
    IntParameter("character_min_df", 2, "texts that a character n-gram must be in", 1, 1000),
    FloatParameter("alpha", 0.005, "additive smoothing of naive Bayes", above=0.0),
    FloatParameter("c", 12.0, "inverse regularization of the logistic regressions", above=0.0),
    FloatParameter("margin_c", 0.5, "inverse regularization of the support vectors", above=0.0),
    FOLDS,
)

SCIKIT_LEARN_RECIPES = (
    Recipe(
        name="newsgroups-naive-bayes",
        summary="20 Newsgroups posts: TF-IDF and multinomial naive Bayes",
        dataset="20newsgroups",
        framework="scikit-learn",
        hyperparameters=(
            FloatParameter("alpha", 0.01, "additive smoothing of naive Bayes", above=0.0),
            FOLDS,
            *STREAMED,
        ),
        space=(Choices("alpha", (0.001, 0.01, 0.1, 1.0)),),
        build=_build_naive_bayes,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=DRAWING,
        least_lines=6,
    ),
    Recipe(
        name="spooky-topic-forest",
        summary="Spooky authors: lemma counts, topics (LDA) and a random forest",
        dataset="spooky",
        framework="scikit-learn",
        hyperparameters=_TOPIC_FOREST,
        space=(
            Choices("topic_word_prior", (0.1, 0.3, 1.0)),
            Choices("leaf", (40, 80, 160)),
        ),
        build=_build_topic_forest,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=DRAWING,
        presets={"tuned": {}, "tutorial": _TUTORIAL},
        first_steps=1,
        lexicon="count__lexicon",
        export=_export_topic_forest,
    ),
    Recipe(
        name="spooky-ngrams",
        summary="Spooky authors: words and characters as n-grams, three linear models vote",
        dataset="spooky",
        framework="scikit-learn",
        hyperparameters=_NGRAMS,
        space=(Choices("alpha", (0.005, 0.02)), Choices("margin_c", (0.25, 0.5, 1.0))),
        build=_build_ngrams,
        stages=TEXT_STAGES,
        metrics=CLASSIFICATION,
        packages=DRAWING,
        export=_export_ngrams,
    ),
)
