"""A model that is trained again has the same file."""

import pickle

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from newsgroup_classifier.estimators.part_fit import FitOnPart
from newsgroup_classifier.training.scikit_learn.saving import make_repeatable

X, Y = np.eye(12), np.arange(12) % 2


def fitted(garbage):
    """Return fitted trees, with garbage in the bytes that no field uses."""
    part = FitOnPart(RandomForestClassifier(3, random_state=0), random_state=0).fit(X, Y)
    boosted = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, Y)
    for each in (*part.classifier_.estimators_, *boosted.estimators_.ravel()):
        nodes = each.tree_.__getstate__()["nodes"]
        end = nodes.dtype.fields["missing_go_to_left"][1] + 1
        nodes.view(np.uint8).reshape(len(nodes), -1)[:, end:] = garbage
    return Pipeline([("part", part), ("boosted", boosted)])


def test_garbage_between_the_nodes_of_trees_does_not_reach_the_file():
    one, other = fitted(1), fitted(2)
    before = one["part"].predict_proba(X)
    assert pickle.dumps(one) != pickle.dumps(other)
    for pipeline in (one, other):
        make_repeatable(pipeline)
    assert pickle.dumps(one) == pickle.dumps(other)
    assert (one["part"].predict_proba(X) == before).all()


def test_addresses_of_stop_words_do_not_reach_the_file():
    union = FeatureUnion([("counts", CountVectorizer()), ("weights", TfidfVectorizer())])
    union = Pipeline([("union", union)]).fit(["some words", "other words"])
    before = union.transform(["words"]).toarray()
    make_repeatable(union)
    assert b"_stop_words_id" not in pickle.dumps(union)
    assert (union.transform(["words"]).toarray() == before).all()
