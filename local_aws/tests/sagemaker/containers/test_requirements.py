"""The pip stand-in reads the requirements file of a bundle as pip does, including hashes."""

import codecs
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from pip._internal.exceptions import PipError
from pip._internal.req import req_file
from pip._internal.req.constructors import install_req_from_parsed_requirement

from local_aws.sagemaker.containers.environment import CONTAINER_SITE
from local_aws.sagemaker.containers.images import hidden_modules

# The stand-in is called pip, which would hide this computer's own pip here.
SPEC = importlib.util.spec_from_file_location(
    "requirements_file", CONTAINER_SITE / "pip" / "requirements_file.py"
)
requirements_file = importlib.util.module_from_spec(SPEC)
sys.modules["requirements_file"] = requirements_file  # its dataclass looks itself up there
SPEC.loader.exec_module(requirements_file)

IMAGE = "tensorflow-inference:2.20-cpu-py312"
HASH = f"--hash=sha256:{'0a' * 32}"
TQDM = f"tqdm=={metadata.version('tqdm')}"


def install(folder: Path, requirements: str) -> tuple[int, str, list[str]]:
    """Run the installation; return its exit code, its output, and the importable projects."""
    (folder / "requirements.txt").write_text(requirements)
    facts, record = folder / "image.json", folder / "installed.txt"
    facts.write_text(json.dumps({"image": IMAGE, "hidden": hidden_modules(IMAGE)}))
    record.unlink(missing_ok=True)
    env = {
        **os.environ,
        "PYTHONPATH": str(CONTAINER_SITE),
        "LOCAL_AWS_IMAGE_FILE": str(facts),
        "LOCAL_AWS_INSTALLED_FILE": str(record),
    }
    command = [sys.executable, "-m", "pip", "install", "-r", str(folder / "requirements.txt")]
    pip = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    return pip.returncode, pip.stdout, record.read_text().split() if record.exists() else []


@pytest.mark.parametrize(
    "text",
    [
        f"{TQDM} {HASH}",
        f"{TQDM} \\\n    {HASH} \\\n    --hash=sha512:{'1b' * 64}\n    # via nothing\n",
        f"# a comment \\\n{TQDM} \\\n  {HASH} # of the wheel",
        f"{TQDM} ; python_version >= '3.8' \\\n    {HASH}",
    ],
)
def test_requirement_with_hashes_becomes_importable(tmp_path, text):
    assert install(tmp_path, text) == (0, "Requirements already satisfied: tqdm\n", ["tqdm"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{TQDM} {HASH}\nrequests", "line 2: requests needs a version pinned with == and a"),
        (f"tqdm>=4 {HASH}", "line 1: tqdm>=4 needs a version pinned with == and a --hash"),
        (f"\n{TQDM} \\\n  --hash=sha256:00", "line 2: --hash=sha256:00 is not a SHA-2 hash"),
        (f"{TQDM} --hash=md5:{'0' * 32}", "is not a SHA-2 hash"),
        (f"moto=={metadata.version('moto')} {HASH}", "In --require-hashes mode, all requirements"),
    ],
)
def test_file_with_hashes_that_pip_would_reject_is_rejected(tmp_path, text, message):
    code, output, names = install(tmp_path, text)
    assert (code, names) == (1, [])
    assert output.startswith("ERROR: ") and message in output


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files of a bundle; return the path of its requirements file."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / "requirements.txt"


def parsed(path: Path) -> list[tuple[str, tuple[str, ...], bool, str]]:
    """Return the requirement, the hashes, and the place of each line as the stand-in reads them."""
    return [
        (str(line.requirement), tuple(sorted(line.hashes)), line.constraint, line.where)
        for line in requirements_file.RequirementsFile(path).lines
    ]


def parsed_by_pip(path: Path) -> list[tuple[str, tuple[str, ...], bool, str]]:
    """Return the same as pip reads it."""
    found = []
    for item in req_file.parse_requirements(str(path), session=None):
        installed = install_req_from_parsed_requirement(item)
        requirement = (
            f"{installed.req}; {installed.markers}" if installed.markers else installed.req
        )
        hashes = item.options.get("hashes", {})
        digests = sorted(f"{kind}:{text}" for kind, texts in hashes.items() for text in texts)
        _, number, _, file = item.line_source.split(" ", 3)
        where = f"{Path(file).name} line {number}"
        found.append((str(requirement), tuple(digests), item.constraint, where))
    return found


