"""The programs of a featurizer and of the model behind it, as scripts for AWS's image use it."""

FEATURIZER = """
import argparse
import json
import os
from io import StringIO

import joblib
import numpy as np
import pandas as pd
from sagemaker_containers.beta.framework import (
    content_types, encoders, env, modules, server, transformer, worker)
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FEATURES = ["island", "bill", "flipper"]
LABEL = "mass"

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    args = parser.parse_args()
    files = [os.path.join(args.train, name) for name in os.listdir(args.train)]
    data = pd.concat([pd.read_csv(name, header=None, names=[*FEATURES, LABEL]) for name in files])
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), ["bill", "flipper"]), ("words", OneHotEncoder(), ["island"])]
    )
    columns.fit(data[FEATURES])
    joblib.dump(columns, os.path.join(args.model_dir, "model.joblib"))


def input_fn(input_data, content_type):
    if content_type == content_types.CSV:
        frame = pd.read_csv(StringIO(input_data), header=None)
    elif content_type == "application/json":
        frame = pd.DataFrame(json.loads(input_data)["rows"])
    else:
        raise ValueError("{} not supported by script!".format(content_type))
    frame.columns = [*FEATURES, LABEL][: len(frame.columns)]
    return frame


def output_fn(prediction, accept):
    if accept == "application/json":
        instances = [{"features": row} for row in prediction.tolist()]
        return worker.Response(json.dumps({"instances": instances}), mimetype=accept)
    return worker.Response(encoders.encode(prediction, accept), mimetype=accept)


def predict_fn(input_data, model):
    features = model.transform(input_data[FEATURES])
    if LABEL in input_data:
        return np.insert(features, 0, input_data[LABEL], axis=1)
    return features


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))
"""

REGRESSOR = """
import json
import os

import joblib
import numpy as np
import pandas as pd
import sagemaker_containers
from sagemaker_containers.beta.framework import encoders, worker
from sklearn.linear_model import LinearRegression

if __name__ == "__main__":
    env = sagemaker_containers.training_env()
    folder = env.channel_input_dirs["train"]
    names = [os.path.join(folder, name) for name in os.listdir(folder)]
    data = pd.concat([pd.read_csv(name, header=None) for name in names]).to_numpy()
    model = LinearRegression(fit_intercept=env.hyperparameters["intercept"])
    model.fit(data[:, 1:], data[:, 0])
    joblib.dump(model, os.path.join(env.model_dir, "model.joblib"))


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(input_data, content_type):
    if content_type.startswith("text/csv"):  # the featurizer's response adds a charset
        return encoders.decode(input_data.decode(), "text/csv")
    return np.array([item["features"] for item in json.loads(input_data)["instances"]])


def output_fn(prediction, accept):
    return worker.Response(encoders.encode(prediction, accept), mimetype=accept)
"""
