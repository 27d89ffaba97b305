"""Can several workers share one subscription here, and if not, why?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from collectors.plugins import remembers
from gateway.config.settings import BrokerSettings, Settings
from gateway.links.link import LinkDown
from gateway.links.paho_connection import Connection
from storage.connect import backends

log = logging.getLogger(__name__)

_BROKERS: Final = "mosquitto 2, EMQX, HiveMQ and VerneMQ can"


class CannotShareError(Exception):
    """Workers cannot share here; the text says what to change."""


def shared(filters: Sequence[str], group: str) -> tuple[str, ...]:
    """The filters as MQTT 5 shares them (4.8.2): of all members of `group` one gets each message."""
    return tuple(f"$share/{group}/{one}" for one in filters)


def check_settings(settings: Settings) -> None:
    """Raise CannotShareError when the city file alone tells that workers cannot share."""
    alone = [s.label for s in settings.destinations if getattr(backends()[s.kind], "ONE_PROCESS", False)]
    faults = [
        f"store {label}: its file belongs to one process, so several workers cannot use it; "
        "take a store with a server of its own, such as influx or victoria"
        for label in alone
    ]
    faults += [
        f"sources.{source.format}: this format remembers what was said, so one process must hear all of "
        "it; give it a city file of its own and run that without --workers"
        for source in settings.sources
        if remembers(source.format)
    ]
    if settings.broker.version != "5":
        faults.append('broker.version: workers share a subscription, which needs MQTT 5: version = "5"')
    if faults:
        raise CannotShareError("\n".join(faults))


async def check_broker(broker: BrokerSettings, client_id: str) -> None:
    """Raise CannotShareError when the broker answers and cannot share.

    One that does not answer at all may come later; the workers wait for it and say so.
    """
    fault, shares = await _asked(broker, client_id)
    if not fault and shares:
        return
    where = f"the broker at {broker.host}:{broker.port}"
    if not fault:
        raise CannotShareError(f"{where} does not allow shared subscriptions; {_BROKERS}")
    old = broker.model_copy(update={"version": "3.1.1"})
    if not (await _asked(old, client_id))[0]:
        raise CannotShareError(f"{where} speaks MQTT 3.1.1 only, which cannot share; {_BROKERS} ({fault})")
    log.warning("%s does not answer yet: %s", where, fault)


async def _asked(broker: BrokerSettings, client_id: str) -> tuple[str, bool]:
    """Why no connection was possible (empty: it was), and whether the broker shares subscriptions."""
    connection = Connection(broker, client_id, (), lambda _: None)
    fault = ""
    try:
        await connection.open()
    except LinkDown as error:
        fault = str(error)
    finally:
        await connection.close("asked")
    return fault, connection.shares
