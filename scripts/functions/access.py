"""Who may call an HTTP API: anybody, callers with AWS credentials, or callers with tokens.

An HTTP API has neither keys per client nor a web application firewall. A protected API protects
all its routes, since each of them runs the function, and it has no page: a browser that opens
an address sends neither a signature nor a token.
"""

import argparse
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from newsgroup_classifier.errors import DeploymentError
from scripts.account.naming import LOOPBACK

OPEN, IAM, JWT = "none", "iam", "jwt"
FLAGS = ("auth", "jwt_issuer", "jwt_audience", "cors_origin")
# The parameters of infra/lambda.yaml, with its defaults.
DEFAULTS = {"Authorizer": OPEN, "JwtIssuer": "", "JwtAudience": "", "CorsOrigins": ""}
_NO_ORIGIN = "none"
_HEADERS = ("authorization", "content-type", "x-amz-date", "x-amz-security-token")
_SCHEME = "callers"


def add_access_arguments(group: Any) -> None:
    """Add the flags, which are None if they are not passed."""
    group.add_argument(
        "--auth",
        choices=(OPEN, IAM, JWT),
        help="who may call the API: anybody, callers with AWS credentials, or callers with a token "
        f"(default: {OPEN})",
    )
    group.add_argument(
        "--jwt-issuer", type=_issuer, metavar="URL", help=f"issuer of the tokens of --auth {JWT}"
    )
    group.add_argument(
        "--jwt-audience",
        type=_audience,
        action="append",
        metavar="NAME",
        help="audience or client id that a token must name; repeatable",
    )
    group.add_argument(
        "--cors-origin",
        type=_origin,
        action="append",
        metavar="ORIGIN",
        help="origin of web pages that may call the API, such as https://shop.example, or "
        f"{_NO_ORIGIN}; repeatable",
    )


def _issuer(text: str) -> str:
    address = urlsplit(text)
    is_local = address.scheme == "http" and address.hostname in LOOPBACK
    plain = not (address.query or address.fragment or re.search(r"[\s,]", text))
    if plain and address.hostname and (address.scheme == "https" or is_local):
        return text
    raise argparse.ArgumentTypeError(
        f"{text!r} is not an address of an issuer; expected an https:// address, or, on the local "
        "AWS, one such as http://127.0.0.1:8080"
    )


def _audience(text: str) -> str:
    if re.fullmatch(r"[^\s,]+", text):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is not a name without spaces and commas")


def _origin(text: str) -> str:
    if text == _NO_ORIGIN or re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", text):
        return text
    raise argparse.ArgumentTypeError(
        f"{text!r} is not an origin; expected a scheme and a host, such as https://shop.example, "
        f"or {_NO_ORIGIN}"
    )


def access_parameters(arguments: argparse.Namespace, previous: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that flags set; raise DeploymentError if they do not fit together."""
    parameters: dict[str, str] = {}
    if arguments.auth is not None:
        parameters["Authorizer"] = arguments.auth
    auth = parameters.get("Authorizer", previous.get("Authorizer", OPEN))
    if arguments.jwt_issuer is not None:
        parameters["JwtIssuer"] = arguments.jwt_issuer
    if arguments.jwt_audience is not None:
        parameters["JwtAudience"] = ",".join(arguments.jwt_audience)
    if auth != JWT and parameters.keys() & {"JwtIssuer", "JwtAudience"}:
        raise DeploymentError(
            f"--jwt-issuer and --jwt-audience are for --auth {JWT}; the API has --auth {auth}"
        )
    if auth != JWT:
        parameters |= {name: "" for name in ("JwtIssuer", "JwtAudience") if previous.get(name)}
    settings = {**DEFAULTS, **previous, **parameters}
    if auth == JWT and not (settings["JwtIssuer"] and settings["JwtAudience"]):
        raise DeploymentError(
            f"--auth {JWT} needs --jwt-issuer, whose tokens the API accepts, and --jwt-audience, "
            "which they must name"
        )
    if arguments.page and auth != OPEN:
        raise DeploymentError(
            f"--page is for --auth {OPEN}: a browser that opens the page sends neither a signature "
            "nor a token. Try the model with: python -m scripts.playground"
        )
    if arguments.cors_origin is not None:
        origins = list(dict.fromkeys(arguments.cors_origin))
        if _NO_ORIGIN in origins and len(origins) > 1:
            raise DeploymentError(
                f"--cors-origin {_NO_ORIGIN} allows no origin, and others are passed, too; pass "
                "only one of them"
            )
        parameters["CorsOrigins"] = ",".join(one for one in origins if one != _NO_ORIGIN)
    return parameters


def route_security(settings: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of a route's definition that says who may call it."""
    return {} if settings["Authorizer"] == OPEN else {"security": [{_SCHEME: []}]}


def api_security(settings: Mapping[str, str]) -> dict[str, Any]:
    """Return the parts of an API's definition that routes refer to, with CORS if pages may call it.

    The schemes are those that SAM writes.
    """
    definition: dict[str, Any] = {}
    if settings["CorsOrigins"]:
        definition["x-amazon-apigateway-cors"] = {
            "allowOrigins": _list("CorsOrigins"),
            "allowMethods": ["GET", "POST"],
            "allowHeaders": list(_HEADERS),
            "maxAge": 300,
        }
    schemes = {
        IAM: {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4",
        },
        JWT: {
            "type": "oauth2",
            "x-amazon-apigateway-authorizer": {
                "type": "jwt",
                "identitySource": "$request.header.Authorization",
                "jwtConfiguration": {
                    "issuer": {"Ref": "JwtIssuer"},
                    "audience": _list("JwtAudience"),
                },
            },
        },
    }
    if settings["Authorizer"] in schemes:
        definition["components"] = {"securitySchemes": {_SCHEME: schemes[settings["Authorizer"]]}}
    return definition


def _list(parameter: str) -> dict[str, Any]:
    return {"Fn::Split": [",", {"Ref": parameter}]}
