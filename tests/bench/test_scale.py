"""Does the document of scale say what the script computes, and does the script compute what it should?"""

from __future__ import annotations

import dataclasses

import pytest

from tests.bench.scale import CITY, DOCUMENT, SIZES, Costs, Rules, filled, load, need, tables


def test_the_document_has_the_tables_of_the_script() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert filled(text, tables(Costs(), Rules())) == text, "run python tests/bench/scale.py --write"


def test_the_words_of_the_document_agree_with_its_tables() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    city, costs, rules = load(1_000_000), Costs(), Rules()
    messages_of_intersections = 1_000_000 * CITY[-1].share / CITY[-1].every_s
    for words in (
        f"{messages_of_intersections / city.messages:.0%} of the messages".replace("%", " %"),
        f"{city.events / city.readings:.0%} of the readings".replace("%", " %"),
        f"one core: {round(rules.core / costs.worker_cpu * 1e6, -3):,.0f} readings/s",
        f"one core: {round(rules.core / costs.broker_cpu * 1e6 - 500, -3):,.0f} messages/s",
    ):
        assert words in text, words
    hours = 1024**3 / (city.readings * 3600 * costs.spool_bytes)
    assert 1.1 < hours < 1.3, "an hour and ten minutes without a store"


def test_the_load_is_the_sum_of_what_devices_send() -> None:
    assert sum(c.share for c in CITY) == pytest.approx(1)
    assert load(900_000).messages == pytest.approx(900 + 297 + 900)
    assert load(900_000).readings == pytest.approx(900 + 297 + 900 * 7.6)


def test_a_city_ten_times_as_large_needs_ten_times_as_much() -> None:
    small, large = (need(n, Costs(), Rules()) for n in SIZES[-2:])
    for name in ("broker_cores", "worker_cores", "store_cores", "influx_day_gb", "outage_gb", "mbit_s"):
        assert getattr(large, name) == pytest.approx(10 * getattr(small, name)), name
    assert large.brokers > small.brokers > 1
    assert large.workers > small.workers > 1


def test_what_costs_twice_needs_twice_the_cores() -> None:
    dear = dataclasses.replace(Costs(), worker_cpu=2 * Costs().worker_cpu)
    once, twice = need(10_000_000, Costs(), Rules()), need(10_000_000, dear, Rules())
    assert twice.worker_cores == pytest.approx(2 * once.worker_cores)
    assert twice.broker_cores == once.broker_cores
    assert twice.workers > once.workers


def test_one_process_of_each_is_enough_for_a_small_city() -> None:
    found = need(1000, Costs(), Rules())
    assert (found.brokers, found.workers) == (1, 1)
    busy = dataclasses.replace(Costs(), broker_cpu=1e5)
    assert need(1000, busy, Rules()).brokers > 1
