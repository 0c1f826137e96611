"""A user's recipe is checked on this machine before anything is uploaded."""

import argparse

import joblib
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from newsgroup_classifier.errors import DeploymentError, ProjectError
from scripts.account import registry
from scripts.account.aws import Aws
from scripts.account.lineage import Origin, own_lineage
from scripts.account.model_archives import SHA256, ModelArchive
from scripts.account.naming import DEFAULT_STACK
from scripts.account.own_pipelines import checked_recipe
from scripts.account.selection import own_model_recipe, selected_recipe
from scripts.account.stacks import recipe_flags
from scripts.steps.own_job import read_labels
from tests.scripts.environments.small_account import Person, SmallAccount
from tests.scripts.processes import IMAGES

GOOD = """
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

class Lower(TransformerMixin, BaseEstimator):
    def fit(self, texts, y=None):
        return self

    def transform(self, texts):
        return [text.lower() for text in texts]

def build():
    return make_pipeline(Lower(), TfidfVectorizer(), LinearSVC())
"""
NUMBERS = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

def build():
    return make_pipeline(StandardScaler(), LogisticRegression())
"""
WHERE = {"region": None, "stack": DEFAULT_STACK}
IMPORTS = """
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import BernoulliNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
"""
NLTK = "if True:\n    import nltk\n"  # not an import that is needed for sure


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file, and returns its function as an entry."""

    def write(text):
        (tmp_path / "my_model.py").write_text(text, encoding="utf-8")
        return f"{tmp_path}/my_model.py:build"

    return write


def test_recipe_of_a_file_is_selected_for_own_data_and_named_in_commands(write):
    entry = write(GOOD)
    recipe = selected_recipe(argparse.Namespace(**WHERE, recipe=entry, name="tickets"))
    assert recipe.scope == "my-model---tickets"
    assert recipe_flags(Aws(), recipe, "newsgroup-classifier") == f"--recipe {entry} --name tickets"
    assert recipe.served_by_lambda
    with pytest.raises(DeploymentError, match="has no built-in data set; pass the name of your"):
        selected_recipe(argparse.Namespace(**WHERE, recipe=entry, name=None))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"import xgboost\n{GOOD}", "my_model.py needs xgboost, which the scikit-learn image does"),
        (f"import no_such\n{GOOD}", "my_model.py needs no_such, which the scikit-learn image does"),
        (f"import scripts\n{GOOD}", "scripts, which serving containers do not have"),
        (
            NLTK + GOOD.replace("Lower()", "Lower(), nltk.PorterStemmer()"),
            "the pipeline of my_model.py:build needs nltk, which the scikit-learn image does not",
        ),
        (
            GOOD.replace("TfidfVectorizer()", "TfidfVectorizer(tokenizer=lambda text: [text])"),
            "cannot be pickled",
        ),
        (GOOD.replace("LinearSVC()", "TfidfVectorizer()"), "has no predict, which serving needs"),
        (f"from newsgroup_classifier import datasets\n{GOOD}", "which serving containers do not"),
        (GOOD.replace("LinearSVC())", "LinearSVC()"), "is not valid Python"),
        (f"{GOOD}\nraise SystemExit", "my_model.py, line 19 fails: SystemExit"),
        (GOOD.replace("return make", "return nothing + make"), "NameError: name 'nothing'"),
        (NUMBERS, "step standardscaler of {entry} fails: ValueError: could not convert string to"),
        (
            GOOD.replace("[text.lower() for text in texts]", "texts.str.lower()"),
            "step lower of {entry} fails in {file}, line 14: AttributeError: 'list' object has no "
            "attribute 'str'. It was tried with 60 made-up texts of two classes; expected a",
        ),
        (
            GOOD.replace("[text.lower() for text in texts]", "[texts[0].no, 'x y z']"),
            "line 14: AttributeError: 'str' object has no attribute 'no'. It was tried with 60",
        ),
        (
            f"{IMPORTS}\ndef build():\n    return make_pipeline(TfidfVectorizer(), "
            "TruncatedSVD(0), LinearSVC())\n",
            "step truncatedsvd of {entry} fails: InvalidParameterError: The 'n_components' ",
        ),
        (
            GOOD.replace("return self", "self.low = lambda text: text; return self"),
            "the fitted pipeline of {entry} cannot be pickled",
        ),
    ],
)
def test_file_that_cannot_be_trained_or_served_is_refused_in_one_line(write, text, words):
    entry = write(text)
    with pytest.raises(ProjectError) as caught:
        checked_recipe(entry, trial=True)
    expected = words.replace("{entry}", entry).replace("{file}", entry.partition(":")[0])
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "steps",
    [
        "TfidfVectorizer(min_df=20, max_df=0.9), TruncatedSVD(100), LogisticRegression()",
        "TfidfVectorizer(), TruncatedSVD(5000), LogisticRegression()",
        "CountVectorizer(min_df=1000), LogisticRegression()",
        "CountVectorizer(), KNeighborsClassifier(500)",
        "CountVectorizer(), SelectKBest(chi2, k=100000), CalibratedClassifierCV(LinearSVC())",
        "CountVectorizer(), GridSearchCV(LogisticRegression(), {'C': [1, 2]}, verbose=1)",
        "CountVectorizer(tokenizer=list, token_pattern=None, vocabulary='äöü'), BernoulliNB()",
    ],
)
def test_pipeline_that_needs_more_texts_than_the_trial_has_is_accepted(write, capsys, steps):
    entry = write(f"{IMPORTS}\ndef build():\n    return make_pipeline({steps})\n")
    assert checked_recipe(entry, trial=True)
    assert capsys.readouterr().out == "", "stdout is for the result of the command"


