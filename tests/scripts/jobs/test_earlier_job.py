"""A job of another environment is not registered."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.jobs.earlier_job import check_environment
from tests.scripts.jobs.test_training_plans import PLAN


def test_job_of_another_environment_is_refused():
    output = {"S3OutputPath": "s3://other/jobs/digits-cnn"}
    job = {"TrainingJobName": "digits-cnn-1", "OutputDataConfig": output}
    with pytest.raises(DeploymentError, match="Pass the --recipe, --name, and --stack"):
        check_environment(job, PLAN)
