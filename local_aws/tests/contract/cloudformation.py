"""The contract of CloudFormation."""

from local_aws.tests.contract.observation import Section

SECTIONS: tuple[Section, ...] = ()
