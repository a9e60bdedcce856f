"""Labels and names: by them a container is found again, whoever started it."""

PREFIX = "org.daisy."
INSTANCE, PART, ACCOUNT = PREFIX + "instance", PREFIX + "part", PREFIX + "account"
# of a cluster's scheduler the cluster's name, of a worker its own
JOB = PREFIX + "job"


def labels(
    instance: str, part: str, account: str = "", job: str = ""
) -> dict[str, str]:
    """Return the labels of a container or network."""
    return {INSTANCE: instance, PART: part, ACCOUNT: account, JOB: job}


def name(instance: str, part: str, account: str = "", job: str = "") -> str:
    """Return the one name that such a container can have: there are no two of it."""
    return "-".join(filter(None, ("daisy", instance, part, account, job)))
