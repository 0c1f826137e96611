"""The Lambda package is small, compiled, reproducible, and complete."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest

import scripts.functions.package as package_module
from scripts.functions.package import (
    FunctionTarget,
    build_package,
    compile_folder,
    find_compiler,
    pack,
    this_machine,
)
from tests.lambda_handler.tiny_model import ModelFile, tiny_model


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def package(cache) -> bytes:
    return build_package(this_machine(), cache)


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extractall(folder)
    return folder


def test_package_is_under_70_megabytes_unpacked(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) <= 70_000_000


def test_package_contains_only_the_handler_what_it_shares_and_numpy(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        names = archive.namelist()
    ours = {"lambda_handler", "newsgroup_classifier"}
    assert {name.split("/")[0] for name in names} == ours | {"numpy", "numpy.libs"}
    library = {name for name in names if name.startswith("newsgroup_classifier/")}
    parts = {name.split("/")[1] for name in library}
    assert parts == {
        "__init__.py",
        "__pycache__",
        "errors.py",
        "explanations",
        "hashed_text",
        "text",
    }
    texts = {name for name in library if "/text/" in name and name.endswith(".py")}
    assert {name.split("/")[-1] for name in texts} == {
        "__init__.py",
        "request_bodies.py",
        "visible.py",
    }
    assert {"lambda_handler/handler.py", "lambda_handler/openapi.json"} <= set(names)
    assert not [name for name in names if "/tests/" in name or name.endswith((".pyi", ".a", ".h"))]


def test_package_of_a_function_in_front_of_an_endpoint_is_tiny_and_lacks_numpy(tmp_path):
    package = build_package(this_machine(), tmp_path, numpy=False)
    assert len(package) < 300_000
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0] for name in names} == {"lambda_handler", "newsgroup_classifier"}
    assert {"lambda_handler/endpoint/handler.py", "lambda_handler/openapi.json"} <= names


@pytest.mark.slow
def test_package_is_reproducible(package, tmp_path):
    assert build_package(this_machine(), tmp_path) == package


@pytest.mark.slow
def test_cached_package_is_reused(package, tmp_path):
    build_package(this_machine(), tmp_path)
    (cached,) = tmp_path.iterdir()
    before = cached.stat().st_mtime_ns
    assert build_package(this_machine(), tmp_path) == package
    assert cached.stat().st_mtime_ns == before


_PROGRAM = """
import json, sys
from types import SimpleNamespace
from lambda_handler.handler import handler
import numpy, numpy.linalg, numpy.fft, numpy.random, numpy.lib.recfunctions, numpy.ma
answer = handler({"text": "the ancient cosmic horror"}, SimpleNamespace(aws_request_id="r"))
places = [module.__cached__ for name, module in sys.modules.items() if name.startswith("lambda_h")]
print(json.dumps([answer["predictions"][0]["label"], numpy.__file__, places]))
"""


def test_package_runs_alone_and_compiles_nothing(unpacked, tmp_path):
    (tmp_path / "model.npz").write_bytes(tiny_model())
    model = ModelFile(tmp_path / "model.npz", tiny_model())
    before = sorted(unpacked.rglob("*"))
    ended = subprocess.run(
        [sys.executable, "-S", "-v", "-c", _PROGRAM],
        cwd=unpacked,
        env={
            "MODEL_URI": str(model.path),
            "MODEL_SHA256": model.sha256,
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        check=True,
    )
    label, numpy_file, places = json.loads(ended.stdout.splitlines()[-1])
    assert label == "HPL"
    assert numpy_file.startswith(str(unpacked))
    assert places
    assert f"# wrote '{unpacked}" not in ended.stderr
    assert f"matches {unpacked}" in ended.stderr or f"code object from '{unpacked}" in ended.stderr
    assert sorted(unpacked.rglob("*")) == before


def test_compiled_files_are_not_checked_against_their_sources(unpacked):
    compiled = list(unpacked.rglob("*.pyc"))
    sources = [path for path in unpacked.rglob("*.py") if path.stat().st_size]
    assert len(compiled) >= len(sources)
    for path in compiled:
        # PEP 552: bit 0 means that the file has a hash, bit 1 that Python checks it.
        assert int.from_bytes(path.read_bytes()[4:8], "little") == 0b01
        assert str(unpacked.parent).encode() not in path.read_bytes()


def test_package_changes_with_the_handler(tmp_path):
    names = {"lambda_handler/a.py": b"a = 1\n", "lambda_handler/b.py": b"b = 2\n"}
    digests = []
    for content in (b"a = 1\n", b"a = 2\n", b"a = 1\n"):
        folder = tmp_path / str(len(digests))
        for name, source in (names | {"lambda_handler/a.py": content}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source)
        compile_folder(folder, sys.executable)
        digests.append(hashlib.sha256(pack(folder)).hexdigest())
    assert digests[0] == digests[2] != digests[1]


def test_package_has_no_hidden_files_of_a_desktop(tmp_path, monkeypatch):
    monkeypatch.setattr(package_module, "ROOT", tmp_path)
    (tmp_path / "lambda_handler").mkdir()
    for name in ("handler.py", ".DS_Store", "._handler.py"):
        (tmp_path / "lambda_handler" / name).write_bytes(b"")
    assert [path.name for path in package_module._our_files()] == ["handler.py"]


def test_find_compiler_returns_a_python_of_the_target_version_or_none():
    assert find_compiler(this_machine()) == sys.executable
    assert find_compiler(FunctionTarget("3.99", "arm64")) is None
