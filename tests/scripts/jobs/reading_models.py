"""Models that were read from files: what they predict, and why they are refused."""

import pytest

from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.recommender import match_classes
from scripts.jobs.fitted_models import read_model

TEXTS = ["the printer is broken", "my invoice is wrong", "i cannot log in", "please reset it"] * 3


def refusal(path, labels=None, code=()):
    """Return the message with which a file is refused."""
    with pytest.raises(ProjectError) as caught:
        read_model(path, labels, code)
    message = str(caught.value)
    assert "\n" not in message
    return message


def predicted(model, texts=TEXTS):
    """Return the label names and the probabilities that serving returns."""
    features, classifier = model.pipeline[:-1].transform(texts), model.pipeline[-1]
    classes = match_classes(classifier, model.label_names)
    names = [model.label_names[n] for n in classes.labels(classifier.predict(features))]
    return names, classes.in_label_order(classifier.predict_proba(features))