def test_pipeline_whose_first_step_makes_tokens_is_accepted(write):
    some = "[text.split()[len(text) % 7 :] for text in texts]"
    tokens = GOOD.replace("[text.lower() for text in texts]", some)
    count = "TfidfVectorizer(analyzer=list)"
    assert checked_recipe(write(tokens.replace("TfidfVectorizer()", count)), trial=True)


STOP_WORDS = "from pathlib import Path\nFOLDER = Path(__file__).parent\nWORDS = "
LOADS = {
    "module by name": ("import importlib\nhelper = importlib.import_module('helper')\n", ""),
    "file next to it": (f"{STOP_WORDS}(FOLDER / 'helper.py').read_text()\n", ""),
    "file in the current folder": ("WORDS = open('helper.py').read()\n", ""),
    "file while it builds": ("", "    open(__file__.replace('my_model', 'helper'))\n"),
    "file while it fits": ("", "        open(__file__.replace('my_model', 'helper'))\n"),
}


@pytest.mark.parametrize("name", LOADS)
def test_file_that_does_not_travel_with_the_pipeline_is_missed_in_the_trial(
    write, tmp_path, monkeypatch, name
):
    before, inside = LOADS[name]
    (tmp_path / "helper.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert checked_recipe(write(GOOD), trial=True).own.folder == tmp_path
    place = "        return self\n" if name.endswith("fits") else "    return make"
    entry = write(before + GOOD.replace(place, inside + place))
    with pytest.raises(ProjectError, match=r"and containers have: my_model\.py\. Import") as caught:
        checked_recipe(entry, trial=True)
    assert "helper" in str(caught.value)
    assert "own-code-" not in str(caught.value)


def test_data_file_in_a_package_travels_with_the_pipeline(write, tmp_path):
    (tmp_path / "words").mkdir()
    text = "from pathlib import Path\nSTOP = Path(__file__).with_name('stop.txt').read_text()\n"
    (tmp_path / "words/__init__.py").write_text(text, encoding="utf-8")
    (tmp_path / "words/stop.txt").write_text("the", encoding="utf-8")
    entry = write(f"from words import STOP\n{GOOD}")
    assert checked_recipe(entry, trial=True).own.folder == tmp_path


def test_pipeline_that_no_longer_takes_texts_does_not_stop_commands_that_only_name_it(write):
    words = argparse.Namespace(**WHERE, recipe=write(NUMBERS), name="tickets")
    assert selected_recipe(words).scope == "my-model---tickets"
    for needs in ({"trial": True}, {"file_needed": True}):
        with pytest.raises(ProjectError, match=r"step standardscaler of .* fails"):
            selected_recipe(words, **needs)


def test_models_that_were_trained_elsewhere_have_a_recipe_of_their_own():
    recipe = own_model_recipe("tickets")
    assert recipe.scope == "own-model---tickets"
    assert (
        recipe_flags(Aws(), recipe, "newsgroup-classifier") == "--recipe own-model --name tickets"
    )


@pytest.fixture
def model(tmp_path):
    """Save a fitted pipeline; return its path."""
    texts, labels = ["a printer", "an invoice"] * 3, ["hardware", "billing"] * 3
    path = tmp_path / "model.joblib"
    joblib.dump(make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, labels), path)
    return path


