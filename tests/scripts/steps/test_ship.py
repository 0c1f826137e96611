"""`ship` refuses what cannot work before it creates anything, and takes its name from the file."""

import argparse

import joblib
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from newsgroup_classifier.errors import DeploymentError
from scripts import ship
from scripts.jobs.examples import Row
from scripts.steps import route
from scripts.steps.own_job import data_name_of, is_model
from tests.account_state import state_of
from tests.own_files import ENGLISH, write_csv


@pytest.fixture(scope="module")
def tickets(tmp_path_factory):
    """Write tickets to a file; return its path."""
    path = tmp_path_factory.mktemp("files") / "tickets.csv"
    return write_csv(path, ENGLISH.rows(40), ("body", "queue"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Save a fitted pipeline that Lambda does not serve; return its path."""
    path = tmp_path_factory.mktemp("models") / "Neighbors.joblib"
    texts, labels = ["a printer", "an invoice"] * 3, ["hardware", "billing"] * 3
    joblib.dump(make_pipeline(CountVectorizer(), KNeighborsClassifier(1)).fit(texts, labels), path)
    return path


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tickets.csv", "tickets"),
        ("a/b/Tickets of 2026.csv.gz", "tickets-of-2026"),
        ("s3://bucket/folder/Support_Tickets.jsonl", "support-tickets"),
        ("folder/reviews/", "reviews"),
    ],
)
def test_data_is_named_after_its_file(file, name):
    assert data_name_of(file) == name


def test_file_whose_name_has_no_usual_letter_needs_a_name():
    with pytest.raises(DeploymentError, match=r"no letter or digit .* pass a name"):
        data_name_of("質問.csv")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("", "standard input is not a terminal; pass --yes"),
        ("--yes --target lambda --with-api", "--with-api is for --target pipeline; "),
        ("--yes --recipe text-liner", "unknown recipe 'text-liner'; did you mean text-linear?"),
        ("--yes --recipe spooky-topic-forest", "spooky-topic-forest does not accept your own data"),
        ("--yes --name Tickets", "'Tickets' is not a name for data"),
        ("--yes --text bodi", "has no column 'bodi' (--text); did you mean body?"),
        ("--yes --text body --label colour", "has no column 'colour' (--label)"),
        ("--yes --set alhpa=1", "unknown hyperparameter 'alhpa'"),
    ],
)
def test_command_that_cannot_work_is_refused_before_anything_is_created(
    empty_region, tickets, flags, message
):
    assert message in empty_region.run("ship", str(tickets), *flags.split()).error
    assert not any(state_of(empty_region).values())


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.joblib"])
def test_missing_file_is_named(empty_region, tmp_path, name):
    path = tmp_path / name
    assert str(path) in empty_region.run("ship", str(path), "--yes").error
    assert not any(state_of(empty_region).values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--text body", "--text is for data, and "),
        ("--test-file test.csv", "--test-file is for data, and "),
        ("--folds 3", "--folds is for data, and "),
        ("--set alpha=1", "--set is for data, and "),
        ("--recipe text-linear", "--recipe or --pipeline is for data, and "),
        ("--pipeline my_model.py:build", "--recipe or --pipeline is for data, and "),
        ("--labels no.txt", "--labels no.txt: file not found; expected a file with one label"),
        ("--labels a,b,c", "--labels has 3 names, and the model in "),
        ("--code nowhere.py", "--code nowhere.py: file not found"),
        ("--name Tickets", "'Tickets' is not a name for data"),
        ("--target lambda", "KNeighborsClassifier is not a linear classifier"),
        ("--target both", "Neighbors.joblib: KNeighborsClassifier is not"),
    ],
)
def test_model_that_cannot_be_shipped_is_refused_before_anything_is_created(
    empty_region, model, flags, message
):
    assert message in empty_region.run("ship", str(model), "--yes", *flags.split()).error
    assert not any(state_of(empty_region).values())


@pytest.mark.slow
def test_model_needs_a_terminal_or_an_approval_in_advance(empty_region, model):
    error = empty_region.run("ship", str(model)).error
    assert "is not a terminal; pass --yes. It approves a model that you trained" in error


@pytest.mark.parametrize("flags", ["--labels a,b", "--code my_module.py"])
def test_flag_of_a_model_is_refused_for_data(empty_region, tickets, flags):
    error = empty_region.run("ship", str(tickets), "--yes", *flags.split()).error
    assert error == (
        f"{flags.split()[0]} is for a trained model, such as model.joblib, and {tickets} is read "
        "as data; omit the flag"
    )


def test_model_in_a_bucket_is_downloaded_first(empty_region):
    error = empty_region.run("ship", "s3://bucket/model.joblib", "--yes").error
    assert error.endswith("Download it with: aws s3 cp s3://bucket/model.joblib .")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("model.joblib", True),
        ("a/Model.v1.PKL", True),
        ("model.joblib.gz", True),
        ("model.pickle", True),
        ("pkl.csv", False),
        ("models.joblib.csv", False),
        ("folder.pkl/", False),
        ("pkl", False),
    ],
)
def test_trained_model_is_known_by_the_end_of_its_name(file, expected):
    assert is_model(file) == expected


RESULTS = {
    "setup": {"bucket": "b"},
    "upload_data": {
        "channels": {"train": "s3://b/train/", "test": "s3://b/test/"},
        "data": "own data tickets",
        "report": {"classes": {name: {"train": 16, "test": 4} for name in ENGLISH.classes}},
    },
    "register": {"label_names": ["billing", "hardware"], "model_package_arn": "a:b:c:d:e:f"},
    "train": {"metrics": {"accuracy": 0.9, "macro_f1": 0.9}, "model_package_arn": "a:b:c:d:e:f"},
    "approve": {"model_package_arn": "a:b:c:d:e:f"},
    "deploy --target pipeline": {"endpoint_name": "e"},
    "deploy --target pipeline --with-api": {"endpoint_name": "e", "api_url": "http://endpoint"},
    "deploy --target lambda": {"api_url": "http://function"},
    "invoke": {"predictions": [{"label": "sport", "probability": 0.9}]},
}
STEPS = ["setup", "upload_data", "train", "approve", "deploy", "invoke"]


@pytest.fixture
def ship_tickets(tickets, monkeypatch):
    """Return a function that ships with commands that only return results, until one stops."""

    def ship_tickets(*flags: str, file=tickets, stop: str = "", error: BaseException | None = None):
        def run_command(command, *words):
            if command == stop:
                raise error
            line = {command, *words}
            return RESULTS[max((key for key in RESULTS if line >= {*key.split()}), key=len)]

        monkeypatch.setattr(ship, "connect", lambda arguments: None)
        monkeypatch.setattr(ship, "needs_setup", lambda aws, job: True)
        monkeypatch.setattr(route, "run_command", run_command)
        monkeypatch.setattr(route, "first_example", lambda *of: Row(b"", "", "x"))
        parser = argparse.ArgumentParser()
        ship.add_arguments(parser)
        return ship.run(parser.parse_args([str(file), "--yes", *flags]))

    return ship_tickets


@pytest.mark.parametrize(
    ("flags", "addresses"),
    [
        ("", {"endpoint_name": "e"}),
        ("--with-api", {"endpoint_name": "e", "endpoint_api_url": "http://endpoint"}),
        ("--target lambda", {"function_api_url": "http://function"}),
        ("--target both", {"endpoint_name": "e", "function_api_url": "http://function"}),
        (
            "--target both --with-api",
            {
                "endpoint_name": "e",
                "endpoint_api_url": "http://endpoint",
                "function_api_url": "http://function",
            },
        ),
    ],
)
def test_result_and_table_name_every_address(ship_tickets, capsys, flags, addresses):
    result = ship_tickets(*flags.split())
    named = {key: result[key] for key in result if key.startswith(("endpoint", "function"))}
    assert named == addresses
    urls = [url for key, url in addresses.items() if key.endswith("url")]
    assert result.get("api_url") == (urls[-1] if urls else None), "the one of earlier versions"
    shown = capsys.readouterr().err
    assert all(f"HTTP API {url}" in shown and f"{url}/predict" in shown for url in urls)


def test_model_that_is_not_approved_leaves_the_commands_to_go_on(ship_tickets, capsys, model):
    flags = ("--name", "tickets", "--labels", "billing,hardware", "--stack", "staging")
    with pytest.raises(DeploymentError):
        ship_tickets(*flags, file=model, stop="approve", error=DeploymentError("no"))
    done, *left = capsys.readouterr().err.split("Done: ")[1].splitlines()
    assert done.startswith("setup, register. To continue, run ship again, or these commands:")
    stack, selection = "--stack staging", "--recipe own-model --name tickets"
    invoked = "--target pipeline 'Two words, and 3 more.'"
    assert left == [
        f"  python -m scripts.approve {selection} {stack} &&",
        f"  python -m scripts.deploy {selection} --target pipeline --yes {stack} &&",
        f"  python -m scripts.invoke {selection} {invoked} {stack}",
    ]


def test_model_that_is_approved_already_needs_no_other_approval(ship_tickets, model, monkeypatch):
    registered = RESULTS["register"] | {"approval_status": "Approved"}
    monkeypatch.setitem(RESULTS, "register", registered)
    flags = ("--name", "tickets", "--labels", "billing,hardware")
    steps = ship_tickets(*flags, file=model, stop="approve", error=AssertionError())["steps"]
    assert (
        steps["approve"].items()
        >= {
            "model_package_arn": registered["model_package_arn"],
            "approval_status": "Approved",
        }.items()
    )


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DeploymentError("no")])
@pytest.mark.parametrize("stop", ["setup", "upload_data", "register"])
def test_step_before_anything_is_made_leaves_no_commands_that_would_use_earlier_data_or_models(
    ship_tickets, tickets, model, capsys, stop, error
):
    with pytest.raises(type(error)):
        ship_tickets(file=model if stop == "register" else tickets, stop=stop, error=error)
    assert "scripts." not in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DeploymentError("no")])
@pytest.mark.parametrize("stop", STEPS[2:])
def test_step_that_does_not_end_well_leaves_the_commands_to_go_on(
    ship_tickets, capsys, stop, error
):
    with pytest.raises(type(error)):
        ship_tickets("--region", "eu-west-1", "--stack", "staging", stop=stop, error=error)
    printed = capsys.readouterr().err
    done, *left = printed[printed.index("Done:") :].splitlines()
    before = ", ".join(["setup", "upload", *STEPS[2:]][: STEPS.index(stop)])
    assert done == f"Done: {before}. To continue, run ship again, or these commands:"
    assert [line.split()[2] for line in left] == [
        f"scripts.{each}" for each in STEPS[STEPS.index(stop) :]
    ]
    assert all("--region eu-west-1 --stack staging" in line for line in left)
    assert [line.endswith(" &&") for line in left] == [True] * (len(left) - 1) + [False]


def test_pickle_with_another_ending_is_refused_with_the_command_that_registers_it(
    empty_region, model, tmp_path
):
    path = tmp_path / "model.csv"
    path.write_bytes(model.read_bytes())
    error = empty_region.run("ship", str(path), "--yes").error
    assert f"{path} is a Python pickle; expected data." in error
    assert error.endswith(f"python -m scripts.register --model {path} --name model")
