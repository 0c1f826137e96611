"""Commands, flags and JSON keys that users may have in their programs; all must keep working."""

_WORK = "--region x --stack x --dry-run"
# As of the first release, each flag with a value that it accepts.
FLAGS = {
    "setup": f"{_WORK} --yes",
    "upload_data": "--recipe x --data-dir x --generated-sample --vectors x --min-characters 1 "
    f"--posts-per-class 1 --pictures x {_WORK}",
    "train": "--recipe x --set x --setting x --approve --instance-type x --instance-count 1 "
    f"--input-mode File --checkpoints x --spot --pictures x --yes {_WORK}",
    "tune": "--recipe x --strategy bayesian --range x --max-jobs 1 --parallel 1 --folds 1 "
    "--early-stopping --warm-start x --transfer --stop-at 1 --instance-type x --set x --approve "
    f"--yes {_WORK}",
    "approve": f"--recipe x --package x --reject {_WORK}",
    "deploy": "--recipe x --target pipeline --package x --endpoint-name x --instance-type x "
    f"--instance-count 1 --memory 128 --concurrency 1 --rate 1 --burst 1 --yes {_WORK}",
    "invoke": "--recipe x --target pipeline --endpoint-name x --file x --content-type x --top 1 "
    f"--neighbors 1 {_WORK}",
    "transform": "--recipe x --input x --output x --overwrite --target pipeline --content-type x "
    "--accept x --join --input-filter x --output-filter x --instance-type x --instance-count 1 "
    f"--max-payload 1 --concurrent 1 --workers 1 --strategy multi --yes {_WORK}",
    "delete": f"--recipe x --packages --data --foundation --yes {_WORK}",
    "demo": "--recipe x --data-dir x --tensorflow --keep",
}
_MODEL = {"model_artifacts", "model_package_arn", "approval_status", "metrics", "data"}
KEYS = {
    "setup": {"stack_name", "bucket", "role_arn"},
    "upload_data": {"channels", "data"},
    "upload_data of posts": {"channels", "data", "wrangling", "pictures"},
    "train": _MODEL | {"training_job_name", "pictures", "output"},
    "tune": _MODEL
    | {
        "tuning_job_name",
        "best_training_job",
        "hyperparameters",
        "objective",
        "counters",
        "trials",
    },
    "approve": {"model_package_arn", "approval_status"},
    "deploy": {"endpoint_name", "endpoint_config_name", "model_name", "model_package_arn"},
    "deploy to lambda": {"stack_name", "function_name", "api_url", "model_package_arn"},
    "invoke": {"predictions"},
    "transform": {
        *("transform_job_name", "model_name", "input", "output"),
        *("files", "records", "seconds", "job_seconds"),
    },
    "delete": {"deleted"},
    "demo": {"recipes", "data", "steps", "seconds"},
}
