"""A program for test_full_disk.py: use a local AWS whose temporary folder is a small disk."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local_aws.testing import running_local_aws
from local_aws.tests.account import IMAGE, Account, archive
from local_aws.tests.awslambda.functions import Lambdas, zipped

_MEGABYTE = 2**20


def refused(call: Callable[..., Any], **request: Any) -> dict[str, Any]:
    """Make a call that must fail; return its code, message, and status."""
    try:
        call(**request)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {**error.response["Error"], "Status": status}
    raise AssertionError("the call did not fail")


def main(folder: Path) -> None:
    """Fill the disk in several ways; print what the local AWS answers and logs."""
    log = folder.parent / "log"
    found: dict[str, Any] = {}
    with running_local_aws("--instance-cpus", "1", log=log) as aws:
        account = Account(aws)
        account.s3 = aws.client("s3", retries=0)
        lambdas = Lambdas(aws, account)
        uri = account.upload("data/one.bin", os.urandom(4 * _MEGABYTE))
        (folder / "filler").write_bytes(bytes(free(folder) - 2 * _MEGABYTE))
        found["object"] = refused(
            account.s3.put_object, Bucket=account.bucket, Key="k", Body=os.urandom(12 * _MEGABYTE)
        )
        request = lambdas.request("", Code={"ZipFile": zipped({"a.py": os.urandom(3 * _MEGABYTE)})})
        found["function"] = refused(lambdas.client.create_function, **request)
        source = {"S3DataType": "S3Prefix", "S3Uri": uri.removesuffix("/one.bin")}
        channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
        job = account.run_job("print(1)", "Failed", InputDataConfig=[channel])
        found["job"] = job["FailureReason"]
        model = account.upload(
            "model/model.tar.gz", archive({"weights": os.urandom(3 * _MEGABYTE)})
        )
        name = account.start_endpoint({"Image": IMAGE, "ModelDataUrl": model})
        found["endpoint"] = account.settled_endpoint(name)["FailureReason"]
    found["log"] = log.read_text(encoding="utf-8")
    sys.stdout.write(json.dumps(found))


def free(folder: Path) -> int:
    """Return the free bytes of a disk."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


if __name__ == "__main__":
    main(Path(sys.argv[1]))
