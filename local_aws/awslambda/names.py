"""The names of functions, in the four forms that Lambda takes, and their ARNs."""

import re
from dataclasses import dataclass

from local_aws.errors import FunctionNotFound, InvalidParameterValue

LATEST = "$LATEST"
_NAME = re.compile(
    r"(arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):)?((?P<account>\d{12}):)?(function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(:(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)
_MOST_CHARACTERS = 64  # of the name alone; the service model's limit is that of the ARN


@dataclass(frozen=True)
class Place:
    """The account and the region that functions are in."""

    account: str
    region: str

    def arn(self, name: str, qualifier: str | None = None) -> str:
        """Return the ARN of a function, or of a version or alias of it."""
        whole = f"arn:aws:lambda:{self.region}:{self.account}:function:{name}"
        return f"{whole}:{qualifier}" if qualifier else whole

    def read(self, given: str, qualifier: str | None = None) -> tuple[str, str | None]:
        """Return name and qualifier of a name or an ARN; the qualifier may be in either."""
        found = _NAME.fullmatch(given)
        if found is None or len(found["name"]) > _MOST_CHARACTERS:
            raise InvalidParameterValue(
                f"The function name {given[:200]!r} is none: expected at most {_MOST_CHARACTERS} "
                "letters, digits, - and _, or the ARN of a function."
            )
        if qualifier and found["qualifier"] and qualifier != found["qualifier"]:
            raise InvalidParameterValue(
                "The derived qualifier from the function name does not match the specified "
                "qualifier."
            )
        elsewhere = (found["region"] or self.region, found["account"] or self.account)
        if elsewhere != (self.region, self.account):
            raise FunctionNotFound(f"Function not found: {given}")
        return found["name"], qualifier or found["qualifier"]
