"""The route of one recipe: its steps in order, the time of each, and what they did in a table."""

import importlib.util
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from newsgroup_classifier.errors import DataUnavailable, counted
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws
from scripts.account.command import Result, run_command, say, stop_if_interrupted, table
from scripts.account.lineage import TRIAL_TEXT
from scripts.account.naming import API, DEFAULT_STACK, PIPELINE
from scripts.account.stacks import account_words, bucket_if_any, foundation, recipe_words
from scripts.endpoints.bodies import first_example
from scripts.functions.access import JWT

_NOUNS = {"texts": "a text", "images": "an image"}
Outcome = tuple[str, Result]  # a sentence for the table, and the result of a command


@dataclass(frozen=True)
class Step:
    """A step: its name, a function that runs it, and the command line that does the same."""

    name: str
    run: Callable[[], Outcome]
    command: str = ""


class Progress:
    """The steps that have been run, with their sentences, results, and seconds."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = {}
        self._start = time.perf_counter()
        self._rows = [("step", "result", "seconds")]

    @property
    def seconds(self) -> float:
        """The seconds since the start."""
        return time.perf_counter() - self._start

    def run(self, step: Step) -> None:
        """Run a step; raise KeyboardInterrupt instead if Ctrl-C was pressed before it."""
        stop_if_interrupted()
        say(f"--- {step.name}")
        before = self.seconds
        sentence, result = step.run()
        self.record(step.name, sentence, result, self.seconds - before)

    def record(self, name: str, sentence: str, result: Result, seconds: float) -> None:
        """Add a step that has been run."""
        self._rows.append((name, sentence, f"{seconds:.1f}"))
        key = name.lower().replace(" ", "_")
        self.results[key] = result | {"seconds": round(seconds, 2)}

    def show(self, sentence: str) -> float:
        """Print the table with a sentence about all steps; return their seconds."""
        total = self.seconds
        say("\n" + table([*self._rows, ("total", sentence, f"{total:.1f}")]))
        return round(total, 2)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is shipped: a recipe, and the flags of each command."""

    recipe: Recipe
    stack: str = DEFAULT_STACK
    region: str | None = None
    upload: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    model: str = ""  # the file of a model that was trained elsewhere
    register: tuple[str, ...] = ()  # in addition to the model and its name
    deploy: tuple[str, ...] = ()  # to an endpoint
    access: tuple[str, ...] = ()  # of `deploy`: who may call an HTTP API
    yes: bool = False
    sample: bool = False  # whether a generated sample replaces data that is not available
    # Called with the results of the steps that made the model, which raises if nobody approves it.
    review: Callable[..., object] | None = None

    def line(self, command: str, *flags: str) -> str:
        """Return the command line of a command for this job."""
        return shlex.join(["python", "-m", f"scripts.{command}", *self.words(command, *flags)])

    def words(self, command: str, *flags: str) -> list[str]:
        """Return flags of a command after those that select the recipe, and before the account."""
        new = ["--model", self.model, "--name", self.recipe.data_name]
        selection = new if command == "register" else recipe_words(self.recipe)
        return [*selection, *flags, *self.account_words()]

    def account_words(self) -> list[str]:
        """Return the flags that select the region and the stack, if they are not the defaults."""
        return account_words(self.region, self.stack)


