"""Importing a module writes no file, opens no connection, and changes no environment or logging."""

import subprocess
import sys

import pytest

from tests.newsgroup_classifier.keras_modules import needs_tensorflow
from tests.project.sources import ROOT, SITES, sources
from tests.project.test_boundaries import KERAS

_PROGRAM = """
import importlib, logging, os, sys

def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writing and str(path) != os.devnull:
            raise RuntimeError(f"opens {path} for writing")
    if event in ("socket.connect", "socket.bind", "os.mkdir", "os.remove", "subprocess.Popen"):
        raise RuntimeError(f"does {event} {arguments!r}")

handlers = list(logging.getLogger().handlers)
for heavy in sys.argv[2:]:
    importlib.import_module(heavy)  # third parties may have effects
before = dict(os.environ)
sys.addaudithook(watch)
for name in sys.argv[1].split(","):
    importlib.import_module(name)
assert dict(os.environ) == before, "changes the environment"
assert logging.getLogger().handlers == handlers, "configures logging"
"""
_THIRD_PARTIES = (
    "pandas",
    "sklearn.pipeline",
    "moto.moto_server.werkzeug_app",
    "tqdm",
    "matplotlib.figure",
    "wordcloud",
    "nltk",
)


@pytest.mark.parametrize(
    "with_keras",
    [False, pytest.param(True, marks=[needs_tensorflow, pytest.mark.slow])],
    ids=["others", "keras"],  # importing TensorFlow takes longer than all others together
)
def test_importing_every_module_has_no_effect(with_keras):
    modules = {
        source.module
        for source in sources()
        if not source.path.startswith(SITES) and source.path.startswith(KERAS) == with_keras
    }
    names = sorted(name for name in modules if not name.endswith("__main__"))
    heavy = (*_THIRD_PARTIES, "keras") if with_keras else _THIRD_PARTIES
    command = [sys.executable, "-B", "-c", _PROGRAM, ",".join(names), *heavy]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert finished.returncode == 0, finished.stderr
