"""The pip stand-in reads the requirements file of a bundle as pip does, including hashes."""

import json
import os
import runpy
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.sagemaker.containers.environment import CONTAINER_SITE
from local_aws.sagemaker.containers.images import hidden_modules

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


@given(st.lists(st.sampled_from([" ", " \\\n", "\t", " \\\n\t"]), min_size=1, max_size=4))
def test_requirement_does_not_depend_on_how_its_hashes_are_wrapped(gaps):
    text = TQDM + "".join(f"{gap}{HASH}" for gap in gaps)
    lines = runpy.run_path(str(CONTAINER_SITE / "pip" / "__main__.py"))["_logical_lines"]
    ((number, line),) = lines(f"{text}\n")
    assert (number, line.split()) == (1, [TQDM, *[HASH] * len(gaps)])
