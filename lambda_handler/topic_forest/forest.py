"""A random forest as flat arrays, traversed by all texts and trees at once.

Node n leads to children[n] if the text's feature is at most the threshold, and to the node after
that one otherwise. A leaf has the threshold infinity and is its own child.
"""

from dataclasses import dataclass

import numpy as np

from lambda_handler.npz import Members

_BATCH = 65_536  # texts times trees per traversal, to bound its memory


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
        rows = rows.astype(np.float32)  # the type of scikit-learn's trees
        step = max(1, _BATCH // len(self.roots))
        return np.concatenate([self._vote(rows[i : i + step]) for i in range(0, len(rows), step)])

    def _vote(self, rows: np.ndarray) -> np.ndarray:
        nodes = np.repeat(self.roots[:, np.newaxis], len(rows), axis=1)
        columns = np.arange(len(rows))
        while True:  # it ends, since each node but a leaf leads to later ones
            right = rows[columns, self.features[nodes]] > self.thresholds[nodes]
            after = self.children[nodes] + right
            if (after == nodes).all():
                return self.votes[self.leaves[nodes]].sum(axis=0) / len(self.roots)
            nodes = after


def load_forest(arrays: Members) -> Forest:
    """Return the forest of a model file; raise KeyError for an array that it lacks."""
    thresholds, counts = arrays["thresholds"], arrays["leaf_counts"].astype(np.float64)
    ends = thresholds == np.inf
    return Forest(
        roots=arrays["roots"].astype(np.intp),
        features=arrays["features"].astype(np.intp),
        thresholds=thresholds,
        children=arrays["children"].astype(np.intp),
        leaves=np.cumsum(ends) - ends,
        votes=counts / counts.sum(axis=1, keepdims=True),
    )
