"""Train as a user of SDK v3 does; test_model_trainer.py runs this with the SDK's own Python.

Standard input is a plan in JSON; the last line of standard output is the job's name and status.
"""

import json
import logging
import sys
from typing import Any

from sagemaker.core.helper.session_helper import Session
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig, SourceCode


def train(plan: dict[str, Any]) -> dict[str, Any]:
    """Train, show the log until the job ends, and return its name and status."""
    trainer = ModelTrainer(
        training_image=plan["image"],
        role=plan["role"],
        # Without a bucket the session calls STS, and ignores AWS_ENDPOINT_URL.
        sagemaker_session=Session(default_bucket=plan["bucket"]),
        base_job_name="model-trainer",
        source_code=SourceCode(
            source_dir=plan["source_dir"],
            entry_script=plan["entry_script"],
            requirements=plan["requirements"],
        ),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters=plan["hyperparameters"],
        output_data_config=OutputDataConfig(s3_output_path=plan["output_path"]),
    )
    channels = [
        InputData(channel_name=name, data_source=uri) for name, uri in plan["channels"].items()
    ]
    trainer.train(input_data_config=channels, wait=True, logs=True)
    job = trainer._latest_training_job
    return {"name": job.training_job_name, "status": job.training_job_status}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")  # as the SDK shows the log
    job = train(json.load(sys.stdin))
    sys.stdout.write(f"\n{json.dumps(job)}\n")
