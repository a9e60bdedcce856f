"""What an operator adds to the settings outlives `make up`, tables too."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from installations import ROOT

ADDED = """
contact = "the user office, \\"building 3\\""
identity = "oidc"
[oidc]
issuer = "https://login.facility.example"
allowed_groups = ["daisy-users", "b7"]
unconfirmed_hours = 12.5
[oidc.roles]
"b7 staff" = "staff:B7"
"""


def test_another_start_keeps_the_tables_that_an_operator_has_added(tmp_path: Path):
    file = tmp_path / "state" / "settings.toml"
    file.parent.mkdir()
    file.write_text(f"port = 8000\n{ADDED}")
    code = (
        "from pathlib import Path; import commands; "
        "commands._write_settings('local', 9000, Path('/data'), False, {})"
    )

    subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "deploy" / "local",
        env={
            **os.environ,
            "DAISY_HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT / "deploy" / "docker"),
        },
        check=True,
    )

    written = tomllib.loads(file.read_text())
    assert written["port"] == 9000
    assert tomllib.loads(ADDED).items() <= written.items()
