"""tune runs real training jobs, registers the best model, and reports failures."""

import json
from pathlib import Path

import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from threadpoolctl import threadpool_limits

from local_aws.tests.account import eventually
from newsgroup_classifier.channels.texts import read_channel
from newsgroup_classifier.recipes.catalogue import find_recipe
from scripts.account.naming import is_tuning_of
from tests.account_state import state_of
from tests.data_source import SAMPLE
from tests.documents import marked_commands
from tests.end_to_end.release.watched import Watched
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import RECIPE, Scripts

pytestmark = pytest.mark.slow
ALPHAS = (0.01, 0.1)
FOLDS = 3
PAGE, THIS = "docs/how-to/tune-hyperparameters.md", "tests/end_to_end/release/test_tuning.py"


@pytest.fixture(scope="module")
def scripts(scripts) -> Scripts:
    """Upload the generated sample."""
    assert scripts.run("upload_data", *SAMPLE).code == 0
    return scripts


def tune(*flags: str) -> tuple[str, ...]:
    alphas = f"alpha={','.join(map(str, ALPHAS))}"
    return ("tune", "--strategy", "grid", "--range", alphas, "--folds", str(FOLDS), *flags)


@pytest.fixture(scope="module")
def tuned(scripts):
    """Run the grid search of the tuning guide."""
    (line,) = marked_commands(PAGE, THIS)
    assert line.split() == ["tune", "--recipe", RECIPE, *tune("--approve")[1:]]
    return scripts.run(*line.split())


@pytest.fixture(scope="module")
def bucket(scripts) -> str:
    """Return the name of the region's bucket."""
    return str(scripts.run("setup").result["bucket"])


def grid_search(channel: Path, name: str, grid: dict, **values: int) -> GridSearchCV:
    """Search a grid in memory, over the same folds of the uploaded train channel."""
    recipe, texts = find_recipe(name), read_channel(channel)
    pipeline = recipe.build(recipe.defaults | values)
    last = pipeline.steps[-1][0]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    parameters = {f"{last}__{name}": values for name, values in grid.items()}
    search = GridSearchCV(pipeline, parameters, cv=folds, error_score="raise", refit=False)
    with threadpool_limits(1, "blas"):  # more threads change the last digit of sums
        return search.fit(texts.texts, texts.labels)


def train_key(scripts, bucket: str, dataset: str) -> str:
    """Return the key of the current train channel of a data set."""
    body = scripts.get_object(f"s3://{bucket}/data/{dataset}/current.json")["Body"]
    return str(json.load(body)["channels"]["train"])


def downloaded(scripts, bucket: str, dataset: str, folder: Path) -> Path:
    path = folder / "train.csv"
    scripts.client("s3").download_file(bucket, train_key(scripts, bucket, dataset), str(path))
    return path


def as_tuned(candidate: dict) -> dict[str, str]:
    """Return a candidate of GridSearchCV in the form of a job's tuned hyperparameters."""
    return {name.split("__")[-1]: str(value) for name, value in candidate.items()}


def check_equal(result: dict, search: GridSearchCV) -> None:
    candidates = [as_tuned(candidate) for candidate in search.cv_results_["params"]]
    assert len(result["trials"]) == len(candidates)
    for trial in result["trials"]:
        place = candidates.index(trial["hyperparameters"])
        assert trial["objective"] == search.cv_results_["mean_test_score"][place]
    assert result["objective"]["value"] == search.best_score_


def test_grid_of_training_jobs_has_the_scores_of_grid_search_to_the_last_digit(
    scripts, bucket, tuned, tmp_path
):
    channel = downloaded(scripts, bucket, "20newsgroups", tmp_path)
    search = grid_search(channel, RECIPE, {"alpha": ALPHAS})
    check_equal(tuned.result, search)
    assert tuned.result["hyperparameters"] == as_tuned(search.best_params_)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_grid_of_networks_has_the_scores_of_grid_search_to_the_last_digit(
    scripts, bucket, tmp_path
):
    recipe = ("--recipe", "comments-mlp")
    assert scripts.run("upload_data", *recipe, *SAMPLE).code == 0
    grid = {"activation": ("logistic", "tanh"), "alpha": (0.0001, 0.1)}
    ranges = [f"--range={name}={','.join(map(str, values))}" for name, values in grid.items()]
    flags = ("--strategy=grid", *ranges, f"--folds={FOLDS}", "--set", "max_iter=40")
    ended = scripts.run("tune", *recipe, *flags)
    channel = downloaded(scripts, bucket, "reddit-comments", tmp_path)
    check_equal(ended.result, grid_search(channel, "comments-mlp", grid, max_iter=40))


