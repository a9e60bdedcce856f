"""What of the proposals a server sees when it starts: for the audit log."""

from daisy_hub import audit
from daisy_hub.eyes import granted_folders
from daisy_hub.settings import Settings


def note_mounts(settings: Settings, name: str, actor: str) -> None:
    """Write down the folders of an account's server; later grants are noted as such."""
    folders = granted_folders(settings, name)
    audit.record(
        settings,
        "server.mounted",
        actor=actor,
        account=name,
        read=[str(f.target) for f in folders if not f.writable],
        write=[str(f.target) for f in folders if f.writable],
    )
