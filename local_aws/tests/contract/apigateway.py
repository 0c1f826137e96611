"""The contract of HTTP APIs."""

from local_aws.tests.contract.observation import Section

SECTIONS: tuple[Section, ...] = ()
