"""The contract of the scikit-learn container when it serves."""

from local_aws.tests.contract.observation import Section, documented, ran, source

STARTING = Section(
    "The scikit-learn container: starting to serve",
    (
        source(
            "image-pins",
            "Image 1.9-0 contains scikit-learn 1.9.0, numpy 2.5.1, scipy 1.18.0, pandas 2.2.3, "
            "pyarrow 25.0.0, joblib 1.5.3, Flask 3.1.3, Werkzeug 3.1.8, gunicorn 26.0.0, "
            "gevent 26.5.0, protobuf 3.20.2, boto3 1.43.46, setuptools 80.10.2, pip 26.1.2, "
            "sagemaker-training 4.8.0, sagemaker-containers 2.8.6.post2, sagemaker-inference "
            "1.5.5, and multi-model-server 1.1.2.",
        ),
        source(
            "image-nothing-else",
            "A package that is neither in the image nor in the bundle's requirements.txt "
            "cannot be imported.",
        ),
        source("serve-gunicorn", "gunicorn with gevent workers runs one Flask application."),
        source(
            "serve-workers",
            "SAGEMAKER_MODEL_SERVER_WORKERS sets the number of workers.",
        ),
        source("serve-workers-default", "By default, there is one worker per CPU."),
        source(
            "serve-timeout",
            "A worker that shows no sign of life for SAGEMAKER_MODEL_SERVER_TIMEOUT seconds is "
            "killed.",
        ),
        source("serve-timeout-default", "The default time-out is 60 seconds."),
        source(
            "serve-submit-directory",
            "The folder named by SAGEMAKER_SUBMIT_DIRECTORY is copied to /opt/ml/code.",
        ),
        source(
            "serve-submit-directory-s3",
            "SAGEMAKER_SUBMIT_DIRECTORY may be an archive in S3.",
        ),
        source(
            "serve-requirements",
            "The bundle's requirements.txt is installed before the server starts.",
        ),
        source(
            "serve-model-fn-per-worker",
            "Each worker runs model_fn once, on its first request, which may be a /ping.",
        ),
        ran(
            "serve-program-unset",
            "Without SAGEMAKER_PROGRAM, every request fails with `Empty module name`, "
            "beginning with /ping.",
        ),
        ran(
            "serve-program-slash",
            "SAGEMAKER_PROGRAM names a module; the import fails if it contains a slash.",
        ),
        source("serve-bind-to-port", "The server listens on SAGEMAKER_BIND_TO_PORT."),
        source("serve-bind-to-port-default", "The default port is 8080."),
        source(
            "serve-safe-port-range",
            "SAGEMAKER_SAFE_PORT_RANGE is read but not used: no second port is opened.",
        ),
        source(
            "serve-default-accept",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT replaces an Accept that is missing or `*/*`; "
            "the default is application/json.",
        ),
        source(
            "serve-base-dir",
            "SAGEMAKER_BASE_DIR replaces /opt/ml: the model is read from there, and the code "
            "is copied there.",
        ),
    ),
)
ROUTES = Section(
    "The scikit-learn container: routes and functions",
    (
        source("serve-ping", "GET /ping returns 200."),
        source("serve-invocations", "/invocations accepts only POST."),
        source(
            "serve-execution-parameters",
            "/execution-parameters returns the result of execution_parameters_fn if the "
            "program defines it.",
        ),
        source("serve-execution-parameters-absent", "Otherwise, /execution-parameters is a 404."),
        source("serve-other-routes", "Every other path is a 404."),
        source("serve-model-fn-required", "A program without model_fn never serves."),
        source(
            "serve-default-input",
            "The default input_fn reads application/json, text/csv, and application/x-npy; "
            "JSON and CSV become float32.",
        ),
        source("serve-default-predict", "The default predict_fn calls the model's predict method."),
        source(
            "serve-default-output",
            "The default output_fn writes JSON, CSV, or NPY, according to Accept.",
        ),
        source(
            "serve-input-str",
            "A program's own input_fn receives text for exactly application/json and text/csv, "
            "and bytes for all other types.",
        ),
        source(
            "serve-transform-fn",
            "transform_fn replaces input_fn, predict_fn, and output_fn; a program with both "
            "never serves.",
        ),
    ),
)
QUIRKS = Section(
    "The scikit-learn container: responses",
    (
        ran(
            "serve-error-page",
            "Every error raised in a program's functions is a 500 with the same HTML page of "
            "265 bytes, which does not contain the reason.",
        ),
        ran("serve-one-row", "A single row of CSV is a 500, because it loses its first dimension."),
        ran("serve-charset", "The content type `application/json; charset=utf-8` is a 500."),
        ran("serve-unknown-type", "An unknown content type is a 500, not a 415."),
        ran("serve-bad-accept", "An Accept that cannot be written is a 500, not a 406."),
        ran("serve-accept-list", "`Accept: text/csv, application/json` is a 500."),
        ran("serve-wrong-width", "Rows with the wrong width are a 500."),
        ran("serve-bad-json", "JSON that is truncated or not an array is a 500."),
        ran("serve-empty-body", "An empty body is a 500."),
        ran("serve-csv-response", "A text/csv response is sent as `text/csv; charset=utf-8`."),
        ran(
            "serve-bare-text",
            "A plain string from output_fn is sent as `text/html; charset=utf-8`.",
        ),
        ran(
            "serve-tuple",
            "A pair of body and application/json from output_fn is sent with exactly that type.",
        ),
        ran(
            "serve-worker-response",
            "`worker.Response(body, status=400, mimetype=...)` is a 400 with its message.",
        ),
    ),
)
NOT_SERVED = Section(
    "The scikit-learn container: differences in the local AWS",
    (
        source(
            "not-other-images",
            "Images 1.2-1, 1.4-2, and 1.4-2-py312, and the images of all frameworks other than "
            "TensorFlow: refused by name.",
        ),
        source(
            "not-multi-model",
            "The Java multi-model server, which starts if SAGEMAKER_MULTI_MODEL has any value "
            "or the container's mode is MultiModel: refused by name.",
        ),
        ran(
            "not-network-isolation",
            "Network isolation, under which the container's pip finds no index at startup and "
            "serving fails unless PIP_NO_BUILD_ISOLATION=0 is set: refused by name.",
        ),
        source(
            "not-nginx",
            "nginx runs in front of gunicorn, connected by a Unix socket, unless "
            "SAGEMAKER_USE_NGINX disables it.",
            untested="there is no nginx here; the container's responses are the same",
        ),
        source(
            "not-same-versions",
            "Packages here have the versions of the lock file, which are the image's if the "
            "computer's Python and the other packages allow it (not numpy on 3.11, scipy, "
            "protobuf, boto3, and sagemaker-training); pyarrow is not installed. If a bundle "
            "requires another version, the error names the installed one.",
        ),
        source(
            "not-generated-setup",
            "A setup.py is generated for the bundle and installed with `pip install .`.",
            untested="the copied bundle is put on the import path instead, which a program can "
            "notice only from its own path",
        ),
        source(
            "not-requirements-fetched",
            "Requirements come from a package index. Here, they are checked against the "
            "installed packages, and a requirement that is not met ends the start.",
        ),
        source(
            "not-npy-pickles",
            "The default input_fn reads pickles inside NPY. Here, they are refused with the "
            "500 page, because requests come from outsiders.",
        ),
        documented(
            "not-eight-minutes-of-failing",
            "SageMaker repeats a failing /ping until its time is up. Here, three consecutive "
            "failures end the wait, with the same result.",
        ),
    ),
)
SECTIONS = (STARTING, ROUTES, QUIRKS, NOT_SERVED)
