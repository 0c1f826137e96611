"""The names of functions, in the four forms that Lambda accepts, and their ARNs."""

import re
from dataclasses import dataclass

from local_aws.awslambda.errors import FunctionNotFound, InvalidParameterValue

LATEST = "$LATEST"
_NAME = re.compile(
    r"(arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):)?((?P<account>\d{12}):)?(function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(:(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)
_MAX_CHARACTERS = 64  # of the name alone; the limit in the service model is that of an ARN


@dataclass(frozen=True)
class Place:
    """The account and the region of functions."""

    account: str
    region: str

    def arn(self, name: str, qualifier: str | None = None) -> str:
        """Return the ARN of a function, or of a version or alias of it."""
        arn = f"arn:aws:lambda:{self.region}:{self.account}:function:{name}"
        return f"{arn}:{qualifier}" if qualifier else arn

    def read(self, name_or_arn: str, qualifier: str | None = None) -> tuple[str, str | None]:
        """Return the name and the qualifier, which may be part of the name or separate."""
        match = _NAME.fullmatch(name_or_arn)
        if match is None or len(match["name"]) > _MAX_CHARACTERS:
            raise InvalidParameterValue(
                f"The function name {name_or_arn[:200]!r} is not valid: expected at most "
                f"{_MAX_CHARACTERS} letters, digits, - and _, or the ARN of a function."
            )
        if qualifier and match["qualifier"] and qualifier != match["qualifier"]:
            raise InvalidParameterValue(
                "The derived qualifier from the function name does not match the specified "
                "qualifier."
            )
        place = (match["region"] or self.region, match["account"] or self.account)
        if place != (self.region, self.account):
            raise FunctionNotFound(f"Function not found: {name_or_arn}")
        return match["name"], qualifier or match["qualifier"]
