"""A model is approved by an answer, or by --yes if it is better than the largest class."""

import io

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.steps.review import check_terminal, review, review_model

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/tickets/1"
TEST_ROWS = {"billing": 50, "shipping": 30, "account": 20, "too rare": 0}
UPLOADED = {"report": {"classes": {name: {"test": rows} for name, rows in TEST_ROWS.items()}}}


def trained(accuracy):
    return {"metrics": {"accuracy": accuracy, "macro_f1": accuracy}, "model_package_arn": ARN}


def answer(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_metrics_are_shown_next_to_those_of_the_largest_class(capsys):
    review(UPLOADED, trained(0.9), yes=True)
    title, *rows = capsys.readouterr().err.splitlines()
    assert title == "On 100 test rows of 3 classes:"
    assert [row.split()[-2:] for row in rows[1:]] == [["0.9000", "0.9000"], ["0.5000", "0.2222"]]


@pytest.mark.parametrize("text", ["y\n", "YES\n", " y "])
def test_yes_at_the_prompt_approves(monkeypatch, capsys, text):
    answer(monkeypatch, text)
    review(UPLOADED, trained(0.9), yes=False)
    assert capsys.readouterr().err.endswith("Approve this model for deployment? [y/N]\n")


@pytest.mark.parametrize("text", ["", "\n", "n\n", "sure\n"])
def test_any_other_answer_leaves_the_model_registered(monkeypatch, text):
    answer(monkeypatch, text)
    with pytest.raises(DeploymentError, match="was not approved, so nothing was deployed") as error:
        review(UPLOADED, trained(0.9), yes=False)
    assert ARN in str(error.value)


def test_useless_model_is_not_approved_by_the_flag(capsys):
    with pytest.raises(
        DeploymentError, match="--yes does not approve a model that is not clearly better"
    ):
        review(UPLOADED, trained(0.5), yes=True)
    assert "0.5000" in capsys.readouterr().err


def test_useless_model_is_approved_by_an_answer_after_a_warning(monkeypatch, capsys):
    answer(monkeypatch, "y\n")
    review(UPLOADED, trained(0.54), yes=False)
    *_, warning, question = capsys.readouterr().err.splitlines()
    assert warning.startswith(
        "WARNING: the model is not clearly better than always predicting the largest"
    )
    assert question == "Approve it anyway? [y/N]"


def test_labels_of_a_trained_model_are_shown_and_the_flag_approves_it(capsys):
    names = [f"queue {number}" for number in range(30)]
    review_model({"label_names": names, "model_package_arn": ARN}, yes=True)
    line = capsys.readouterr().err
    assert line.startswith("The model has 30 labels, and no metrics: queue 0, queue 1, ")
    assert line.endswith(", queue 19, ...\n")


def test_trained_model_is_approved_by_an_answer(monkeypatch):
    registered = {"label_names": ["billing"], "model_package_arn": ARN}
    answer(monkeypatch, "y\n")
    review_model(registered, yes=False)
    answer(monkeypatch, "\n")
    with pytest.raises(DeploymentError, match=f"was not approved, .* {ARN} stays registered"):
        review_model(registered, yes=False)


def test_missing_terminal_is_refused_unless_the_flag_is_passed(monkeypatch):
    for stdin in (io.StringIO("y\n"), None):
        monkeypatch.setattr("sys.stdin", stdin)
        with pytest.raises(DeploymentError, match="is not a terminal; pass --yes"):
            check_terminal(yes=False)
        check_terminal(yes=True)
