"""Read the body of a request that may lie about its length, break off, or be too long."""

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request

from local_aws.errors import ServiceError


def read_body(request: Request, most: int, refusal: type[ServiceError]) -> bytes:
    """Return the body of at most so many bytes, its length announced or not; or raise the refusal.

    It is refused too if it is not what its headers say.
    """
    request.max_content_length = most + 1  # what is longer may come cut off
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        too_long = True
    except (OSError, ValueError, HTTPException) as error:
        raise refusal(f"The body of the request cannot be read to its end: {error}") from error
    else:
        too_long = len(body) > most
    if too_long:
        raise refusal(f"The body has more than {most} bytes, the most that is accepted.")
    return body
