"""The launcher of the TensorFlow training image, which uses the real sagemaker-training.

It does what sagemaker-tensorflow-training 20.4.1 does for a script on one instance or, with
MultiWorkerMirroredStrategy, on several. Jobs that use other distribution strategies are rejected.
TensorFlow takes seconds to import, so only the script imports it.
"""

import json
import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from sagemaker_training import entry_point, environment, mapping, process

_MULTI_WORKER = "sagemaker_multi_worker_mirrored_strategy_enabled"
# sagemaker-training looks for these names in a script's errors, in addition to Python's own. It
# would import TensorFlow only to get them.
_TENSORFLOW_ERRORS = [
    *("AbortedError", "AlreadyExistsError", "CancelledError", "DataLossError"),
    *("DeadlineExceededError", "FailedPreconditionError", "InaccessibleTensorError"),
    *("InternalError", "InvalidArgumentError", "NotFoundError", "OpError"),
    *("OperatorNotAllowedInGraphError", "OutOfRangeError", "PermissionDeniedError"),
    *("ResourceExhaustedError", "UnauthenticatedError", "UnavailableError"),
    *("UnimplementedError", "UnknownError", "raise_exception_on_not_ok_status"),
    "XlaRuntimeError",
]
_SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt")
_GUIDE = "https://sagemaker.readthedocs.io/en/stable/frameworks/tensorflow/using_tf.html"
log = logging.getLogger(__name__)


def main() -> None:
    """Run the script of the job; sagemaker-training calls this and reports the outcome."""
    hyperparameters = environment.read_hyperparameters()
    env = environment.Environment(hyperparameters=hyperparameters)
    arguments = env.hyperparameters
    if "_tuning_objective_metric" in hyperparameters:
        arguments["model_dir"] = _job_model_dir(hyperparameters.get("model_dir"), env.job_name)
        log.info("Appending the training job name to model_dir: %s", arguments["model_dir"])
    _configure(arguments.get("model_dir"), os.environ.get("SAGEMAKER_REGION"))
    process.get_tensorflow_exception_classes = lambda: list(_TENSORFLOW_ERRORS)
    entry_point.run(
        uri=env.module_dir,
        user_entry_point=env.user_entry_point,
        args=mapping.to_cmd_args(arguments),
        env_vars=_variables(env),
        capture_error=True,
    )
    _warn_about_missing_model(Path(env.model_dir))


def _job_model_dir(model_dir: str | None, job: str) -> str:
    """Return a folder for one training job of a tuning job, since they all share a model_dir."""
    if model_dir and model_dir.startswith("/opt/ml"):
        return model_dir
    return f"{model_dir}/{job}/model"


def _configure(model_dir: str | None, region: str | None) -> None:
    """Set the variables that TensorFlow reads; the bucket of a model_dir in S3 must exist."""
    if model_dir and model_dir.startswith("s3://"):
        s3 = botocore.session.get_session().create_client("s3", region_name=region)
        location = s3.get_bucket_location(Bucket=urlsplit(model_dir).netloc)
        region = location["LocationConstraint"] or region
    os.environ["S3_REGION"] = region or ""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "1"  # warnings and errors
    os.environ["S3_USE_HTTPS"] = "1"


def _variables(env: Any) -> dict[str, str]:
    """Return the script's variables, including TF_CONFIG for training on several instances."""
    variables: dict[str, str] = env.to_env_vars()
    distributed = env.current_instance_group in env.distribution_instance_groups
    if distributed and env.additional_framework_parameters.get(_MULTI_WORKER, False):
        config = tf_config(env.distribution_hosts, env.current_host)
        variables["TF_CONFIG"] = json.dumps(config)
        log.info("Running distributed training job with multi_worker_mirrored_strategy setup")
    return variables


def tf_config(hosts: list[str], current_host: str) -> dict[str, Any]:
    """Return the TF_CONFIG of a worker; on AWS, the workers are algo-1:8890, algo-2:8890, ..."""
    addresses: dict[str, str] = json.loads(os.environ["LOCAL_AWS_ADDRESSES"])
    return {
        "cluster": {"worker": [addresses[host] for host in hosts]},
        "environment": "cloud",
        "task": {"index": hosts.index(current_host), "type": "worker"},
    }


def _warn_about_missing_model(folder: Path) -> None:
    """Log a warning if TensorFlow Serving could not serve the model."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    models = [path for path in files if path.name in _SAVED_MODEL]
    for model in models:
        if not model.parent.name.isdigit():
            log.warning(
                "Your model will NOT be servable with SageMaker TensorFlow Serving containers. "
                'The SavedModel bundle is under directory "%s", not a numeric name.',
                model.parent.name,
            )
    if not files:
        log.warning(
            "No model artifact is saved under path /opt/ml/model. Your training job will not save "
            "any model files to S3. For details of how to construct your training script see: %s",
            _GUIDE,
        )
    elif not models:
        log.warning(
            "Your model will NOT be servable with SageMaker TensorFlow Serving container. The "
            "model artifact was not saved in the TensorFlow SavedModel directory structure: "
            "https://www.tensorflow.org/guide/saved_model#structure_of_a_savedmodel_directory"
        )
