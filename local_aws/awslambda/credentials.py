"""The credentials of functions: real sessions of their roles, which the local IAM enforces."""

import threading
import time

from local_aws import cloud
from local_aws.settings import Settings

_SECONDS = 3600.0  # that a session is handed out; the local STS lets none run out
_SHORTEST_NAME = 2  # of a session


class RoleSessions:
    """Sessions by role and function, made when the first execution environment needs one."""

    def __init__(self, settings: Settings, region: str) -> None:
        self._settings, self._region = settings, region
        self._sessions: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def variables(self, role: str, function: str) -> dict[str, str]:
        """Return the environment variables with a session of a role; AWS names it as the function.

        A role whose policies change has a say at once; one that is deleted keeps its sessions, of
        which every call is refused then.
        """
        with self._lock:
            made, found = self._sessions.get((role, function), (0.0, {}))
            if not found or time.monotonic() - made > _SECONDS:
                found = self._assume(role, function)
                self._sessions[role, function] = time.monotonic(), found
            return found

    def _assume(self, role: str, function: str) -> dict[str, str]:
        sts = cloud.client("sts", self._settings, self._region)
        session_name = function.ljust(_SHORTEST_NAME, "-")  # a function's may be of one character
        session = sts.assume_role(RoleArn=role, RoleSessionName=session_name)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        }
