"""`python -m daisy_kernel.cli` is the `daisy` command."""

import sys

from daisy_kernel.cli import main

sys.exit(main())
