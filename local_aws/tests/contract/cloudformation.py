"""The contract of CloudFormation."""

from local_aws.tests.contract.observation import Section, documented, ours, ran, source

_STACKS = Section(
    "CloudFormation: stacks",
    (
        documented(
            "stack-order",
            "Resources are created after those that they refer to, and deleted before them. Here "
            "independent ones follow each other.",
        ),
        documented(
            "stack-rollback",
            "If a resource fails, the others are deleted again, unless OnFailure is DO_NOTHING.",
        ),
        source(
            "stack-replacement",
            "AWS's schemas say which properties require replacement. It also reaches dependents, "
            "and the old resources are deleted after the update.",
        ),
        documented("stack-names", "Replacing a resource with an explicit name fails."),
        documented("stack-update-rollback", "A failed update restores every resource."),
        documented("stack-no-updates", "An update without changes is refused."),
        documented("stack-retain", "The policy Retain keeps a deleted or replaced resource."),
        documented("stack-delete-failed", "A bucket with objects fails the deletion."),
        documented("stack-tokens", "A request repeated with its token has no effect."),
        documented("stack-in-progress", "A stack in progress refuses another operation."),
        documented("stack-tags", "Tags of a stack are set on its resources."),
        documented(
            "stack-change-sets",
            "A change set lists the changes, with their replacements, and is executed once; the "
            "others of the stack are deleted. One without changes is FAILED.",
        ),
    ),
)
_TEMPLATES = Section(
    "CloudFormation: templates",
    (
        source("template-schemas", "Properties are checked against AWS's published schemas."),
        documented(
            "template-functions",
            "Ref, GetAtt, Sub, Join, Split, Select, If, Equals, And, Or, Not, FindInMap and Base64 "
            "are evaluated.",
        ),
        documented(
            "template-parameters",
            "Parameters are checked against their types and rules, can keep their previous values, "
            "and can come from the parameter store.",
        ),
        documented("template-conditions", "Conditions add and remove resources and outputs."),
        documented("template-capabilities", "Roles, names, and macros need a capability."),
        ran("template-sam", "AWS's own translator expands SAM templates; AWS::Include is read."),
        documented(
            "template-forms",
            "Templates are JSON or YAML with short forms, of at most 51,200 bytes in a request or "
            "1 MB in S3, without aliases.",
        ),
        documented("template-errors", "Malformed templates are refused with AWS's messages."),
        documented("template-validation", "ValidateTemplate returns what a template needs."),
        ours(
            "not-stack-types",
            "Stacks can have buckets, roles, policies, functions, HTTP APIs, log groups, and "
            "alarms. Other types are refused by name before anything is created.",
        ),
        ours(
            "not-stack-members",
            "Exports, imports, rules, hooks, creation and update policies, drift, stack sets, and "
            "termination protection are refused by name.",
        ),
        ours("not-stack-properties", "Other properties fail their resource by name."),
    ),
)
SECTIONS = (_STACKS, _TEMPLATES)
