"""Train and deploy the tutorial's single container, which runs serving.py."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB

from benchmarks.baseline import serving
from benchmarks.baseline.newsgroups import clean_texts
from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.text.cleaning import stop_words

NAME = "baseline"
_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"


def deploy(
    client: Callable[[str], Any], setup: dict[str, Any], folder: Path, dataset: Dataset
) -> None:
    """Train as the tutorial does, and deploy one container that serves as the tutorial's does."""
    archive = _archive(folder, dataset)
    key = f"{NAME}/model.tar.gz"
    client("s3").upload_file(str(archive), setup["bucket"], key)
    sagemaker = client("sagemaker")
    sagemaker.create_model(
        ModelName=NAME,
        ExecutionRoleArn=setup["role_arn"],
        PrimaryContainer={
            "Image": _IMAGE,
            "ModelDataUrl": f"s3://{setup['bucket']}/{key}",
            "Environment": {
                "SAGEMAKER_PROGRAM": "serving.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            },
        },
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=NAME,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": NAME,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def _archive(folder: Path, dataset: Dataset) -> Path:
    texts = clean_texts(dataset.train["data"].tolist(), sorted(stop_words())).data.values
    vectorizer = TfidfVectorizer()
    model = MultinomialNB(alpha=0.01).fit(vectorizer.fit_transform(texts), dataset.train["label"])
    pairs = dataset.train.drop_duplicates("label")
    labels = dict(zip(pairs["label"].tolist(), pairs["label_names"], strict=True))
    inside = folder / "baseline"
    (inside / "code").mkdir(parents=True)
    serving.save(inside, model, vectorizer.vocabulary_, labels)
    program = Path(serving.__file__)
    (inside / "code" / "serving.py").write_bytes(program.read_bytes())
    archive = folder / "baseline.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(inside, arcname=".")
    return archive
