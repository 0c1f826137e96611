"""Read the body of a request that may lie about its length or break off."""

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request

from infra.local_aws.errors import ServiceError


def read_body(request: Request, refusal: type[ServiceError]) -> bytes:
    """Return the body; raise the refusal if it is not what its headers say.

    RequestEntityTooLarge is the caller's, who set the limit.
    """
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise
    except (OSError, ValueError, HTTPException) as error:
        raise refusal(f"The body of the request cannot be read to its end: {error}") from error
