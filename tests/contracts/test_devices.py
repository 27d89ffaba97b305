"""Every simulated device file makes devices whose reports are readings, the same ones for the same seed."""

from __future__ import annotations

import msgspec
import pytest

from collectors.source import Source
from simulators.fleet import DeviceFile, device_files

FILES = device_files()
every = pytest.mark.parametrize("file", FILES.values(), ids=FILES.keys())
T_MS = 1_790_000_000_000
DAY_S = 8 * 3600.0


@every
def test_there_are_as_many_as_asked_for_and_no_two_of_one_name(file: DeviceFile) -> None:
    for count in (0, 1, 7, file.COUNT):
        devices = file.create(count, 1)
        assert len({(d.kind, d.id) for d in devices}) == count


@every
def test_every_report_is_a_reading(file: DeviceFile) -> None:
    for device in file.create(file.COUNT, 1):
        topic = f"arterial/demo/{device.kind}/{device.id}"
        source = Source("arterial/{site}/" + device.kind + "/{device}", "json", device.kind)
        payload = msgspec.json.encode(device.report(T_MS, 60.0, DAY_S))
        (reading,) = source.read(topic, payload, T_MS * 1_000_000)
        assert (reading.kind, reading.device, reading.at_ns) == (device.kind, device.id, T_MS * 1_000_000)


@every
def test_the_same_seed_makes_the_same_devices(file: DeviceFile) -> None:
    def told(seed: int) -> list[object]:
        return [d.report(T_MS, 60.0, DAY_S) for d in file.create(20, seed)]

    assert told(3) == told(3)
    assert told(3) != told(4)


@every
def test_a_device_goes_on_from_what_was_kept(file: DeviceFile) -> None:
    for before, after in zip(file.create(10, 1), file.create(10, 2), strict=True):
        before.report(T_MS, 60.0, DAY_S)
        after.resume(before.kept)
        assert after.kept == before.kept
