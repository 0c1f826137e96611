"""Containers of TensorFlow models in the local AWS, and requests to their endpoints."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, archive, unique

REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = f"{REGISTRY}/tensorflow-inference:2.20-cpu-py312"
OLD_IMAGE = f"{REGISTRY}/tensorflow-inference:2.19-cpu"


def container(account: Account, files: dict[str, Any], image: str = IMAGE, **env: str) -> Any:
    uri = account.upload(f"{unique('model')}/model.tar.gz", archive(files))
    return {"Image": image, "ModelDataUrl": uri, "Environment": env}


def invoke(account: Account, endpoint: str, body: Any, **headers: str) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {"ContentType": "application/json"} | headers
    response = account.runtime.invoke_endpoint(EndpointName=endpoint, Body=text, **headers)
    return str(response["Body"].read().decode())


def error_of(account: Account, endpoint: str, body: Any, **headers: str) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        invoke(account, endpoint, body, **headers)
    return caught.value.response["OriginalStatusCode"], caught.value.response["OriginalMessage"]
