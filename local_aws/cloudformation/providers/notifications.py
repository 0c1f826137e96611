"""AWS::SNS::Topic, TopicPolicy, and Subscription."""

import json

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, change_tags
from local_aws.cloudformation.records import Properties

_MAX_TOPIC_NAME = 256
_POLICY = "Policy"
_SUBSCRIPTION = ("Protocol", "Endpoint")


def _create_topic(context: Context, properties: Properties) -> str:
    sns = context.client("sns")
    name = context.name(properties.get("TopicName"), _MAX_TOPIC_NAME)
    arn = context.arn("sns", name)
    pages = sns.get_paginator("list_topics").paginate()
    if any(topic["TopicArn"] == arn for page in pages for topic in page["Topics"]):
        raise ResourceFailure(f"{name} already exists.")
    tags = properties.get("Tags", [])
    return str(sns.create_topic(Name=name, Tags=tags)["TopicArn"])


def _apply_topic(context: Context, arn: str, old: Properties, new: Properties) -> None:
    sns = context.client("sns")
    if old.get("DisplayName", "") != new.get("DisplayName", ""):
        name, value = "DisplayName", new.get("DisplayName", "")
        sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
    before, after = (properties.get("Subscription", []) for properties in (old, new))
    gone = [item for item in before if item not in after]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn) if gone else ()
    for subscription in (item for page in pages for item in page["Subscriptions"]):
        if {key: subscription[key] for key in _SUBSCRIPTION} in gone:  # it may have others
            sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    for item in (item for item in after if item not in before):
        sns.subscribe(TopicArn=arn, **item)
    if old:
        change_tags(sns, {"ResourceArn": arn}, old, new)


def _apply_policy(context: Context, _: str, old: Properties, new: Properties) -> None:
    for topic in set(old.get("Topics", [])) - set(new["Topics"]):
        _set_policy(context, topic, _default_policy(context, topic))
    for topic in new["Topics"]:
        _set_policy(context, topic, new["PolicyDocument"])


def _delete_policy(context: Context, _: str, properties: Properties) -> None:
    for topic in properties["Topics"]:
        _set_policy(context, topic, _default_policy(context, topic))


def _set_policy(context: Context, topic: str, policy: Properties) -> None:
    sns, text = context.client("sns"), json.dumps(policy)
    sns.set_topic_attributes(TopicArn=topic, AttributeName=_POLICY, AttributeValue=text)


def _default_policy(context: Context, topic: str) -> Properties:
    """Return the policy of a topic without one: everything for its own account."""
    account = context.region.settings.account_id
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


def _subscribe(context: Context, properties: Properties) -> str:
    reply = context.client("sns").subscribe(**properties, ReturnSubscriptionArn=True)
    return str(reply["SubscriptionArn"])


PROVIDERS = {
    "AWS::SNS::Topic": Provider(
        properties=frozenset({"TopicName", "DisplayName", "Subscription", "Tags"}),
        create=_create_topic,
        apply=_apply_topic,
        attributes=lambda _, arn, properties: {
            "TopicArn": arn,
            "TopicName": arn.rpartition(":")[2],
        },
        delete=lambda context, arn, _: context.client("sns").delete_topic(TopicArn=arn),
        missing=("NotFound",),
    ),
    "AWS::SNS::TopicPolicy": Provider(
        properties=frozenset({"PolicyDocument", "Topics"}),
        create=lambda context, _: context.name(None),
        apply=_apply_policy,
        delete=_delete_policy,
        missing=("NotFound",),
    ),
    "AWS::SNS::Subscription": Provider(
        properties=frozenset({"TopicArn", "Protocol", "Endpoint"}),
        create=_subscribe,
        delete=lambda context, arn, _: context.client("sns").unsubscribe(SubscriptionArn=arn),
        missing=("NotFound",),
    ),
}
