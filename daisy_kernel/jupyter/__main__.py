"""Start the DAISY kernel: `python -m daisy_kernel.jupyter -f CONNECTION_FILE`."""

from daisy_kernel.jupyter.start import start

if __name__ == "__main__":
    start()
