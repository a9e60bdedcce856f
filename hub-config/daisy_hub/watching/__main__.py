"""`python -m daisy_hub.watching`: the service, as the hub starts it."""

from daisy_hub.watching.service import main

main()
