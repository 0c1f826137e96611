"""The function explains linear classifiers on vectorizers as the containers do."""

import pytest

from newsgroup_classifier.estimators.explaining import explain_texts
from tests.inference_pipeline.explaining.same_explanations import assert_same
from tests.lambda_handler.vectorizers.small_pipelines import (
    CLASSIFIERS,
    VECTORIZERS,
    corpus,
    fitted,
)


def check(vectorizer, classifier, labels):
    pipeline, model = fitted(vectorizer, classifier, labels)
    texts = [*corpus(labels)[0][:3], "a a moon moon a. crème BRÛLÉE don't", "xqzt ..."]
    columns = pipeline.predict_proba(texts).argmax(axis=1).tolist()
    expected = explain_texts(pipeline, texts, columns, 1000)
    for one, other in zip(expected, model.explain(texts, columns, 1000), strict=True):
        assert one.measure == "decision"
        assert_same(other.as_dict("a"), one.as_dict("a"))


@pytest.mark.parametrize("vectorizer", VECTORIZERS)
def test_explanations_agree_with_those_of_every_vectorizer(vectorizer):
    check(vectorizer, "logistic regression", 3)


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_explanations_agree_with_those_of_every_classifier(classifier, labels):
    check("words", classifier, labels)
