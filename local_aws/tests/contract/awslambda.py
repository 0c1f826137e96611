"""The contract of Lambda and its runtime."""

from local_aws.tests.contract.observation import Section

SECTIONS: tuple[Section, ...] = ()
