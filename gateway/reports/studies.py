"""What does a study say of the stored events of one intersection or of its street?"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.desk.catalog import Found
from gateway.reports.arrivals import ReportError
from gateway.reports.cells import Cells
from gateway.reports.channels import of_city
from signal_control.eventlog import ordered
from signal_control.model import Intersection
from signal_control.street import Site, street_through
from storage.store import Store


async def study(
    store: Store,
    found: Found,
    intersections: Sequence[Intersection],
    devices: Sequence[str],
    span: tuple[int, int],
) -> Cells:
    """Every row of a study of the intersections named, one after the other; of the first without a name.

    Raises ReportError when an intersection is unknown, or the study does not apply to it.
    """
    there = {x.id: x for x in intersections}
    unknown = [d for d in devices if d not in there]
    if unknown or not there:
        named = ", ".join(unknown) or "none"
        raise ReportError(f"{found.name} needs intersections of a city file (--config); not there: {named}")
    rows, columns = [], ()
    for id_ in devices or [next(iter(there))]:
        stops = street_through(intersections, id_) if found.street else []
        own = [there[stop.id] for stop in stops] if found.street else [there[id_]]
        sites, seen = [], span
        for x in own:
            events = await store.events(x.id, *span)
            sites.append(Site(x, ordered(events.at_ns, events.code, events.param)))
        times = [t for site in sites if len(site.log.at_ns) for t in (site.log.at_ns[0], site.log.at_ns[-1])]
        if times:
            seen = (max(span[0], int(min(times))), min(span[1], int(max(times)) + 1))
        channels = of_city(own, found.detectors) if found.detectors else {}
        try:
            cells = getattr(found.module, found.name)(sites, stops, channels, seen) if sites else []
        except ValueError as error:
            raise ReportError(str(error)) from error
        for cell in cells:
            columns = cell._fields
            rows.append((id_, tuple(cell)))
    return Cells(columns, tuple(rows))
