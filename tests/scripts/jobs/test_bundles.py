"""The source bundle is reproducible, complete, and contains only sources."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from newsgroup_classifier.own_code import find_code
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.jobs.bundles import PACKAGES, bundle_key, commit_of, pack_sources


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with both packages, of a few files each."""
    for package in PACKAGES:
        (tmp_path / package / "inner").mkdir(parents=True)
        (tmp_path / package / "__init__.py").write_text('"""A package."""\n')
        (tmp_path / package / "inner" / "words.txt").write_text("a\nthe\n")
        (tmp_path / package / "__pycache__").mkdir()
        (tmp_path / package / "__pycache__" / "__init__.pyc").write_bytes(b"\0")
    (tmp_path / "secrets.txt").write_text("not for the bundle")
    return tmp_path


def names(bundle: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as tar:
        return tar.getnames()


def test_equal_sources_give_equal_bytes_at_any_modification_time(sources):
    before = pack_sources(root=sources)
    for path in sources.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    (sources / PACKAGES[0] / "__pycache__" / "other.pyc").write_bytes(b"\1")
    assert pack_sources(root=sources) == before


def test_hidden_files_of_a_desktop_do_not_change_the_bundle(sources):
    before = pack_sources(root=sources)
    for name in (".DS_Store", "._words.txt", "inner/._recipe.py"):
        (sources / PACKAGES[0] / name).write_bytes(b"\0\5\x16\7")
    assert pack_sources(root=sources) == before


def test_key_changes_with_the_content_and_with_file_names(sources):
    words = sources / PACKAGES[0] / "inner" / "words.txt"
    keys = [bundle_key(pack_sources(root=sources))]
    words.write_text("a\nan\n")
    keys.append(bundle_key(pack_sources(root=sources)))
    words.rename(words.with_name("terms.txt"))
    keys.append(bundle_key(pack_sources(root=sources)))
    assert len(set(keys)) == 3
    assert all(key.startswith("code/") and key.endswith("/sourcedir.tar.gz") for key in keys)


def test_bundle_has_the_two_packages_without_compiled_files(sources):
    packed = names(pack_sources(root=sources))
    expected = [f"{package}/{name}" for package in PACKAGES for name in ("__init__.py",)]
    assert set(expected) <= set(packed)
    assert {name.split("/")[0] for name in packed} == set(PACKAGES)
    assert not [name for name in packed if "__pycache__" in name]


def test_project_s_bundle_has_the_entry_point_the_stages_and_the_stop_words():
    packed = names(pack_sources())
    assert {
        "newsgroup_classifier/training/train_sklearn.py",
        "newsgroup_classifier/text/english_stop_words.txt",
        "inference_pipeline/preprocess.py",
        "inference_pipeline/predict.py",
    } <= set(packed)
    assert not [name for name in packed if "__pycache__" in name or name.endswith(".pyc")]
    assert not [name for name in packed if name.startswith(("tests/", "scripts/", "infra/"))]


def test_bundle_of_a_user_s_recipe_has_its_modules_and_names_its_function(tmp_path, sources):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "my_model.py").write_text("import words")
    (tmp_path / "own" / "words.py").write_text("")
    (tmp_path / "own" / "other.py").write_text("")
    entry = f"{tmp_path}/own/my_model.py:build"
    bundle = pack_sources(root=sources, own=find_code(tmp_path / "own", ["my_model"], entry))
    assert {"my_model.py", "words.py", "own_recipe.txt"} <= set(names(bundle))
    assert "other.py" not in names(bundle)
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as tar:
        assert tar.extractfile("own_recipe.txt").read() == b"my_model.py:build"


def test_project_s_bundle_is_reproducible():
    assert pack_sources() == pack_sources()


def test_requirements_are_the_entries_of_the_lock_with_their_hashes(sources):
    (sources / "requirements.txt").write_text("numpy==2.5.1 \\\n    --hash=sha256:00\nboto3==1.0\n")
    packed = pack_sources(("numpy",), sources)
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as tar:
        text = tar.extractfile("requirements.txt").read().decode()
    assert text == "numpy==2.5.1 \\\n    --hash=sha256:00\n"


def test_recipe_without_packages_has_no_requirements(sources):
    assert "requirements.txt" not in names(pack_sources(root=sources))


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_packages_of_every_recipe_are_in_the_lock(recipe):
    assert pack_sources(recipe.requirements)


def test_bundle_has_the_templates_of_the_report():
    folder = "newsgroup_classifier/evaluation/report"
    bundled = set(names(pack_sources()))
    assert {
        f"{folder}/{name}" for name in ("report.html.j2", "base.html.j2", "sorting.js")
    } <= bundled


def test_commit_of_a_repository_says_whether_the_sources_differ_from_it(sources):
    assert commit_of(sources) == ""
    git = ("git", "-C", str(sources), "-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "All", "--no-gpg-sign")):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()
    assert commit_of(sources) == commit
    (sources / "secrets.txt").write_text("changed")
    assert commit_of(sources) == f"{commit}-dirty"
