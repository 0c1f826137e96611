"""Names that users may have in their programs: flags, JSON keys, hyperparameters, and presets."""

_WORK = "--region x --stack x --dry-run"
_RECIPE = "--recipe x --name x"
# Each flag of the first release, with a value that it accepts.
FLAGS = {
    "setup": f"{_WORK} --yes --no-protect --log-days 30",
    "upload_data": f"{_RECIPE} --data-dir x --generated-sample --vectors x --file x --text x "
    "--label x --title x --group x --encoding x --test-file x --test-share 0.1 --replace "
    "--min-characters 1 "
    f"--posts-per-class 1 --pictures x {_WORK}",
    "train": f"{_RECIPE} --data x --set x --setting x --approve --instance-type x "
    f"--instance-count 1 --input-mode File --checkpoints x --spot --pictures x --yes {_WORK}"
    " --no-report --like x",
    "tune": f"{_RECIPE} --data x --strategy bayesian --range x --max-jobs 1 --parallel 1 --folds 1 "
    "--early-stopping --warm-start x --transfer --stop-at 1 --instance-type x --set x --approve "
    f"--no-report --yes {_WORK}",
    "approve": f"{_RECIPE} --package x --reject {_WORK}",
    "deploy": f"{_RECIPE} --target pipeline --package x --endpoint-name x --instance-type x "
    f"--instance-count 1 --memory 128 --concurrency 1 --rate 1 --burst 1 --with-api --no-page "
    "--auth jwt --jwt-issuer https://x --jwt-audience x --cors-origin https://x "
    f"--log-days 7 --smoke-seconds 1 --canary 10 --bake 0.5 --alarm a b --email x@y --yes {_WORK}",
    "evaluate": f"{_RECIPE} --package x --model-package-arn x --channel test --data x "
    f"--instance-type x --yes {_WORK}",
    "watch": f"{_RECIPE} --target pipeline --endpoint-name x --email x@y --latency 1 --yes {_WORK}",
    "promote": "--recipe x --name x --from a --to b --from-profile x --to-profile x "
    "--package x --model-package-arn x --yes --region x --dry-run",
    "cost": "--json --region x --stack x",
    "status": "--json --region x --stack x",
    "rollback": f"{_RECIPE} --target pipeline --endpoint-name x --yes {_WORK}",
    "invoke": f"{_RECIPE} --target pipeline --endpoint-name x --file x --content-type x --top 1 "
    f"--neighbors 1 --explain 1 --token-file x {_WORK}",
    "transform": f"{_RECIPE} --input x --output x --overwrite --target pipeline --content-type x "
    "--accept x --join --input-filter x --output-filter x --instance-type x --instance-count 1 "
    f"--max-payload 1 --concurrent 1 --workers 1 --strategy multi --yes {_WORK}",
    "delete": f"{_RECIPE} --packages --data --foundation --yes {_WORK}",
    "register": f"--model x --name x --labels a,b --code x --approve --replace {_WORK}",
    "playground": "--port 1 --no-open --region x --stack x",
    "report": f"--recipe x --name x --compare x y --output x --open --no-texts {_WORK}",
    "demo": "--recipe x --data-dir x --tensorflow --keep --name x --file x --text x --label x",
    "ship": f"x {_RECIPE} --text x --label x --title x --group x --test-file x "
    "--test-share 0.2 --target both --with-api --set x --preset x --folds 3 --yes --region x "
    "--stack x --no-texts --auth jwt --jwt-issuer https://x --jwt-audience x --cors-origin none "
    "--labels a,b --code x",
}
# The local AWS is now `python -m local_aws`; `python -m infra.local_aws` was not kept.
LOCAL_AWS_FLAGS = (
    "--port 1 --until-stdin-closes --instance-cpus 1 --function-concurrency 1 "
    "--function-idle-seconds 1 --function-retry-seconds 1 2 --metric-period 1 --init tests --quiet"
)
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
    "deploy with an API": {
        *("endpoint_name", "endpoint_config_name", "model_name", "model_package_arn"),
        *("stack_name", "function_name", "api_url", "auth"),
    },
    "deploy to lambda": {"stack_name", "function_name", "api_url", "auth", "model_package_arn"},
    "evaluate": {
        *("processing_job_name", "model_package_arn", "channel", "data", "output", "metrics")
    },
    "watch": {"stack_name", "endpoint_name", "alarms"},
    "promote": {
        *("model_package_arn", "approval_status", "promoted_from", "model_artifacts", "sha256")
    },
    "cost": {*("stack", "exists", "items", "dollars_per_hour", "dollars_per_month", "leftovers")},
    "status": {"deployments"},
    "rollback": {
        *("endpoint_name", "endpoint_config_name", "model_name", "model_package_arn", "replaced")
    },
    "rollback to lambda": {"function_name", "version", "replaced"},
    "invoke": {"predictions"},
    "playground": {"url", "models"},
    "transform": {
        *("transform_job_name", "model_name", "input", "output"),
        *("files", "records", "seconds", "job_seconds"),
    },
    "transform of images": {"requests"},
    "delete": {"deleted"},
    "--dry-run": {"dry_run", "calls"},
    "trials": {"training_job_name", "objective", "hyperparameters"},
    "wrangling": {*("read", "too_short", "duplicates", "over", "rare_classes", "kept", "classes")},
    "demo": {"recipes", "data", "steps", "seconds"},
    "ship": {"recipe", "name", "data", "steps", "seconds"},
    "ship of a model": {"recipe", "name", "model", "steps", "seconds"},
}
# With their defaults.
HYPERPARAMETERS = {
    "newsgroups-naive-bayes": (
        "alpha=0.01 folds=0 reading=whole features=vocabulary terms=250000 hash_bits=18"
    ),
    "spooky-topic-forest": (
        "stop_words=none min_df=1 topics_of=label topics=1 learning=batch passes=10 "
        "doc_topic_prior=1.0 topic_word_prior=0.3 trees=200 leaf=80 split=2 forest_part=1.0 "
        "folds=0"
    ),
    "spooky-ngrams": (
        "word_ngrams=2 character_ngrams=5 character_min_df=2 alpha=0.005 c=12.0 margin_c=0.5 "
        "folds=0"
    ),
    "newsgroups-linear": (
        "min_df=1 penalty=0.0001 epochs=5 alpha=0.03 bayes=0.5 sharpness=3.0 folds=0 "
        "reading=whole features=vocabulary terms=250000 hash_bits=18"
    ),
    "comments-mlp": (
        "activation=logistic learning_rate=constant solver=adam alpha=0.0001 max_iter=200 "
        "min_df=1 seed=1 search=none candidates=20 folds=0"
    ),
    "subreddits-neighbors": (
        "embedding=learned dimensions=300 neighbors=15 weights=distance search=none candidates=20 "
        "folds=0"
    ),
    "subreddits-boosting": (
        "embedding=learned dimensions=300 learning_rate=0.1 rounds=100 leaves=8 leaf=20 "
        "feature_share=0.2 search=none candidates=20 folds=0"
    ),
    "subreddits-xgboost": (
        "embedding=learned dimensions=300 learning_rate=0.1 rounds=100 depth=4 leaf_weight=1.0 "
        "row_share=0.8 feature_share=0.2 search=none candidates=20 folds=0"
    ),
    "subreddits-linear": (
        "word_ngrams=2 word_min_df=1 character_ngrams=5 character_min_df=2 title_words=20 "
        "title_weight=0.7 words_weight=1.0 margin_c=0.5 search=none candidates=20 folds=0"
    ),
    "headlines-lstm": (
        "balance=none words=8000 length=24 pad=back masking=yes embedding=128 direction=both "
        "word_dropout=0.2 spatial_dropout=0.5 units=64 dropout=0.2 recurrent_dropout=0.0 "
        "last_dropout=0.3 learning_rate=0.001 batch_size=128 epochs=5 keep=last patience=2 "
        "min_delta=0.0001 validation_share=0.02 seed=1"
    ),
    "headlines-fast": (
        "word_ngrams=2 character_ngrams=5 min_df=1 most=400000 hidden=16 dropout=0.3 "
        "learning_rate=0.006 batch_size=256 epochs=3 keep=last patience=1 min_delta=0.0001 "
        "validation_share=0.02 seed=1"
    ),
    "comments-dense": (
        "min_df=1 most=20000 dropout=0.5 search=none search_epochs=2,5,10 "
        "search_batches=10,32,128 folds=3 learning_rate=0.001 batch_size=64 epochs=8 keep=best "
        "patience=3 min_delta=0.0001 validation_share=0.1 seed=1"
    ),
    "digits-cnn": (
        "filters=32 dropout=0.15 shift=2 learning_rate=0.004 batch_size=128 epochs=10 keep=best "
        "patience=10 min_delta=0.0001 validation_share=0.05 seed=1"
    ),
    "sketches-dense": (
        "optimizer=adam learning_rate=0.001 batch_size=32 epochs=30 keep=best patience=5 "
        "min_delta=0.0001 validation_share=0.1 seed=1"
    ),
    "sketches-cnn": (
        "filters=32 dropout=0.25 shift=2 learning_rate=0.004 batch_size=128 epochs=10 keep=best "
        "patience=10 min_delta=0.0001 validation_share=0.05 seed=1"
    ),
}
PRESETS = {
    "spooky-topic-forest": ("tuned", "seed"),
    "comments-mlp": ("grid",),
    "headlines-lstm": ("tuned", "seed"),
}
