"""Macros: AWS::Include, and the transform of SAM by AWS's own translator."""

import copy
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloud import session
from local_aws.cloudformation.errors import InsufficientCapabilities, StackError
from local_aws.cloudformation.intrinsics import Resolver
from local_aws.cloudformation.template import Template, check_frame, plain, read_fragment, walk

SERVERLESS = "AWS::Serverless-2016-10-31"
_INCLUDE = "AWS::Include"
_EXPAND = "CAPABILITY_AUTO_EXPAND"
_translating = threading.Lock()  # the translator keeps the region in a class


def transforms_of(template: Template) -> list[str]:
    """Return the macros that a template names."""
    given = template.get("Transform", [])
    names = [given] if isinstance(given, str | dict) else list(given)
    found = [name if isinstance(name, str) else str(name.get("Name")) for name in names]
    if any(isinstance(item, dict) and "Fn::Transform" in item for item in walk(template)):
        found.append(_INCLUDE)
    return found


def expand(
    template: Template,
    values: Mapping[str, Any],
    capabilities: list[str],
    fetch: Callable[[str], str],
) -> Template:
    """Return the template without macros; fetch reads the text at an s3:// address."""
    names = transforms_of(template)
    if not names:
        return template
    for name in names:
        if name not in (SERVERLESS, _INCLUDE):
            raise StackError(f"No transform named {name} found.")
    if _EXPAND not in capabilities:
        raise InsufficientCapabilities(f"Requires capabilities : [{_EXPAND}]")
    resolver = Resolver(values)
    expanded: Template = _include(copy.deepcopy(template), resolver, fetch)
    if SERVERLESS in names:
        expanded = _translate(expanded, values)
    expanded.pop("Transform", None)
    check_frame(expanded)
    return expanded


def _include(value: Any, resolver: Resolver, fetch: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_include(item, resolver, fetch) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _include(item, resolver, fetch) for name, item in value.items()}
    macro = inner.pop("Fn::Transform", None)
    if macro is None:
        return inner
    location = _location(macro, resolver)
    fragment = read_fragment(fetch(location))
    if not inner:
        return fragment
    if not isinstance(fragment, dict):
        raise StackError(f"Transform {_INCLUDE} failed with: {location} holds no map")
    return {**inner, **fragment}


def _location(macro: Any, resolver: Resolver) -> str:
    if not isinstance(macro, dict) or macro.get("Name") != _INCLUDE:
        raise StackError(f"No transform named {macro.get('Name') if macro else macro} found.")
    location = resolver.resolve(macro.get("Parameters", {})).get("Location")
    if not isinstance(location, str) or not location.startswith("s3://"):
        raise StackError(
            f"Transform {_INCLUDE} failed with: The location parameter is not a valid S3 uri."
        )
    return location


def _translate(template: Template, values: Mapping[str, Any]) -> Template:
    """Run AWS's own translator, which takes seconds to import.

    Its one-call entry, transform(), would look for a region in the laptop's own AWS settings.
    """
    from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.utils import py27hash_fix

    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    policies = get_bundled_managed_policy_map(values["AWS::Partition"])
    given = dict(values)
    py27hash_fix.to_py27_compatible_template(template, given)  # its logical ids depend on it
    with _translating:
        translator = Translator(policies, Parser(), boto_session=session(values["AWS::Region"]))
        try:
            translated = translator.translate(
                template, parameter_values=given, passthrough_metadata=True
            )
        except InvalidDocumentException as error:
            causes = " ".join(cause.message for cause in error.causes)
            raise StackError(
                f"Transform {SERVERLESS} failed with: Invalid Serverless Application Specification "
                f"document. Number of errors found: {len(error.causes)}. {causes}"
            ) from error
    return dict(plain(py27hash_fix.undo_mark_unicode_str_in_template(translated)))
