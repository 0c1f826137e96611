"""A random forest as flat arrays, walked through by all texts and trees at once.

Node n of the forest sends a text on to children[n] if its feature is at most the threshold, and to
the node after that one if not. A leaf has the threshold infinity and is its own child, so whoever
has arrived stays.
"""

from dataclasses import dataclass

import numpy as np

from lambda_handler.checks import below, same_length, take, within
from lambda_handler.errors import ModelError
from lambda_handler.npz import Members

_MOST_WALKERS = 65_536  # texts times trees that walk at once: bounds the memory they take


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees, and the votes of each leaf as probabilities of shape (leaves, labels)."""

    roots: np.ndarray
    features: np.ndarray
    thresholds: np.ndarray
    children: np.ndarray
    leaves: np.ndarray
    votes: np.ndarray

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Return the mean vote of the trees on n rows of features, of shape (n, n labels)."""
        single = rows.astype(np.float32)  # as scikit-learn's trees take them
        step = max(1, _MOST_WALKERS // len(self.roots))
        parts = [self._vote(single[at : at + step]) for at in range(0, len(single), step)]
        return np.concatenate(parts)

    def _vote(self, rows: np.ndarray) -> np.ndarray:
        nodes = np.repeat(self.roots[:, np.newaxis], len(rows), axis=1)
        columns = np.arange(len(rows))
        while True:  # it ends: each node leads to a later one, as `load_forest` has seen
            beyond = rows[columns, self.features[nodes]] > self.thresholds[nodes]
            after = self.children[nodes] + beyond
            if (after == nodes).all():
                return self.votes[self.leaves[nodes]].sum(axis=0) / len(self.roots)
            nodes = after


def load_forest(arrays: Members, features: int, labels: int) -> Forest:
    """Return the forest in a model file; raise ModelError if it is broken or never ends."""
    roots = take(arrays, "roots", "u", 1).astype(np.intp)
    columns = take(arrays, "features", "u", 1)
    thresholds = take(arrays, "thresholds", "f", 1)
    children = take(arrays, "children", "u", 1).astype(np.intp)
    counts = take(arrays, "leaf_counts", "u", 2).astype(np.float64)
    size = len(thresholds)
    same_length(len(columns), size, "features")
    same_length(len(children), size, "children")
    same_length(counts.shape[1], labels, "leaf_counts' rows")
    below(columns, features, "features")
    below(roots, size, "roots")
    within(thresholds, -np.inf, np.inf, "thresholds")
    ends = thresholds == np.inf
    here = np.arange(size)
    # Each step leads on to a later node, so every walk ends.
    if not np.where(ends, children == here, (children > here) & (children < size - 1)).all():
        raise ModelError("the model file's children do not lead from each node to later ones")
    same_length(len(counts), int(ends.sum()), "leaf_counts")
    if len(roots) == 0 or not counts.sum(axis=1).all():
        raise ModelError("the model file's forest has no tree, or a leaf without a vote")
    leaves = np.cumsum(ends) - ends
    return Forest(roots, columns.astype(np.intp), thresholds, children, leaves, _shares(counts))


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / counts.sum(axis=1, keepdims=True)
