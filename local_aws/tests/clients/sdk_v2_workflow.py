"""Train, deploy, attach, tune, transform, register, and chain with SDK v2; its own Python runs it.

Usage: sdk_v2_workflow.py ROLE BUCKET DATA IMAGE, in a folder with train.py and double.py.
"""

# ruff: noqa: T201 - the test reads what it prints

import json
import sys

from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.pipeline import PipelineModel
from sagemaker.serializers import CSVSerializer
from sagemaker.sklearn import SKLearn, SKLearnModel
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

import sagemaker

role, bucket, data, image = sys.argv[1:]
session = sagemaker.Session(default_bucket=bucket)
found = {}

estimator = SKLearn(
    entry_point="train.py",
    role=role,
    instance_type="ml.m5.large",
    image_uri=image,
    sagemaker_session=session,
    hyperparameters={"strength": 1.0},
    metric_definitions=[{"Name": "accuracy", "Regex": "accuracy=([0-9.]+)"}],
)
estimator.fit({"train": data})

curve = estimator.training_job_analytics.dataframe()
found["curve"] = [curve["metric_name"].tolist(), curve["value"].tolist()]

predictor = estimator.deploy(
    1, "ml.m5.large", serializer=CSVSerializer(), deserializer=JSONDeserializer()
)
found["predictions"] = predictor.predict([[0.0, 0.0], [9.0, 9.0]])
predictor.delete_model()
predictor.delete_endpoint()

# SKLearn.attach refuses an image that is newer than the SDK, on AWS too.
attached = Estimator.attach(estimator.latest_training_job.name, sagemaker_session=session)
found["attached"] = attached.model_data == estimator.model_data

tuner = HyperparameterTuner(
    estimator,
    "accuracy",
    {"strength": ContinuousParameter(0.1, 10)},
    metric_definitions=estimator.metric_definitions,
    max_jobs=2,
    max_parallel_jobs=2,
)
tuner.fit({"train": data})
found["tuned"] = len(tuner.analytics().dataframe())
found["best"] = tuner.best_training_job().startswith("sagemaker-scikit-lea")

transformer = estimator.transformer(1, "ml.m5.large", assemble_with="Line", accept="text/csv")
transformer.transform(data, content_type="text/csv", split_type="Line", input_filter="$[1:]")
transformer.wait()
found["transformed"] = transformer.output_path.startswith(f"s3://{bucket}/")

package = estimator.register(
    content_types=["text/csv"],
    response_types=["application/json"],
    inference_instances=["ml.m5.large"],
    transform_instances=["ml.m5.large"],
    model_package_group_name="sdk-v2",
    approval_status="Approved",
    image_uri=image,
)
found["package"] = package.model_package_arn.rpartition(":")[2]

models = [
    SKLearnModel(estimator.model_data, role, entry, image_uri=image, sagemaker_session=session)
    for entry in ("double.py", "train.py")
]
chain = PipelineModel(models, role, sagemaker_session=session)
chain.deploy(1, "ml.m5.large", endpoint_name="sdk-v2-chain")
chained = sagemaker.Predictor(
    "sdk-v2-chain", session, serializer=CSVSerializer(), deserializer=JSONDeserializer()
)
found["chained"] = chained.predict([[0.0, 0.0], [2.0, 2.0]])
chained.delete_endpoint()
chain.delete_model()
print(f"\n{json.dumps(found)}")  # after the dots of the SDK