@pytest.mark.slow
def test_dry_run_of_register_checks_the_model_and_changes_nothing(foundation_only, model):
    flags = ("--model", str(model), "--name", "planned")
    ended = foundation_only.run("register", *flags, "--dry-run")
    operations = [call["operation"] for call in ended.result["calls"]]
    assert operations == ["upload_file", "create_model_package_group", "create_model_package"]
    assert "which runs code from the file as your user on this machine" in ended.stderr
    error = foundation_only.run("deploy", "--recipe", "own-model", "--name", "planned").error
    assert "no model of own-model---planned is registered" in error
    assert "python -m scripts.register --model FILE --name planned" in error


def test_registered_model_is_approved_by_name_and_bound_to_its_bytes(foundation_only, model):
    flags = ("--model", str(model), "--name", "bound", "--labels", "billing,hardware")
    result = foundation_only.run("register", *flags).result
    assert result["approval_status"] == "PendingManualApproval"
    assert result["label_names"] == ["billing", "hardware"]
    assert result["not_for_lambda"] == ""
    approved = foundation_only.run("approve", "--recipe", "own-model", "--name", "bound").result
    assert approved["model_package_arn"] == result["model_package_arn"]
    bucket, _, key = result["model_artifacts"].removeprefix("s3://").partition("/")
    foundation_only.client("s3").put_object(Bucket=bucket, Key=key, Body=b"another")
    error = foundation_only.run("deploy", "--recipe", "own-model", "--name", "bound").error
    assert "was replaced after" in error
    assert "python -m scripts.register --model FILE --name bound" in error


def test_archive_that_is_replaced_while_it_is_registered_is_refused(monkeypatch):
    archive = ModelArchive("s3://b/model.tar.gz", "2", "f" * 64)
    monkeypatch.setattr(registry, "record_model", lambda aws, uri: archive)
    account = SmallAccount()
    person, recipe = Person(account, 0, DEFAULT_STACK), own_model_recipe("tickets")
    package = registry.package_call(recipe, IMAGES, archive.uri, approved=True)
    lineage = own_lineage(recipe, "billing")
    with pytest.raises(
        DeploymentError, match=r"was replaced after it was uploaded: .* Nothing was"
    ):
        registry.register(
            person, recipe, DEFAULT_STACK, package, Origin({SHA256: "0" * 64}, lineage)
        )
    assert not account.resources
    registry.register(
        person, recipe, DEFAULT_STACK, package, Origin({SHA256: archive.sha256}, lineage)
    )
    assert account.of_kind("model_package")


@pytest.mark.parametrize("count", [2, 3, 200])
def test_labels_are_names_between_commas_or_lines_of_a_file(tmp_path, count):
    names = [f"talk.politics\u2028{number}" for number in range(count)]
    assert read_labels(", ".join(names)) == names
    path = tmp_path / "labels.txt"
    path.write_text("\n".join(names) + "\n\n", encoding="utf-8-sig")
    assert read_labels(str(path)) == names


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--name", "Not valid"], "is not a name for data; expected at most 40 lower-case letters"),
        (["--name", "x", "--labels", "a,b,c"], "--labels has 3 names, and the model in"),
        (["--name", "x", "--code", "missing.py"], "--code missing.py: file not found"),
    ],
)
def test_mistake_in_register_is_one_line(foundation_only, model, flags, words):
    assert words in foundation_only.run("register", "--model", str(model), *flags).error


def test_recipe_that_is_known_by_name_only_is_not_trained(foundation_only):
    error = foundation_only.run("train", "--recipe", "own-model", "--name", "x").error
    assert error == (
        "models of recipe own-model are trained elsewhere; register one with: python -m "
        "scripts.register --model FILE --name x"
    )
    error = foundation_only.run("train", "--recipe", "my-model", "--name", "x").error
    assert error.startswith("unknown recipe 'my-model'")
