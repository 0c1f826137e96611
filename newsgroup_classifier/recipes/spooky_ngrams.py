"""Words, punctuation and characters as TF-IDF n-grams, and three linear models that vote."""

from collections.abc import Mapping, Sequence
from typing import Any

from newsgroup_classifier.hyperparameters import FloatParameter, Hyperparameters, IntParameter
from newsgroup_classifier.recipe import Measured, ScikitLearnRecipe
from newsgroup_classifier.search_space import Choices
from newsgroup_classifier.shared_hyperparameters import FOLDS

# Punctuation marks count as words: how an author uses semicolons reveals much.
WORD_OR_MARK = r"(?u)\w+|[^\w\s]"
_MARGIN_FACTOR = 3.0  # turns an SVM's margins into approximate log odds
_KINDS = (("word", "words"), ("character", "characters"))


def build(hyperparameters: Hyperparameters) -> Any:
    """Return the unfitted pipeline from raw texts to labels."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.svm import LinearSVC

    from newsgroup_classifier.estimators.linear_vote import LinearVote, RatioLogistic

    words = TfidfVectorizer(
        lowercase=False,
        token_pattern=WORD_OR_MARK,
        ngram_range=(1, hyperparameters["word_ngrams"]),
        sublinear_tf=True,
    )
    characters = TfidfVectorizer(
        lowercase=False,
        analyzer="char",
        ngram_range=(1, hyperparameters["character_ngrams"]),
        min_df=hyperparameters["character_min_df"],
        sublinear_tf=True,
    )
    voters = [
        (MultinomialNB(alpha=hyperparameters["alpha"]), 1.0),
        (RatioLogistic(C=hyperparameters["C"]), 1.0),
        (LinearSVC(C=hyperparameters["svm_C"], tol=1e-3, random_state=0), _MARGIN_FACTOR),
    ]
    union = FeatureUnion([("words", words), ("characters", characters)])
    return Pipeline([("count", union), ("vote", LinearVote(voters))])


def export(pipeline: Any, about: Mapping[str, Any]) -> bytes:
    """Return the Lambda's model: the n-grams as numbers, with the weights of the vote."""
    import numpy as np

    from newsgroup_classifier.export.npz import lines, smallest, write_npz

    vote = pipeline.named_steps["vote"]
    vectorizers = dict(pipeline.named_steps["count"].transformer_list)
    levels = np.unique(np.concatenate([vectorizers[name].idf_ for _, name in _KINDS]))
    manifest = dict(about) | {"kind": "ngrams"}
    arrays = {"intercepts": vote.intercepts_, "idf_levels": levels}
    first = 0
    for kind, name in _KINDS:
        vectorizer = vectorizers[name]
        terms = vectorizer.get_feature_names_out()
        grams = [term.split(" ") if kind == "word" else term for term in terms]
        symbols = sorted({symbol for gram in grams for symbol in gram})
        order = sorted(range(len(grams)), key=lambda place: (len(grams[place]), grams[place]))
        codes = np.array(_codes([grams[place] for place in order], symbols), dtype=np.int64)
        weights = vote.weights_[first : first + len(grams)].astype(np.float16)
        manifest[f"longest_{kind}_gram"] = vectorizer.ngram_range[1]
        arrays |= {
            name: lines(symbols if kind == "word" else ["".join(symbols)]),
            f"{kind}_codes": smallest(np.diff(codes, prepend=0)),
            f"{kind}_idf": smallest(np.searchsorted(levels, vectorizer.idf_[order])),
            f"{kind}_weights": weights[order],
        }
        first += len(grams)
    return write_npz(manifest, arrays)


def _codes(grams: Sequence[Sequence[str]], symbols: Sequence[str]) -> list[int]:
    """Return each n-gram as a number: the place of its start (0 for none), then its last symbol.

    The n-grams are sorted by length and symbols, and so are their numbers. The start of an n-gram
    occurs in every text in which the n-gram occurs, so it has a place.
    """
    numbers = {symbol: number for number, symbol in enumerate(symbols, start=1)}
    places = {tuple(gram): place for place, gram in enumerate(grams, start=1)} | {(): 0}
    base = len(symbols) + 1
    return [places[tuple(gram[:-1])] * base + numbers[gram[-1]] for gram in grams]


NGRAMS = ScikitLearnRecipe(
    name="spooky-ngrams",
    summary="Spooky authors: words and characters as n-grams, three linear models vote",
    dataset="spooky",
    accuracy=Measured(0.890, "test channel"),
    hyperparameters=(
        IntParameter("word_ngrams", 2, "words of the longest word n-gram", 1, 3),
        IntParameter("character_ngrams", 5, "characters of the longest character n-gram", 1, 7),
        IntParameter("character_min_df", 2, "minimum texts with a character n-gram", 1, 1000),
        FloatParameter("alpha", 0.005, "additive smoothing of naive Bayes", above=0.0),
        FloatParameter("C", 12.0, "inverse regularization of the regressions", above=0.0, was="c"),
        FloatParameter(
            "svm_C", 0.5, "inverse regularization of the SVM", above=0.0, was="margin_c"
        ),
        FOLDS,
    ),
    space=(Choices("alpha", (0.005, 0.02)), Choices("svm_C", (0.25, 0.5, 1.0))),
    build=build,
    export=export,
)
