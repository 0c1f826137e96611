"""What the instances of a job know of one another: names, types and addresses.

A laptop resolves no algo-1, and two machines on one laptop cannot both have port 8890, where
TensorFlow's workers meet. So each has a port of 127.0.0.1, which TF_CONFIG says in place of that.
"""

from dataclasses import dataclass
from typing import Any

from local_aws.records import Record
from local_aws.sagemaker.hosting.ports import give_back, take_range

_GROUP = "homogeneousCluster"


@dataclass(frozen=True)
class Cluster:
    """The hosts of a job, in the order of their names, each with an address of its own."""

    instance_type: str
    ports: dict[str, int]

    @property
    def hosts(self) -> list[str]:
        """The names of the hosts, as they are sorted on AWS: algo-10 before algo-2."""
        return list(self.ports)

    @property
    def addresses(self) -> dict[str, str]:
        """Where the worker of each host can be reached, and no other program is."""
        return {host: f"127.0.0.1:{port}" for host, port in self.ports.items()}

    def resources(self, host: str) -> dict[str, Any]:
        """Return what resourceconfig.json says on a host."""
        group = {
            "instance_group_name": _GROUP,
            "instance_type": self.instance_type,
            "hosts": self.hosts,
        }
        return {
            "current_host": host,
            "hosts": self.hosts,
            "current_instance_type": self.instance_type,
            "current_group_name": _GROUP,
            "current_instance_group": _GROUP,
            "instance_groups": [group],
            "network_interface_name": "lo",
        }

    def dissolve(self) -> None:
        """Give the ports back."""
        for port in self.ports.values():
            give_back(port)


def form_cluster(resources: Record) -> Cluster:
    """Return the cluster that a ResourceConfig asks for."""
    count = resources["InstanceCount"]
    hosts = sorted(f"algo-{number}" for number in range(1, count + 1))
    ports = take_range(count)  # none of those that a connection may get before TensorFlow listens
    return Cluster(resources.get("InstanceType", "local"), dict(zip(hosts, ports, strict=True)))
