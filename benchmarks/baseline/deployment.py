"""Train and deploy the tutorial's single container, which runs serving.py."""

import tarfile
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB

from benchmarks.account import Trained
from benchmarks.baseline import serving
from benchmarks.baseline.newsgroups import clean_texts
from newsgroup_classifier.channels.texts import Dataset
from newsgroup_classifier.text.cleaning import stop_words

NAME = "baseline"
_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
_ENVIRONMENT = {
    "SAGEMAKER_PROGRAM": "serving.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
}


def deploy(ours: Trained, dataset: Dataset) -> None:
    """Train as the tutorial does, and deploy one container that serves as the tutorial's does."""
    uri = ours.upload(_archive(ours.folder, dataset), f"{NAME}/model.tar.gz")
    container = {"Image": _IMAGE, "ModelDataUrl": uri, "Environment": _ENVIRONMENT}
    ours.deploy_containers(NAME, [container])


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
