"""To run something with no more rights than its files give, also as root."""

import os

_RIGHTS = "-dac_override,-dac_read_search"
# put in front of a command
ORDINARY = (
    ["setpriv", f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}"]
    if os.geteuid() == 0
    else []
)