@pytest.mark.parametrize(
    ("content", "others", "expected"),
    [
        ("tqdm\n".encode("utf-16"), {}, ["tqdm"]),
        (codecs.BOM_UTF16_BE + "tqdm>=4\r\n".encode("utf-16-be"), {}, ["tqdm>=4"]),
        ("tqdm\n".encode("utf-32"), {}, ["tqdm"]),
        (codecs.BOM_UTF8 + b"tqdm\n", {}, ["tqdm"]),
        ("# -*- coding: latin-1 -*-\ntqdm # é\n".encode("latin-1"), {}, ["tqdm"]),
        (b"tqdm\t# a comment\n", {}, ["tqdm"]),
        (b"tqdm==${TQDM_VERSION}\n", {}, ["tqdm==4.5"]),
        (b"tq\\\ndm\\", {}, ["tqdm"]),
        (b"-r other.txt\ntqdm\n", {"other.txt": b"moto"}, ["moto", "tqdm"]),
        (b"-rother.txt\n", {"other.txt": b"--requirement=last.txt"}, ["boto3"]),
        (b"-c other.txt\ntqdm\n", {"other.txt": b"tqdm<5"}, ["tqdm<5", "tqdm"]),
        (b"moto[s3,iam] ; python_version >= '3.8'", {}, ['moto[iam,s3]; python_version >= "3.8"']),
        (b"\n \n# nothing\n", {}, []),
    ],
)
def test_file_is_read_as_pip_reads_it(tmp_path, monkeypatch, content, others, expected):
    monkeypatch.setenv("TQDM_VERSION", "4.5")
    path = write(tmp_path, {"last.txt": b"boto3", **others, "requirements.txt": content})
    assert [line[0] for line in parsed(path)] == expected
    assert parsed(path) == parsed_by_pip(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"\n--index-url https://x",
            "requirements.txt line 2: the local AWS does not reproduce --i",
        ),
        (b"-e .", "requirements.txt line 1: the local AWS does not reproduce -e in"),
        (b"tqdm --pre", "line 1: the local AWS does not reproduce --pre in"),
        (b"tqdm -r other.txt", "does not reproduce an option behind a requirement"),
        (b"-r other.txt -r last.txt", "does not reproduce several files on one line"),
        (b"-r https://host/r.txt", "does not reproduce the address of a file"),
        (b"git+https://host/x", "does not reproduce the address or path of a package"),
        (b"./x.whl", "does not reproduce the address or path of a package"),
        (b"tqdm @ https://host/x.whl", "does not reproduce the address of a package"),
        (b"-r missing.txt", "line 1: could not open missing.txt: No such file or directory"),
        (b"-r requirements.txt", "line 1: requirements.txt includes itself"),
        (b"-r bad.txt", "bad.txt line 2: Expected"),
        (b"-c extras.txt", "extras.txt line 1: Constraints cannot have extras"),
        (b"tqdm==${UNSET_VARIABLE}", "line 1: Expected"),
        (b"tqdm\t--hash=sha256:00", "line 1: Expected"),
        (b"tqdm --hash='", 'line 1: "tqdm --hash=\'" has an open quotation mark'),
        (b"--unknown=1", "line 1: the local AWS does not reproduce --unknown in"),
        (b"-r", "line 1: argument -r/--requirement: expected one argument"),
        (b"\xff\xfet\x00q", "requirements.txt is not utf-16 text"),
        (b"\xe9", "requirements.txt is not utf-8 text"),
        (b"# coding: klingon\ntqdm", "requirements.txt is not klingon text"),
    ],
)
def test_line_that_is_not_read_is_refused_by_name(tmp_path, content, message):
    files = {"bad.txt": b"tqdm\n=", "extras.txt": b"moto[s3]", "requirements.txt": content}
    path = write(tmp_path, files)
    with pytest.raises(InvalidRequirement, match=re.escape(message)):
        parsed(path)


def test_constraint_limits_a_package_and_its_dependencies(tmp_path):
    (tmp_path / "limits.txt").write_text("tqdm<1\nno-such-project==1\nboto3<1; python_version<'3'")
    assert install(tmp_path, "-c limits.txt\nboto3")[0] == 0
    code, output, _ = install(tmp_path, "-c limits.txt\ntqdm")
    assert code == 1
    assert "No matching distribution found for tqdm<1 (this computer has " in output


def test_every_line_needs_a_hash_if_the_file_requires_hashes(tmp_path):
    code, output, _ = install(tmp_path, f"--require-hashes\n{TQDM}")
    assert code == 1
    assert f"line 2: {TQDM} needs a version pinned with == and a --hash" in output
    skipped = "moto; python_version < '3'"
    assert install(tmp_path, f"--require-hashes\n{TQDM} {HASH}\n{skipped}")[0] == 0


WORDS = (
    *("tqdm", "moto[s3]", "==4.66", ">=1,<2", "tqdm==4.*", "; python_version<'4'", "a-b_c.d"),
    *("-r other.txt", "-c other.txt", "-r", "--requirement=last.txt", "--require-hashes", "--pre"),
    *("-i https://host/", "--no-index", "-e .", "--hash", f"--hash=sha256:{'0a' * 32}", "--has=x"),
    *(f"--hash=sha512:{'1b' * 64}", "#", "# text", " ", "\t", "\\", "\\\n", "\n", "\r\n", "\x0c"),
    *(
        "${VERSION}",
        "${UNSET}",
        "$VERSION",
        "${version}",
        "'",
        '"',
        "ä",
        "\u2028",
        "https://h/x.whl",
    ),
    *("tqdm @ https://h/x", "./x", "=", "~=1.0", "# coding: latin-1", "@", "\x00", "-"),
)
CONTENTS = st.builds(
    lambda words, encoding: "".join(words).encode(encoding, "replace"),
    st.lists(st.sampled_from(WORDS), max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "utf-16-le"]),
)


def compare(files: Mapping[str, bytes]) -> None:
    """Read generated files; what is accepted is read as by pip, and what pip refuses is refused."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VERSION", "4.66")
        path = write(Path(folder), files)
        try:
            lines = parsed(path)
        except InvalidRequirement as error:
            ours = (
                "the local AWS does not reproduce",
                "is not a SHA-2 hash",  # pip reads no further
                "Constraints cannot have extras",  # pip says it when it resolves
            )
            if not any(message in str(error) for message in ours):
                with pytest.raises((PipError, UnicodeError, LookupError, ValueError)):
                    parsed_by_pip(path)
        else:
            assert lines == parsed_by_pip(path)


FILES = st.fixed_dictionaries(
    {"other.txt": CONTENTS, "last.txt": CONTENTS, "requirements.txt": CONTENTS}
)


@settings(max_examples=100, deadline=None)
@given(FILES)
def test_generated_file_is_read_as_pip_reads_it_or_refused(files):
    compare(files)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(FILES)
def test_five_thousand_generated_files_are_read_as_pip_reads_them_or_refused(files):
    compare(files)
