"""The package for AWS has the arm64 libraries of Python 3.12 from the package index."""

import io
import zipfile

import pytest

from scripts.functions.package import AWS_TARGET, build_package, find_compiler

pytestmark = pytest.mark.toolkit
_AARCH64 = 183  # machine number in ELF


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    content = build_package(AWS_TARGET, tmp_path_factory.mktemp("cache"))
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        yield opened


def test_package_for_aws_has_only_arm64_libraries_and_is_small(archive):
    assert sum(entry.file_size for entry in archive.infolist()) <= 70_000_000
    libraries = [name for name in archive.namelist() if ".so" in name]
    assert len(libraries) > 5
    for name in libraries:
        head = archive.read(name)[:20]
        assert head[:4] == b"\x7fELF"
        assert int.from_bytes(head[18:20], "little") == _AARCH64, name


def test_package_for_aws_is_compiled_only_by_its_own_python(archive):
    compiled = [name for name in archive.namelist() if name.endswith(".pyc")]
    if find_compiler(AWS_TARGET) is None:
        assert compiled == []
    else:
        assert "lambda_handler/__pycache__/handler.cpython-312.pyc" in compiled
        assert all(name.endswith(".cpython-312.pyc") for name in compiled)
