"""What the scikit-learn container does when it serves."""

from local_aws.tests.contract.observation import Section, documented, ran, source

STARTING = Section(
    "The scikit-learn container: starting to serve",
    (
        source(
            "image-pins",
            "Image 1.9-0 holds scikit-learn 1.9.0, numpy 2.5.1, scipy 1.18.0, pandas 2.2.3, "
            "pyarrow 25.0.0, joblib 1.5.3, Flask 3.1.3, Werkzeug 3.1.8, gunicorn 26.0.0, gevent "
            "26.5.0, protobuf 3.20.2, boto3 1.43.46, setuptools 80.10.2, pip 26.1.2, "
            "sagemaker-training 4.8.0, sagemaker-containers 2.8.6.post2, sagemaker-inference "
            "1.5.5 and multi-model-server 1.1.2.",
        ),
        source(
            "image-nothing-else",
            "What is neither in the image nor in the bundle's requirements.txt cannot be imported.",
        ),
        source("serve-gunicorn", "gunicorn with gevent workers runs one Flask application."),
        source(
            "serve-workers",
            "SAGEMAKER_MODEL_SERVER_WORKERS says how many workers there are.",
        ),
        source("serve-workers-default", "Without that variable there is one for each CPU."),
        source(
            "serve-timeout",
            "A worker that gives no sign of life for SAGEMAKER_MODEL_SERVER_TIMEOUT seconds is "
            "ended.",
        ),
        source("serve-timeout-default", "Without that variable it is 60 seconds."),
        source(
            "serve-submit-directory",
            "The folder that SAGEMAKER_SUBMIT_DIRECTORY names is copied to /opt/ml/code.",
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
            "model_fn runs once in each worker, on its first request; /ping is one.",
        ),
        ran(
            "serve-program-unset",
            "Without SAGEMAKER_PROGRAM every request fails with `Empty module name`, /ping first.",
        ),
        ran(
            "serve-program-slash",
            "SAGEMAKER_PROGRAM names a module: with a slash in it the import fails.",
        ),
        source("serve-bind-to-port", "It listens on SAGEMAKER_BIND_TO_PORT."),
        source("serve-bind-to-port-default", "Without that variable it listens on port 8080."),
        source(
            "serve-safe-port-range",
            "SAGEMAKER_SAFE_PORT_RANGE is read and not used: no second port is opened.",
        ),
        source(
            "serve-default-accept",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT is the accepted type of a request that names "
            "none or any; it is application/json.",
        ),
        source(
            "serve-base-dir",
            "SAGEMAKER_BASE_DIR moves /opt/ml: the model is read from there and the code copied "
            "there.",
        ),
    ),
)
ROUTES = Section(
    "The scikit-learn container: routes and functions",
    (
        source("serve-ping", "GET /ping answers 200."),
        source("serve-invocations", "/invocations takes POST and no other method."),
        source(
            "serve-execution-parameters",
            "/execution-parameters answers what execution_parameters_fn gives, where the program "
            "defines it.",
        ),
        source("serve-execution-parameters-absent", "Otherwise /execution-parameters is a 404."),
        source("serve-other-routes", "Every other path is a 404."),
        source("serve-model-fn-required", "A program without model_fn never serves."),
        source(
            "serve-default-input",
            "The default input_fn reads application/json, text/csv and application/x-npy; JSON "
            "and CSV become float32.",
        ),
        source("serve-default-predict", "The default predict_fn is the model's own predict."),
        source(
            "serve-default-output",
            "The default output_fn writes JSON, CSV or NPY, as Accept says.",
        ),
        source(
            "serve-input-str",
            "A program's own input_fn gets text for exactly application/json and text/csv, and "
            "bytes for every other type.",
        ),
        source(
            "serve-transform-fn",
            "transform_fn takes the place of input_fn, predict_fn and output_fn; a program with "
            "both never serves.",
        ),
    ),
)
QUIRKS = Section(
    "The scikit-learn container: answers",
    (
        ran(
            "serve-error-page",
            "Every error raised in a program's functions is a 500 with one fixed HTML page of 265 "
            "bytes, without the reason.",
        ),
        ran("serve-one-row", "One row of CSV is a 500: it loses its first dimension."),
        ran("serve-charset", "Content type `application/json; charset=utf-8` is a 500."),
        ran("serve-unknown-type", "An unknown content type is a 500; there is no 415."),
        ran("serve-bad-accept", "An Accept that it cannot write is a 500; there is no 406."),
        ran("serve-accept-list", "`Accept: text/csv, application/json` is a 500."),
        ran("serve-wrong-width", "Rows of a wrong width are a 500."),
        ran("serve-bad-json", "JSON that is cut short, or no array, is a 500."),
        ran("serve-empty-body", "An empty body is a 500."),
        ran("serve-csv-response", "A text/csv answer leaves as `text/csv; charset=utf-8`."),
        ran("serve-bare-text", "A bare text from output_fn leaves as `text/html; charset=utf-8`."),
        ran(
            "serve-tuple",
            "A pair of body and application/json from output_fn leaves with just that type.",
        ),
        ran(
            "serve-worker-response",
            "`worker.Response(body, status=400, mimetype=...)` is a real 400 with its message.",
        ),
    ),
)
NOT_SERVED = Section(
    "The scikit-learn container: what the local AWS does otherwise, or not at all",
    (
        source(
            "not-other-images",
            "Images 1.2-1, 1.4-2 and 1.4-2-py312, and every image of a framework but TensorFlow: "
            "refused by name.",
        ),
        source(
            "not-multi-model",
            "The Java multi-model server, started where SAGEMAKER_MULTI_MODEL has any value or the "
            "container's mode is MultiModel: refused by name.",
        ),
        ran(
            "not-network-isolation",
            "Network isolation, in which the container's start-up pip finds no index and serving "
            "dies unless PIP_NO_BUILD_ISOLATION=0 is set: refused by name.",
        ),
        source(
            "not-nginx",
            "nginx stands in front of gunicorn, behind a unix socket, unless SAGEMAKER_USE_NGINX "
            "says no.",
            untested="there is no nginx here; the answers of the container are the same behind it",
        ),
        source(
            "not-same-versions",
            "Here a package has the version of the lock, which is the image's where the laptop's "
            "Python and the other packages allow it (not numpy on 3.11, scipy, protobuf, boto3, "
            "sagemaker-training); pyarrow is not here. A bundle that asks for another version is "
            "told which one there is.",
        ),
        source(
            "not-generated-setup",
            "A setup.py is generated for the bundle and `pip install .` installs it.",
            untested="the copied bundle is put on the import path instead: the program cannot tell "
            "where it was imported from but by its own path",
        ),
        source(
            "not-requirements-fetched",
            "Requirements come from a package index; here they are checked against what is "
            "installed at pinned versions, and one that cannot be had ends the start.",
        ),
        source(
            "not-npy-pickles",
            "The default input_fn reads pickles inside NPY; here they are refused with the page "
            "of a 500, because a request is an outsider's.",
        ),
        documented(
            "not-eight-minutes-of-failing",
            "SageMaker goes on asking a /ping that fails until its time is up; here three failures "
            "in a row end the wait, with the same outcome.",
        ),
    ),
)
SECTIONS = (STARTING, ROUTES, QUIRKS, NOT_SERVED)
