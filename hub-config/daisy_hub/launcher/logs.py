"""Where the last lines of containers that are gone are kept, among the hub's logs."""


def log_name(part: str, account: str, job: str = "") -> str:
    """Return the name of a container's file: of a server, a scheduler or a worker."""
    return f"cluster-{part}-{job[:8]}.log" if job else f"{part}-{account}.log"