@dataclass
class Route:
    """The steps of a job to one target; each returns a sentence and the command's result.

    A route with a `previous` one of the same job deploys the model that exists already.
    """

    job: Job
    target: str
    previous: "Route | None" = None
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def recipe(self) -> Recipe:
        """The recipe of the job."""
        return self.job.recipe

    @property
    def source(self) -> str:
        """The file of a trained model, or the source of the data, once it is known."""
        uploads = self.previous or self
        return self.job.model or str(uploads.results["upload_data"]["data"])

    def steps(self) -> list[Step]:
        """Return the steps in order; the names of those of Lambda and TensorFlow say so."""
        prefix = "" if self.target == PIPELINE else f"{self.target} "
        prefix = "tensorflow " if self.recipe.framework == "tensorflow" else prefix
        job, target = self.job, ("--target", self.target)
        # An API that needs tokens has none yet.
        direct = self.target == PIPELINE or JWT in job.access
        invoked = target if direct else ("--target", API)
        extra = job.deploy if self.target == PIPELINE else ()
        extra += job.access if extra or self.target != PIPELINE else ()
        yes = ("--yes",) if job.yes else ()
        data = [
            ("upload", "upload_data", job.upload, self._upload),
            ("train", "train", (*job.train, *yes), self._train),
        ]
        first = [("register", "register", job.register, self._register)] if job.model else data
        text = (TRIAL_TEXT,) if job.model else ()
        rest = [
            ("deploy", "deploy", (*target, *extra, *yes), self._deploy),
            ("invoke", "invoke", (*invoked, *text), self._invoke),
        ]
        model = [] if self.previous else [*first, ("approve", "approve", (), self._approve)]
        return [
            self._step(prefix + name, command, flags, finish)
            for name, command, flags, finish in [*model, *rest]
        ]

    def _step(
        self,
        name: str,
        command: str,
        flags: tuple[str, ...],
        finish: Callable[[Callable[..., Result]], Outcome],
    ) -> Step:
        words = self.job.words(command, *flags)

        def run(*more: str) -> Result:
            self.results[command] = result = run_command(command, *words, *more)
            return result

        return Step(name, lambda: finish(run), self.job.line(command, *flags))

    def _upload(self, run: Callable[..., Result]) -> Outcome:
        try:
            result = run()
        except DataUnavailable as error:
            if not self.job.sample:
                raise
            say(f"WARNING: {error}")
            say("WARNING: using a small generated corpus instead. Its metrics are meaningless.")
            result = run("--generated-sample")
        *others, last = result["channels"]
        comma = "," if len(others) > 1 else ""
        return f"{', '.join(others)}{comma} and {last} channels: {self.source}", result

    def _train(self, run: Callable[..., Result]) -> Outcome:
        result = run()
        metrics = result["metrics"]
        figures = f"accuracy {metrics['accuracy']:.4f}, macro F1 {metrics['macro_f1']:.4f}"
        return f"{figures} ({self.source}); registered", result

    def _register(self, run: Callable[..., Result]) -> Outcome:
        result = run()
        return f"{counted(len(result['label_names']), 'label')} ({self.source}); registered", result

    def _approve(self, run: Callable[..., Result]) -> Outcome:
        results = list(self.results.values())
        package: Result = {
            key: results[-1].get(key) for key in ("model_package_arn", "approval_status")
        }
        name = package["model_package_arn"].split(":", 5)[-1]
        if package["approval_status"] == "Approved":  # of the same bytes
            return f"{name} was approved before", package
        if self.job.review:
            self.job.review(*results)
        return name, run("--package", package["model_package_arn"])

    def _deploy(self, run: Callable[..., Result]) -> Outcome:
        result = run()
        names = {"endpoint_name": "endpoint", "api_url": "HTTP API"}
        return ", ".join(f"{names[key]} {result[key]}" for key in names if key in result), result

    def _invoke(self, run: Callable[..., Result]) -> Outcome:
        result = run()
        best = result["predictions"][0]
        answer = f"{best['label']} ({best['probability']:.3f})"
        if self.job.model:
            return f"{TRIAL_TEXT!r}: {answer}", result
        example = first_example(Aws(self.job.region), self.recipe, self.job.stack)
        sentence = f"{_NOUNS[self.recipe.inputs]} labeled {example.label}: {answer}"
        about = {"label": example.label, "data": self.source}
        if not self.recipe.data_name:  # whose subject may be a title of the user's
            about["subject"] = example.subject
        return f"{sentence} ({self.source})", about | result


def can_run_functions() -> bool:
    """Return whether Lambda functions can run on this machine; print why if they cannot."""
    if importlib.util.find_spec("awslambdaric") is not None:
        return True
    say("The Lambda half is skipped: functions run under awslambdaric, which needs Linux.")
    return False


def needs_setup(aws: Aws, job: Job) -> bool:
    """Return whether there is no foundation, or one from before the job's recipe was added."""
    if bucket_if_any(aws, job.stack) is None:
        return True
    return not foundation(aws, job.stack).jobs_role(job.stack, job.recipe)


def set_up(job: Job) -> Step:
    """Return the step that creates the foundation stack of a job."""
    account = (*job.account_words(), *(("--yes",) if job.yes else ()))

    def run() -> Outcome:
        result = run_command("setup", *account)
        return f"bucket {result['bucket']} and roles", result

    return Step("setup", run, shlex.join(["python", "-m", "scripts.setup", *account]))
