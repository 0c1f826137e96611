"""Macros: AWS::Include, loops (Fn::ForEach), and SAM by AWS's own translator."""

import copy
import logging
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.cloud import session
from local_aws.cloudformation.errors import InsufficientCapabilities, StackError, template_error
from local_aws.cloudformation.intrinsics import Resolver
from local_aws.cloudformation.template import Template, check_structure, parse, plain, walk
from local_aws.errors import not_reproduced

_SERVERLESS = "AWS::Serverless-2016-10-31"
INCLUDE = "AWS::Include"
CAPABILITY = "CAPABILITY_AUTO_EXPAND"
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_LOOP = "Fn::ForEach::"
_SECTIONS = ("Conditions", "Resources", "Outputs")
_REFUSED = ("Fn::Length", "Fn::ToJsonString")
_translating = threading.Lock()  # the translator keeps the region in a class attribute


def transforms_of(template: Template) -> list[str]:
    """Return the names of the macros of a template."""
    transform = template.get("Transform", [])
    entries = transform if isinstance(transform, list) else [transform]
    names = [str(entry.get("Name") if isinstance(entry, dict) else entry) for entry in entries]
    if any(isinstance(item, dict) and "Fn::Transform" in item for item in walk(template)):
        names.append(INCLUDE)
    return names


def expand(
    template: Template,
    values: Mapping[str, Any],
    fetch: Callable[[str], str],
    is_acknowledged: bool,
) -> Template:
    """Return the template without macros; `fetch` reads the text at an s3:// address."""
    names = transforms_of(template)
    if not names:
        return template
    for name in names:
        if name not in (_SERVERLESS, INCLUDE, LANGUAGE_EXTENSIONS):
            raise StackError(f"No transform named {name} found.")
    if not is_acknowledged:
        raise InsufficientCapabilities(f"Requires capabilities : [{CAPABILITY}]")
    expanded = _include(copy.deepcopy(template), Resolver(values), fetch)
    if not isinstance(expanded, dict):
        raise template_error("unsupported structure.")
    if LANGUAGE_EXTENSIONS in names:
        expanded = unroll(expanded, values)
    check_structure(expanded)
    if _SERVERLESS in names:
        expanded = _translate(expanded, values)
        check_structure(expanded)
    expanded.pop("Transform", None)
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
        raise StackError(f"Transform {INCLUDE} failed with: {location} does not hold a map")
    return {**inner, **fragment}


def _location(macro: Any, resolver: Resolver) -> str:
    name = macro.get("Name") if isinstance(macro, dict) else macro
    if not isinstance(macro, dict) or name != INCLUDE:
        raise StackError(f"No transform named {name} found.")
    options = resolver.resolve(macro.get("Parameters", {}))
    location = options.get("Location") if isinstance(options, dict) else None
    if not isinstance(location, str) or not location.startswith("s3://"):
        raise StackError(
            f"Transform {INCLUDE} failed with: The location parameter is not a valid S3 uri."
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


def unroll(template: Template, values: Mapping[str, Any]) -> Template:
    """Return the template with the fragment of each loop repeated; `values` are the parameters'."""
    return {
        name: _unroll(section, values) if name in _SECTIONS else section
        for name, section in template.items()
    }


def _unroll(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_unroll(item, values) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key in _REFUSED:
            raise not_reproduced(f"{key} of {LANGUAGE_EXTENSIONS}")
        if key.startswith(_LOOP):
            parts = [_unroll(part, values) for part in _iterations(key, item, values)]
        else:
            parts = [{key: _unroll(item, values)}]
        for part in parts:
            for name in part:
                if name in result:
                    raise _failure(f"{key} makes {name} twice")
            result |= part
    return result


def _iterations(key: str, loop: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a loop's fragment for each item of its collection."""
    if not (
        isinstance(loop, list)
        and len(loop) == 3
        and isinstance(loop[0], str)
        and isinstance(loop[2], dict)
    ):
        raise _failure(f"{key} is not a list of an identifier, a collection, and a map")
    identifier, collection, fragment = loop
    if isinstance(collection, dict) and collection.keys() == {"Ref"}:
        collection = values.get(collection["Ref"])
    if not isinstance(collection, list) or not all(isinstance(item, str) for item in collection):
        raise _failure(f"the collection of {key} is not a list of strings")
    return [
        {_substitute(name, identifier, item): _substitute(part, identifier, item)}
        for item in collection
        for name, part in fragment.items()
    ]


def _substitute(value: Any, identifier: str, item: str) -> Any:
    """Replace ${Identifier}, &{Identifier} (alphanumeric characters only), and its Ref.

    An Fn::Sub that is left without variables becomes its text, which may name a resource.
    """
    if isinstance(value, str):
        letters = re.sub(r"[^A-Za-z0-9]", "", item)
        return value.replace(f"${{{identifier}}}", item).replace(f"&{{{identifier}}}", letters)
    if isinstance(value, list):
        return [_substitute(inner, identifier, item) for inner in value]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": identifier}:
        return item
    result = {
        _substitute(key, identifier, item): _substitute(inner, identifier, item)
        for key, inner in value.items()
    }
    text = result.get("Fn::Sub")
    return text if len(result) == 1 and isinstance(text, str) and "${" not in text else result


def _failure(reason: str) -> StackError:
    return StackError(f"Transform {LANGUAGE_EXTENSIONS} failed with: {reason}.")