def test_tune_registers_and_approves_the_best_model(scripts, tuned):
    result = tuned.result
    assert KEYS["tune"] <= set(result)
    assert all(set(trial) == KEYS["trials"] for trial in result["trials"])
    assert result["approval_status"] == "Approved"
    package = scripts.client("sagemaker").describe_model_package(
        ModelPackageName=result["model_package_arn"]
    )
    containers = package["InferenceSpecification"]["Containers"]
    assert {item["ModelDataUrl"] for item in containers} == {result["model_artifacts"]}
    assert f"/{result['best_training_job']}/" in result["model_artifacts"]
    assert result["metrics"]["accuracy"] > 0.9
    assert result["counters"]["Completed"] == len(ALPHAS)


def test_tune_prints_each_training_job_when_it_ends_and_a_ranking(tuned):
    lines = tuned.stderr.splitlines()
    progress = [line for line in lines if f" of {len(ALPHAS)}  00" in line]
    assert len(progress) == len(ALPHAS)
    assert progress[-1].strip().startswith(f"{len(ALPHAS)} of {len(ALPHAS)}  ")
    assert all("best so far" in line and "generated sample" in line for line in progress)
    table = lines[lines.index("  place  job  objective  status     hyperparameters") + 1 :][
        : len(ALPHAS)
    ]
    values = [float(line.split()[2]) for line in table]
    assert values == sorted(values, reverse=True)


def test_warm_start_names_a_better_job_of_the_parent(scripts, tuned):
    name = tuned.result["tuning_job_name"]
    warm = ("tune", "--range", "alpha=5..9", "--folds", str(FOLDS), "--max-jobs", "1")
    ended = scripts.run(*warm, "--strategy", "random", "--warm-start", name)
    assert ended.code == 1
    assert "its type must not change" in ended.error  # alpha was a category before
    listed = ("--range", "alpha=9,10", "--folds", str(FOLDS), "--max-jobs", "1")
    ended = scripts.run("tune", *listed, "--warm-start", name)
    assert ended.result["objective"]["value"] < tuned.result["objective"]["value"]
    assert f"{tuned.result['best_training_job']} of an earlier tuning job was better" in (
        ended.stderr
    )


def test_warm_start_without_untried_values_says_what_to_do(scripts, tuned):
    values, parent = ("--range", "alpha=0.01,0.1"), tuned.result["tuning_job_name"]
    ended = scripts.run("tune", *values, "--folds", str(FOLDS), "--warm-start", parent)
    assert ended.code == 1
    assert "ended as Completed: it started no training job; earlier tuning jobs" in ended.error


def test_interrupted_tune_stops_its_training_jobs_and_registers_nothing(scripts, tmp_path):
    before = state_of(scripts)
    (tmp_path / "tmp").mkdir()
    watched = Watched(tmp_path / "tmp", *tune("--recipe", RECIPE), **scripts.environment)
    watched.wait_for("training jobs, 2 at once")
    watched.stop()
    after = state_of(scripts)
    kind = "hyper_parameter_tuning_jobs"
    (name,) = set(after[kind]) - set(before[kind])
    assert f"Tuning job {name} is being stopped." in watched.stderr
    assert f"--warm-start {name}" in watched.stderr
    client = scripts.client("sagemaker")

    def status() -> str:
        job = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return str(job["HyperParameterTuningJobStatus"])

    eventually(lambda: status() == "Stopped")
    assert after["model_packages"] == before["model_packages"]


def test_tune_without_a_successful_training_job_fails_with_the_reasons(scripts, bucket, tuned):
    key = train_key(scripts, bucket, "20newsgroups")
    scripts.client("s3").put_object(Bucket=bucket, Key=key, Body=b"a,b\n1,2\n")
    before = state_of(scripts)["model_packages"]
    ended = scripts.run("tune", "--strategy", "grid", "--range", "alpha=1")
    assert (ended.code, ended.stdout) == (1, "")
    assert "Traceback" not in ended.stderr
    error = ended.stderr.splitlines()[-1]
    assert error.startswith("error: ")
    assert "ended as Failed: No training job succeeded after 1 attempts." in error
    assert "Training jobs failed: " in error
    assert "train.csv" in error
    assert state_of(scripts)["model_packages"] == before


def test_delete_of_the_data_removes_the_tuning_jobs(scripts, tuned):
    deleted = scripts.run("delete", "--data").result["deleted"]
    assert deleted["hyper_parameter_tuning_job"] >= 1
    remaining = state_of(scripts)["hyper_parameter_tuning_jobs"]
    assert not any(is_tuning_of(RECIPE, name) for name in remaining)
