"""Files of the page: one that could not be saved for want of room says so in words."""

import errno
from collections.abc import Iterator
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

INSUFFICIENT_STORAGE = 507
FULL = errno.ENOSPC, errno.EDQUOT, errno.EFBIG


class Contents(AsyncLargeFileManager):
    """Jupyter's own files, with the cause of a save that failed on a full disk."""

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Save a file.

        Raises
        ------
        HTTPError
            507 with what to do where the disk or the quota is full.
        """
        try:
            saved: dict[str, Any] = await super().save(model, path)  # type: ignore[no-untyped-call]
        except HTTPError as error:
            if not any(_is_full(cause) for cause in _causes(error)):
                raise
            raise HTTPError(
                INSUFFICIENT_STORAGE,
                f"{path} was not saved: there is no room left where it lies. Delete "
                "files there, then save again. What you wrote is kept in this page as "
                "long as it is open.",
            ) from error
        return saved


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """List an error and those that it hides: tidying up after the first may fail too.

    (Of a new file there is no copy that could be put back.)
    """
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in FULL
