"""Pickles are loaded without pandas, unless they need it."""

import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler

from local_aws.testing import ROOT

PROGRAM = """
import sys
from pathlib import Path
from newsgroup_classifier.pickles import load_pickle
model = load_pickle(Path(sys.argv[1]))
imported = "pandas" in sys.modules
print(type(model.transform([[2.0], [1.0]])).__name__, imported)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "printed"),
    [
        (MaxAbsScaler(), "ndarray False"),
        (make_pipeline(MaxAbsScaler(), FunctionTransformer(pd.DataFrame)), "DataFrame True"),
        (MaxAbsScaler().set_output(transform="pandas"), "DataFrame False"),
    ],
    ids=["no pandas", "a function of pandas", "tables"],
)
def test_pandas_is_imported_only_for_a_model_that_uses_it(model, printed, tmp_path):
    joblib.dump(model.fit(np.array([[4.0], [3.0]])), tmp_path / "model.joblib")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "model.joblib"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.stdout == f"{printed}\n", run.stderr
