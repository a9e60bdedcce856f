"""Tells the pages how far a long read has come, by the ticket of its request."""

from collections.abc import Callable

News = Callable[[str, int, int], None]


class Progress:
    """Those who hear of every ticket; a page knows which ones are its own."""

    def __init__(self) -> None:
        self._listeners: list[News] = []

    def listen(self, heard: News) -> None:
        """Call *heard* with the ticket, what is done and what there is to do."""
        self._listeners.append(heard)

    def leave(self, heard: News) -> None:
        """Call it no more."""
        if heard in self._listeners:
            self._listeners.remove(heard)

    def tell(self, ticket: str, done: int, total: int) -> None:
        """Pass on what a reader process has told."""
        for heard in list(self._listeners):
            heard(ticket, done, total)
