"""Macros: AWS::Include, and the SAM transform by AWS's own translator."""

import copy
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloud import session
from local_aws.cloudformation.errors import InsufficientCapabilities, StackError
from local_aws.cloudformation.intrinsics import Resolver
from local_aws.cloudformation.template import Template, check_structure, parse, plain, walk

_SERVERLESS = "AWS::Serverless-2016-10-31"
_INCLUDE = "AWS::Include"
_CAPABILITY = "CAPABILITY_AUTO_EXPAND"
_translating = threading.Lock()  # the translator keeps the region in a class attribute


def transforms_of(template: Template) -> list[str]:
    """Return the names of the macros of a template."""
    transform = template.get("Transform", [])
    entries = [transform] if isinstance(transform, str | dict) else list(transform)
    names = [entry if isinstance(entry, str) else str(entry.get("Name")) for entry in entries]
    if any(isinstance(item, dict) and "Fn::Transform" in item for item in walk(template)):
        names.append(_INCLUDE)
    return names


def expand(
    template: Template,
    values: Mapping[str, Any],
    capabilities: list[str],
    fetch: Callable[[str], str],
) -> Template:
    """Return the template without macros; `fetch` reads the text at an s3:// address."""
    names = transforms_of(template)
    if not names:
        return template
    for name in names:
        if name not in (_SERVERLESS, _INCLUDE):
            raise StackError(f"No transform named {name} found.")
    if _CAPABILITY not in capabilities:
        raise InsufficientCapabilities(f"Requires capabilities : [{_CAPABILITY}]")
    expanded: Template = _include(copy.deepcopy(template), Resolver(values), fetch)
    if _SERVERLESS in names:
        expanded = _translate(expanded, values)
    expanded.pop("Transform", None)
    check_structure(expanded)
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
    fragment = parse(fetch(location))
    if not inner:
        return fragment
    if not isinstance(fragment, dict):
        raise StackError(f"Transform {_INCLUDE} failed with: {location} does not hold a map")
    return {**inner, **fragment}


def _location(macro: Any, resolver: Resolver) -> str:
    name = macro.get("Name") if isinstance(macro, dict) else macro
    if not isinstance(macro, dict) or name != _INCLUDE:
        raise StackError(f"No transform named {name} found.")
    location = resolver.resolve(macro.get("Parameters", {})).get("Location")
    if not isinstance(location, str) or not location.startswith("s3://"):
        raise StackError(
            f"Transform {_INCLUDE} failed with: The location parameter is not a valid S3 uri."
        )
    return location


def _translate(template: Template, values: Mapping[str, Any]) -> Template:
    """Run AWS's own translator, which takes seconds to import.

    Its main function, transform(), would take the region from the user's AWS configuration.
    """
    from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.utils import py27hash_fix

    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    policies = get_bundled_managed_policy_map(values["AWS::Partition"])
    parameters = dict(values)
    # The logical ids that the translator generates depend on this conversion.
    py27hash_fix.to_py27_compatible_template(template, parameters)
    with _translating:
        translator = Translator(policies, Parser(), boto_session=session(values["AWS::Region"]))
        try:
            translated = translator.translate(
                template, parameter_values=parameters, passthrough_metadata=True
            )
        except InvalidDocumentException as error:
            causes = " ".join(cause.message for cause in error.causes)
            raise StackError(
                f"Transform {_SERVERLESS} failed with: Invalid Serverless Application "
                f"Specification document. Number of errors found: {len(error.causes)}. {causes}"
            ) from error
    return dict(plain(py27hash_fix.undo_mark_unicode_str_in_template(translated)))
