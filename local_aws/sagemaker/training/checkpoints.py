"""The checkpoint folder of an instance: downloaded from S3, and uploaded during the job.

As on AWS, all instances use the same prefix, and files with the same name overwrite one another.
"""

import os
from pathlib import Path

from local_aws.errors import not_reproduced
from local_aws.records import Record
from local_aws.sagemaker import objects
from local_aws.sagemaker.jobs.uploads import Uploads

DEFAULT_PATH = "/opt/ml/checkpoints"


def checkpoint_folder(config: Record, ml: Path) -> Path:
    """Return the checkpoint folder below `ml`; raise ValidationError unless it is below /opt/ml."""
    path = Path(os.path.normpath(config.get("LocalPath") or DEFAULT_PATH))
    if not path.is_relative_to("/opt/ml") or path == Path("/opt/ml"):
        raise not_reproduced(
            f"CheckpointConfig.LocalPath {config['LocalPath']!r} of CreateTrainingJob (use a "
            "folder below /opt/ml, the only one that each job has for itself)"
        )
    return ml / path.relative_to("/opt/ml")


class Checkpoints(Uploads):
    """Copies the checkpoint folder to a prefix, in a thread, from start() until finish()."""

    noun = "Checkpoint"
    follows_links = True

    def download(self) -> None:
        """Download the files that earlier jobs stored under the prefix."""
        objects.download_prefix(self.s3, f"{self.uri}/", self.folder)
        self.stored = self.stamps()
