"""The names, types, and addresses of a job's instances.

The name algo-1 does not resolve on a computer, and instances that share a computer cannot all have
port 8890, which TensorFlow's workers use. So TF_CONFIG has its own port of 127.0.0.1 for each.
"""

from dataclasses import dataclass
from typing import Any

from local_aws.records import Record
from local_aws.sagemaker.hosting.ports import give_back, take_ports

_GROUP = "homogeneousCluster"


@dataclass(frozen=True)
class Cluster:
    """The hosts of a job, sorted by name, each with its own port."""

    instance_type: str
    ports: dict[str, int]

    @property
    def hosts(self) -> list[str]:
        """The names of the hosts, sorted as on AWS: algo-10 comes before algo-2."""
        return list(self.ports)

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each host's worker, which no other program uses."""
        return {host: f"127.0.0.1:{port}" for host, port in self.ports.items()}

    def resources(self, host: str) -> dict[str, Any]:
        """Return the contents of resourceconfig.json on a host."""
        type_, hosts = self.instance_type, self.hosts
        return {
            "current_host": host,
            "hosts": hosts,
            "current_instance_type": type_,
            "current_group_name": _GROUP,
            "current_instance_group": _GROUP,
            "instance_groups": [
                {"instance_group_name": _GROUP, "instance_type": type_, "hosts": hosts}
            ],
            "network_interface_name": "lo",
        }

    def release(self) -> None:
        """Release the ports."""
        give_back(self.ports.values())


def form_cluster(resources: Record) -> Cluster:
    """Return the cluster that a ResourceConfig describes."""
    count = resources["InstanceCount"]
    hosts = sorted(f"algo-{number}" for number in range(1, count + 1))
    ports = take_ports(count)  # outgoing connections cannot take these before TensorFlow does
    return Cluster(resources.get("InstanceType", "local"), dict(zip(hosts, ports, strict=True)))
