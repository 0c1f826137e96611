"""SNS topics with policies and subscriptions, and dashboards, in templates."""

import json

from local_aws.tests.account import unique
from local_aws.tests.cloudformation.stacks import resource

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "*",
        }
    ],
}


def resources(email, title):
    """Return a topic with a policy and a subscription, and a dashboard."""
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": title}}]})
    return {
        "Topic": resource("AWS::SNS::Topic", DisplayName=title),
        "Policy": resource(
            "AWS::SNS::TopicPolicy", Topics=[{"Ref": "Topic"}], PolicyDocument=POLICY
        ),
        "Mail": resource(
            "AWS::SNS::Subscription", TopicArn={"Ref": "Topic"}, Protocol="email", Endpoint=email
        ),
        "Dashboard": resource("AWS::CloudWatch::Dashboard", DashboardBody=body),
    }


def test_stack_creates_changes_and_deletes_a_topic_and_a_dashboard(stacks):
    sns, cloudwatch = (stacks.account.aws.client(name) for name in ("sns", "cloudwatch"))
    name = stacks.create(resources("a@example.com", "before"))
    ids = stacks.physical(name)
    topic, dashboard = ids["Topic"], ids["Dashboard"]

    def seen():
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        mails = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        body = cloudwatch.get_dashboard(DashboardName=dashboard)["DashboardBody"]
        policy = json.loads(attributes["Policy"])
        return attributes["DisplayName"], [mail["Endpoint"] for mail in mails], body, policy

    title, mails, body, policy = seen()
    assert (title, mails, "before" in body, policy) == ("before", ["a@example.com"], True, POLICY)
    stacks.update(name, resources("b@example.com", "after"))
    title, mails, body, _ = seen()
    assert (title, mails, "after" in body) == ("after", ["b@example.com"], True)
    stacks.delete(name)
    assert topic not in {item["TopicArn"] for item in sns.list_topics()["Topics"]}
    assert dashboard not in {
        item["DashboardName"] for item in cloudwatch.list_dashboards()["DashboardEntries"]
    }


def test_stack_changes_only_its_own_subscriptions_of_a_topic(stacks):
    sns = stacks.account.aws.client("sns")

    def topic(email):
        return {
            "Topic": resource(
                "AWS::SNS::Topic", Subscription=[{"Protocol": "email", "Endpoint": email}]
            )
        }

    name = stacks.create(topic("a@example.com"))
    arn = stacks.physical(name)["Topic"]
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="someone@example.com")
    stacks.update(name, topic("b@example.com"))
    mails = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert {mail["Endpoint"] for mail in mails} == {"b@example.com", "someone@example.com"}


def test_stack_does_not_take_over_one_of_many_topics(stacks):
    sns = stacks.account.aws.client("sns")
    arns = [sns.create_topic(Name=unique("topic"))["TopicArn"] for _ in range(101)]
    for arn in (arns[0], arns[-1]):
        name = stacks.start({"Topic": resource("AWS::SNS::Topic", TopicName=arn.split(":")[-1])})
        stacks.wait(name, "ROLLBACK_COMPLETE")
        assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["TopicArn"] == arn
    for arn in arns:
        sns.delete_topic(TopicArn=arn)
