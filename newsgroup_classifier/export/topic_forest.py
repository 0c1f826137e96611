"""Write lemma counts, topics and a forest as flat arrays.

The forms of words take the place of vocabulary and lexicon: every word whose lemma is in the
vocabulary, with the lemma's column.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from newsgroup_classifier.export.npz import lines, smallest, write_npz


def export_topic_forest(pipeline: Pipeline, about: Mapping[str, Any]) -> bytes:
    """Return the model file of a fitted pipeline; `about` has its recipe, labels and versions."""
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
        # One row a lemma: what a text needs lies together.
        "word_topics": topics.exp_dirichlet_component_.T.astype(np.float32),
    }
    return write_npz(manifest, arrays | _forest(pipeline.named_steps["forest"].classifier_))


def _forest(forest: Any) -> dict[str, np.ndarray]:
    """Return the nodes of all trees, level by level: a right child lies behind its left one."""
    trees = [_tree(estimator.tree_) for estimator in forest.estimators_]
    sizes = [len(tree["thresholds"]) for tree in trees]
    roots = np.cumsum([0, *sizes[:-1]])
    joined = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    joined["children"] = joined["children"] + np.repeat(roots, sizes)
    return {
        "roots": smallest(roots),
        "features": smallest(joined["features"]),
        "thresholds": joined["thresholds"],
        "children": smallest(joined["children"]),
        "leaf_counts": smallest(joined["leaf_counts"]),
    }


def _tree(tree: Any) -> dict[str, np.ndarray]:
    order, children = _level_by_level(tree.children_left, tree.children_right)
    features, thresholds = tree.feature[order], tree.threshold[order]
    ends = tree.children_left[order] < 0
    single = _rounded_down(thresholds)
    single[ends] = np.inf
    features[ends] = 0
    return {
        "features": features,
        "thresholds": single,
        "children": np.array(children),
        "leaf_counts": _leaf_counts(tree, order[ends]),
    }


def _level_by_level(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Return the old numbers of the nodes in their new order, and each one's (left) child."""
    order, children = [0], []
    for place, node in enumerate(order):  # it grows while it is walked along
        if left[node] < 0:
            children.append(place)
        else:
            children.append(len(order))
            order += [int(left[node]), int(right[node])]
    return np.array(order), children


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """Return the greatest single numbers up to the thresholds.

    Trees see features in single precision, and no single number lies between the two.
    """
    single = thresholds.astype(np.float32)
    above = single.astype(np.float64) > thresholds
    single[above] = np.nextafter(single[above], np.float32(-np.inf))
    return single


def _leaf_counts(tree: Any, leaves: np.ndarray) -> np.ndarray:
    """Return how many rows of each label a leaf was grown on; their shares are its votes."""
    shares = tree.value[leaves, 0, :]
    counts = np.rint(shares * tree.weighted_n_node_samples[leaves][:, np.newaxis])
    again = counts / counts.sum(axis=1, keepdims=True)
    if not np.array_equal(again, shares):
        raise ValueError("the trees' votes are no shares of whole rows; use no sample weights")
    return counts.astype(np.int64)
