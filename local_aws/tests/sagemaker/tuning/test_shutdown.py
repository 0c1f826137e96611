"""Stopping the local AWS during a tuning job."""

import psutil
import pytest

from local_aws.testing import running_local_aws
from local_aws.tests.account import Account, eventually
from local_aws.tests.sagemaker.tuning.tunings import Tunings, continuous
from local_aws.tests.stages import processes_of

ENDLESS = "import time\nprint('score=0.5;', flush=True)\ntime.sleep(600)\n"


@pytest.mark.slow
@pytest.mark.observes("tuning-local-shutdown")
def test_stopping_the_local_aws_ends_the_training_jobs_of_a_tuning_job(tmp_path):
    log = tmp_path / "log.txt"
    with running_local_aws(log=log) as aws:
        tunings = Tunings(Account(aws))
        name = tunings.start(tunings.request(tunings.definition(ENDLESS), continuous(), 6))

        def running() -> list[psutil.Process]:
            jobs = [processes_of(trial["TrainingJobName"]) for trial in tunings.trials(name)]
            return [process for job in jobs for process in job]

        eventually(lambda: len({trial["TrainingJobName"] for trial in tunings.trials(name)}) == 2)
        processes = eventually(running)
        children = psutil.Process(aws.pid).children(recursive=True)
        names = [trial["TrainingJobName"] for trial in tunings.trials(name)]
    assert psutil.wait_procs([*processes, *children], timeout=10)[1] == []
    assert [processes_of(one) for one in names] == [[], []]
    [line] = log.read_text().splitlines()
    assert line.endswith("it received SIGINT.")
