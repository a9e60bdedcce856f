"""The gateway's tables in PostgreSQL, which upstream knows from SQLite only.

SQLite takes a number of any size in any column and has no server that could restart.
"""

from typing import Any

import sqlalchemy as sa
from dask_gateway_server.backends.db_base import clusters, workers


def use_postgresql() -> None:
    """Fit the tables' types, and look at a connection before it is used."""
    clusters.c.token.type = sa.LargeBinary(140)
    for table in (clusters, workers):
        # milliseconds since 1970 are longer than an INTEGER
        for name in ("start_time", "stop_time"):
            table.c[name].type = sa.BigInteger()
    sa.event.listen(sa.pool.Pool, "checkout", _is_alive)


def _is_alive(connection: Any, _record: object, _proxy: object) -> None:
    """Replace a connection that a restarted server has forgotten."""
    try:
        connection.execute("SELECT 1")
    except Exception as error:
        raise sa.exc.DisconnectionError from error
