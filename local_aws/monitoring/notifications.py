"""The functions that SNS topics and notifications of buckets invoke; moto would use Docker."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.s3 import notifications as bucket_notifications
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription

# Sends an event to the function with an ARN, for a service and the ARN of its resource.
Send = Callable[[str, str, str, Mapping[str, Any]], None]
_PUBLISH, _SUBSCRIBE = Subscription.publish, SNSBackend.subscribe
_S3 = "s3.amazonaws.com"
_SERVICE, _PARTS = "sns.amazonaws.com", (7, 8)  # of the ARN of a function, without or with a name


def install(send: Send) -> None:
    """Make moto send the messages of topics and buckets to functions of the local Lambda."""

    def publish(self: Any, message: str, message_id: str, *arguments: Any, **named: Any) -> None:
        if self.protocol != "lambda":
            _PUBLISH(self, message, message_id, *arguments, **named)
            return
        attributes = named.get("message_attributes")
        matcher = self._filter_policy_matcher
        if matcher is None or matcher.matches(attributes, message):
            if named.get("message_structure") == "json":
                message = self._parse_message_structure(message, self.protocol)
            event = _event(self, message, message_id, named.get("subject"), attributes)
            send(self.endpoint, _SERVICE, self.topic.arn, event)

    topic, backend = Subscription, SNSBackend
    topic.publish, backend.subscribe = publish, _subscribe  # type: ignore[method-assign]

    def invoke(account: str, event: Mapping[str, Any], arn: str, region: str) -> None:
        s3 = event["Records"][0]["s3"]
        s3["object"]["key"] = s3["object"]["key"].replace("%2F", "/")  # which S3 does not encode
        send(arn, _S3, s3["bucket"]["arn"], event)

    buckets: Any = bucket_notifications
    buckets._invoke_awslambda = invoke


def _subscribe(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
    parts = endpoint.split(":")
    is_function = parts[2:3] == ["lambda"] and parts[5:6] == ["function"] and len(parts) in _PARTS
    if protocol == "lambda" and not is_function:
        raise SNSInvalidParameter("Invalid parameter: Lambda endpoint ARN")
    return _SUBSCRIBE(self, topic_arn, endpoint, protocol)


def _event(
    subscription: Subscription,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the event with a message, whose addresses have other names than in HTTP requests."""
    sent = subscription.get_post_data(message, message_id, subject)
    addresses = {f"{name}Url": sent.pop(f"{name}URL") for name in ("SigningCert", "Unsubscribe")}
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "EventSource": "aws:sns",
        "Sns": {"Subject": None, **sent, **addresses, "MessageAttributes": attributes or {}},
    }
    return {"Records": [record]}
