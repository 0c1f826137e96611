"""Programs that train a model on points and that double them, which the tests of SDKs run."""

POINTS = "".join(f"{int(number > 5)},{number},{number}\n" for number in range(10))
TRAIN = """
import argparse
import os

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression


def model_fn(folder):
    return joblib.load(os.path.join(folder, "model.joblib"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=float)
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    arguments = parser.parse_args()
    frame = pd.read_csv(os.path.join(arguments.train, "points.csv"), header=None)
    points = frame[[1, 2]].to_numpy()
    model = LogisticRegression(C=arguments.strength).fit(points, frame[0])
    print(f"accuracy={model.score(points, frame[0])}")
    joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""
DOUBLE = """
def model_fn(folder):
    return None


def predict_fn(data, model):
    return 2 * data
"""
