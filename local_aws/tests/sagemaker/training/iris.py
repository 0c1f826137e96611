"""An iris program in the style of AWS's script-mode examples."""

from typing import Any

from sklearn.datasets import load_iris

from local_aws.tests.account import IMAGE, Account, unique

SCRIPT = """
import argparse
import os

import joblib
import pandas as pd
from sklearn.tree import DecisionTreeClassifier


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max_leaf_nodes", type=int, default=-1)
    parser.add_argument("--model-dir", type=str, default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", type=str, default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--output-data-dir", default=os.environ["SM_OUTPUT_DATA_DIR"])
    args = parser.parse_args()

    files = [os.path.join(args.train, file) for file in os.listdir(args.train)]
    train_data = pd.concat([pd.read_csv(file, header=None) for file in files])
    train_y = train_data.iloc[:, 0]
    train_X = train_data.iloc[:, 1:]
    clf = DecisionTreeClassifier(max_leaf_nodes=args.max_leaf_nodes, random_state=0)
    clf = clf.fit(train_X, train_y)
    print(f"train_accuracy={clf.score(train_X, train_y):.4f};")
    with open(os.path.join(args.output_data_dir, "leaves.txt"), "w") as file:
        file.write(str(clf.get_n_leaves()))
    joblib.dump(clf, os.path.join(args.model_dir, "model.joblib"))
"""


def data_csv() -> str:
    """Return iris as CSV without a header and with the label first."""
    features, labels = load_iris(return_X_y=True)
    rows = zip(labels, features, strict=True)
    return "".join(f"{label},{','.join(map(str, row))}\n" for label, row in rows)


def train(account: Account) -> dict[str, Any]:
    """Train on iris; return the description of the finished job."""
    account.upload("iris/train/iris.csv", data_csv())
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{account.bucket}/iris/train"}
    bundle = account.upload_bundle({"iris.py": SCRIPT})
    request = account.job_request(
        {},
        TrainingJobName=unique("iris"),
        AlgorithmSpecification={
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "train_accuracy", "Regex": "train_accuracy=(.*?);"}],
        },
        HyperParameters={
            "max_leaf_nodes": "3",
            "sagemaker_program": "iris.py",
            "sagemaker_submit_directory": bundle,
        },
        InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
    )
    account.sagemaker.create_training_job(**request)
    return account.finished_job(request["TrainingJobName"])


def container(job: dict[str, Any]) -> dict[str, Any]:
    """Return a container that serves the model of a job, with its code from S3."""
    hyperparameters = job["HyperParameters"]
    return {
        "Image": IMAGE,
        "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        "Environment": {
            "SAGEMAKER_PROGRAM": hyperparameters["sagemaker_program"],
            "SAGEMAKER_SUBMIT_DIRECTORY": hyperparameters["sagemaker_submit_directory"],
        },
    }
