"""upload_data uploads a user's own file under a name, with a report, and never overwrites it."""

import argparse
import json
import zipfile
from dataclasses import replace

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.jobs.own_files import add_file_arguments, write_own_files
from tests.newsgroup_classifier.datasets.files.own_files import TICKETS, write_csv
from tests.scripts.processes import clean_environment, run

RECIPE = "headlines-fast"


def upload(scripts, name, file, *flags, recipe=RECIPE):
    return scripts.run(
        "upload_data", "--recipe", recipe, "--name", name, "--file", str(file), *flags
    )


def content(scripts, address):
    return scripts.get_object(address)["Body"].read().decode()


@pytest.fixture
def tickets(tmp_path):
    return write_csv(tmp_path / "tickets.csv")


def test_file_becomes_channels_with_a_report_next_to_them(scripts, tickets):
    ended = upload(scripts, "channels", tickets)
    result = ended.result
    prefix = result["channels"]["train"].removesuffix("train/")
    assert prefix.endswith(f"/data/own---channels/{result['data_version']}/")
    assert result["channels"]["test"] == f"{prefix}test/"
    assert result["data"] == "own data channels"
    train = content(scripts, f"{prefix}train/train.csv")
    assert train.startswith('"data","data_subject","label_names","label"\n')
    assert len(train.splitlines()) == 1 + 12
    report = json.loads(content(scripts, f"{prefix}report.json"))
    assert report == result["report"]
    assert report["rows"] == {"read": 15, "train": 12, "test": 3}
    assert "  format" in ended.stderr
    assert "CSV, utf-8, comma" in ended.stderr
    for text, _ in TICKETS:
        assert text not in ended.stderr + json.dumps(result)


@pytest.mark.slow
def test_same_data_are_uploaded_once_for_all_recipes(scripts, tickets):
    first = upload(scripts, "shared", tickets)
    again = upload(scripts, "shared", tickets, recipe="spooky-ngrams")
    assert again.result["channels"] == first.result["channels"]
    assert "has the same content already" in again.stderr


@pytest.mark.slow
def test_report_on_the_same_channels_is_replaced_if_the_file_has_changed(scripts, tickets):
    upload(scripts, "reported", tickets)
    write_csv(tickets, [*TICKETS, TICKETS[0]])
    ended = upload(scripts, "reported", tickets)
    address = f"{ended.result['channels']['train'].removesuffix('train/')}report.json"
    assert json.loads(content(scripts, address)) == ended.result["report"]
    assert ended.result["report"]["rows"]["read"] == 16
    assert f"Uploaded {address}" in ended.stderr
    again = upload(scripts, "reported", tickets)
    assert f"{address} has the same content already" in again.stderr


def test_file_whose_fit_would_not_fit_into_memory_is_refused_with_both_numbers(tickets, tmp_path):
    parser = argparse.ArgumentParser()
    add_file_arguments(parser)
    arguments = parser.parse_args(["--file", str(tickets)])
    recipe = RECIPES["text-linear"].for_data("tickets")
    assert write_own_files(Aws(), replace(recipe, most_scores=36), arguments, tmp_path)
    with pytest.raises(DeploymentError) as caught:
        write_own_files(Aws(), replace(recipe, most_scores=35), arguments, tmp_path)
    assert str(caught.value) == (
        "the file has 12 train rows of 3 classes; text-linear has memory for at most 35 rows times "
        "classes, found 36. Merge rare classes, pass fewer rows, or choose another recipe, such as "
        "text-network"
    )


@pytest.mark.slow
def test_name_in_use_for_other_data_is_refused_unless_they_are_replaced(scripts, tickets):
    first = upload(scripts, "replaced", tickets).result
    write_csv(tickets, [*TICKETS, ("another text", "billing")])
    ended = upload(scripts, "replaced", tickets)
    assert ended.code == 1
    assert "the name replaced is in use for other data" in ended.error
    assert "pass --replace" in ended.error
    second = upload(scripts, "replaced", tickets, "--replace").result
    assert second["data_version"] != first["data_version"]
    assert content(scripts, f"{first['channels']['train']}train.csv")


