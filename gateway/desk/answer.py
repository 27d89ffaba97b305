"""How does what a view asked for become an HTTP answer? JSON; a fault is {"error": "..."}."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec
from fastapi.responses import JSONResponse, Response

from gateway.desk.workbench import DeskError
from storage.store import StoreUnavailable


async def answered(work: Awaitable[Any]) -> Response:
    """What comes of `work` as JSON, or why nothing does."""
    try:
        found = await work
    except DeskError as error:
        return JSONResponse({"error": str(error)}, error.status)
    except StoreUnavailable as error:
        return JSONResponse({"error": f"the store does not answer: {error}"}, 503)
    return Response(msgspec.json.encode(found), media_type="application/json")
