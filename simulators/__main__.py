"""The `python -m simulators` command: build a street, run it, compare strategies, or publish garbage."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import time
from pathlib import Path

from simulators.evaluate_options import add_arguments, add_import_arguments, add_tune_arguments
from simulators.faulty import FAULTS, read_faults
from simulators.fleet import device_files
from simulators.line import Broker


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if options.do == "build":
        return _build(options)
    if options.do == "garbage":
        return asyncio.run(_garbage(options))
    if options.do == "evaluate":
        return _evaluate(options)
    if options.do == "tune":
        return _tune(options)
    if options.do == "import":
        return _import(options)
    return _run(options)


def _parser() -> argparse.ArgumentParser:
    prog = os.environ.get("ARTERIAL_PROG", "python -m simulators")
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    commands = parser.add_subparsers(dest="do", required=True)
    build = commands.add_parser("build", help="write the network and its geometry")
    build.add_argument("--street", type=Path, required=True, help="folder with the drawing")
    build.add_argument("--out", type=Path, required=True)
    for role, text in (
        ("street", "the street with cabinets and devices"),
        ("twin", "the same street on local plans"),
    ):
        _add_run(commands.add_parser(role, help=text))
    add_arguments(commands.add_parser("evaluate", help="compare strategies without a broker"))
    add_tune_arguments(commands.add_parser("tune", help="search the few parameters that matter"))
    add_import_arguments(commands.add_parser("import", help="signals of a SUMO network as intersections"))
    garbage = commands.add_parser("garbage", help="publish what must be refused")
    garbage.add_argument("--broker", type=_broker, required=True)
    garbage.add_argument("--site", default="demo")
    garbage.add_argument("--count", type=int, default=0, help="messages; 0 sends each kind once")
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--config", type=Path, required=True, help="city file with the intersections")
    run.add_argument("--street", type=Path, required=True, help="folder that `build` wrote")
    run.add_argument("--broker", type=_broker, required=True, help="mqtt://host:port")
    run.add_argument("--speed", type=_positive, default=10.0, help="simulated per wall second")
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--start-ms", type=int, default=None, help="start of simulated time; default: now")
    run.add_argument("--seconds", type=_positive, default=None, help="simulated seconds to run")
    for name, file in device_files().items():
        run.add_argument(f"--{name}", type=int, default=file.COUNT, help=f"default: {file.COUNT}")
    run.add_argument(
        "--faults",
        type=_faults,
        default={},
        help=f"for example stuck=3,silence=2 or all=1: {', '.join(FAULTS)}",
    )
    run.add_argument("--watch-stdin", action="store_true", help="stop when stdin ends")


def _broker(text: str) -> Broker:
    try:
        return Broker.parse(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def _faults(text: str) -> dict[str, int]:
    try:
        return read_faults(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return value


def _build(options: argparse.Namespace) -> int:
    from simulators.network import build
    from simulators.street_net import StreetError

    try:
        build(options.street, options.out)
    except (StreetError, OSError) as fault:
        print(f"simulators build: {fault}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> int:
    from simulators.runner import RunOptions, run
    from simulators.street_net import StreetError

    told = RunOptions(
        config=options.config,
        street=options.street,
        broker=options.broker,
        speed=options.speed,
        seed=options.seed,
        start_ms=time.time_ns() // 1_000_000 if options.start_ms is None else options.start_ms,
        seconds=options.seconds,
        devices={name: getattr(options, name) for name in device_files()},
        twin=options.do == "twin",
        watch_stdin=options.watch_stdin,
        faults=options.faults,
    )
    try:
        asyncio.run(run(told))
    except (StreetError, OSError, ValueError) as fault:
        print(f"simulators {options.do}: {fault}", file=sys.stderr)
        return 1
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from simulators.evaluate_cli import evaluate

    return evaluate(options)


def _tune(options: argparse.Namespace) -> int:
    from simulators.tune_cli import tune

    return tune(options)


def _import(options: argparse.Namespace) -> int:
    from simulators.evaluate_cli import timing_of
    from simulators.networks.importer import doubts, import_signals
    from simulators.networks.netfile import read_netfile
    from simulators.networks.toml_text import as_toml
    from simulators.street_net import StreetError

    try:
        net = read_netfile(options.net)
        found, refused = import_signals(net, options.layout, timing_of(options), options.junction)
        doubtful = [doubt for x in found for doubt in doubts(net, x)]
        text = as_toml([x.intersection for x in found], doubtful)
        if options.out:
            options.out.write_text(text, encoding="utf-8")
    except (StreetError, OSError) as fault:
        print(f"intersection import: {fault}", file=sys.stderr)
        return 1
    if not options.out:
        print(text)
    for why in refused:
        print(f"left out: {why}", file=sys.stderr)
    return 0 if found else 1


async def _garbage(options: argparse.Namespace) -> int:
    """Publish bad messages at QoS 1, each acknowledged by the broker before the next; prints the count."""
    import aiomqtt

    from simulators.faults import garbage

    messages = garbage(options.site)
    count = options.count or len(messages)
    broker: Broker = options.broker
    async with aiomqtt.Client(
        broker.host, broker.port, username=broker.user, password=broker.password
    ) as client:
        for number in range(count):
            message = messages[number % len(messages)]
            await client.publish(message.topic, message.payload, qos=1)
    print(f"published {count} bad messages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