@pytest.mark.slow
def test_file_of_a_bucket_is_downloaded(scripts, tickets):
    bucket = upload(scripts, "local", tickets).result["channels"]["train"].split("/")[2]
    scripts.put_object(f"s3://{bucket}/transform/tickets.csv", tickets.read_bytes())
    ended = upload(scripts, "remote", f"s3://{bucket}/transform/tickets.csv")
    assert ended.result["report"]["rows"]["read"] == 15
    missing = upload(scripts, "remote", f"s3://{bucket}/transform/none.csv")
    assert f"s3://{bucket}/transform/none.csv does not exist" in missing.error
    folder = upload(scripts, "remote", f"s3://{bucket}/transform/")
    assert "is not the address of a file; expected s3://BUCKET/KEY" in folder.error


def test_image_folder_becomes_channels(scripts, tmp_path):
    Image = pytest.importorskip("PIL.Image")
    with zipfile.ZipFile(tmp_path / "shapes.zip", "w") as archive:
        for number in range(10):
            path = tmp_path / "image.png"
            Image.new("L", (40, 40), 25 * number).save(path)
            archive.write(path, f"shapes/{'ab'[number % 2]}/{number}.png")
    ended = upload(scripts, "shapes", tmp_path / "shapes.zip", recipe="digits-cnn")
    assert ended.result["report"]["rows"] == {"read": 10, "train": 8, "test": 2}
    (address,) = scripts.list_objects(ended.result["channels"]["train"])
    assert address.endswith("/train/train.npz")


REFUSED = {
    "recipe that drops lines": (
        "newsgroups-linear",
        "--name tickets --file none.csv",
        "recipe newsgroups-linear does not accept your own data: it drops the",
    ),
    "recipe with a lexicon": (
        "spooky-topic-forest",
        "--name tickets --file none.csv",
        "recipe spooky-topic-forest does not accept your own data: it reads a",
    ),
    "name that S3 or SageMaker refuse": (
        RECIPE,
        "--name My_Tickets --file none.csv",
        "'My_Tickets' is not a name for data; expected at most 40 lower-case letters, digits and "
        "single hyphens, such as my-tickets",
    ),
    "long name": (RECIPE, f"--name {'x' * 41} --file none.csv", "is not a name for data"),
    "name without a file": (RECIPE, "--name tickets", "--name tickets needs the file with the"),
    "file without a name": (RECIPE, "--file x.csv", "--file is for your own data; pass a name"),
    "column without a name": (RECIPE, "--text body", "--text is for your own data; pass a name"),
    "recipe without a data set": ("text-network", "", "has no built-in data set; pass the name of"),
    "column of images": (
        "digits-cnn",
        "--name x --file x --text a",
        "--text is for tables of texts; omit it",
    ),
    "sample": (
        RECIPE,
        "--name x --file x --generated-sample",
        "--generated-sample is for built-in data sets; omit it",
    ),
    "share and file": (
        RECIPE,
        "--name x --file x --test-file y --test-share 0.1",
        "--test-share is for data without --test-file; omit it",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_flags_that_do_not_fit_are_refused_before_anything_is_read(name):
    recipe, flags, message = REFUSED[name]
    words = ["--recipe", recipe, *flags.split()]
    ended = run("upload_data", *words, environment=clean_environment())
    assert ended.returncode == 1
    assert message in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "flag", ["file", "test-file", "text", "label", "title", "group", "encoding"]
)
def test_empty_value_of_a_flag_is_not_taken_for_its_default(flag):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_file_arguments(parser)
    with pytest.raises(argparse.ArgumentError, match=f"argument --{flag}: '' is not"):
        parser.parse_args([f"--{flag}", ""])


def test_missing_file_is_refused_in_one_line(scripts, tmp_path):
    ended = upload(scripts, "missing", tmp_path / "none.csv")
    assert ended.error.startswith(f"{tmp_path / 'none.csv'} does not exist; expected a CSV, TSV")


def test_share_that_is_no_part_is_refused():
    words = ("--recipe", RECIPE, "--name", "x", "--file", "x", "--test-share", "2")
    ended = run("upload_data", *words, environment=clean_environment())
    assert ended.returncode == 2
    assert "'2' is not a number between 0 and 1, such as 0.2" in ended.stderr


def test_dry_run_of_own_data_prints_the_objects_and_reads_no_file(scripts):
    result = upload(scripts, "planned", "none.csv", "--dry-run").result
    keys = [call["parameters"]["Key"] for call in result["calls"]]
    prefix = "data/own---planned"
    assert keys == [
        f"{prefix}/HASH/train/train.csv",
        f"{prefix}/HASH/test/test.csv",
        f"{prefix}/HASH/report.json",
        f"{prefix}/current.json",
    ]
