"""The credentials of functions: real sessions of their roles, which the local IAM enforces."""

import threading
import time

from local_aws import cloud
from local_aws.settings import Settings

_SECONDS = 3600.0  # after which a new session is used; those of the local STS do not expire
_MIN_SESSION_NAME = 2


class RoleSessions:
    """Sessions by role and function, each created for the first execution environment."""

    def __init__(self, settings: Settings, region: str) -> None:
        self._settings, self._region = settings, region
        self._sessions: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def variables(self, role: str, function: str) -> dict[str, str]:
        """Return the environment variables of a session, which AWS names after the function.

        A change of the role's policies takes effect at once. If the role is deleted, its sessions
        stay and every call with them is refused.
        """
        with self._lock:
            created, variables = self._sessions.get((role, function), (0.0, {}))
            if not variables or time.monotonic() - created > _SECONDS:
                variables = self._assume(role, function)
                self._sessions[role, function] = time.monotonic(), variables
            return variables

    def _assume(self, role: str, function: str) -> dict[str, str]:
        sts = cloud.client("sts", self._settings, self._region)
        session_name = function.ljust(_MIN_SESSION_NAME, "-")
        session = sts.assume_role(RoleArn=role, RoleSessionName=session_name)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        }
