"""The pipeline board for those who scrape /metrics with Prometheus or VictoriaMetrics."""

from __future__ import annotations

from typing import Final

from gateway.grafana.parts import GREEN, RED, YELLOW, Json, board, figure, lines, prometheus

UP: Final = ((0.0, RED), (1.0, GREEN))
WAITING: Final = ((0.0, GREEN), (10_000.0, YELLOW), (100_000.0, RED))
AGE: Final = ((0.0, GREEN), (60.0, YELLOW), (300.0, RED))
USED: Final = ((0.0, GREEN), (0.5, YELLOW), (0.9, RED))
_FIGURES: Final = (
    ("Books balance", "min(arterial_books_balanced)", "short", UP),
    ("Broker", "min(arterial_broker_up)", "short", UP),
    ("Stores up", "min(arterial_store_up)", "short", UP),
    ("Oldest in the spool", "max(arterial_spool_oldest_age_seconds)", "s", AGE),
    ("Spool used", "max(arterial_spool_bytes / arterial_spool_limit_bytes)", "percentunit", USED),
    ("Waiting", "sum(arterial_readings_waiting)", "short", WAITING),
)
_CURVES: Final = (
    (
        "Received a second, by kind",
        "sum by (kind) (rate(arterial_readings_received_total[5m]))",
        "kind",
        "none",
    ),
    (
        "Stored a second, by store",
        "sum by (store) (rate(arterial_readings_stored_total[5m]))",
        "store",
        "none",
    ),
    ("Refused a second", "sum by (reason) (rate(arterial_refused_payloads_total[5m]))", "reason", "none"),
    ("Store lag", "arterial_store_lag_seconds", "store", "s"),
    ("Age of the last decision", "arterial_decision_age_seconds", "intersection", "s"),
    ("Commands a minute", "60 * rate(arterial_commands_total[5m])", "intersection", "none"),
)


def pipeline_promql() -> Json:
    """The books, lag, refusals and spool from /metrics."""
    numbers = [
        figure(name, prometheus(asked), unit=unit, steps=steps) for name, asked, unit, steps in _FIGURES
    ]
    curves = [
        lines(name, [prometheus(asked, f"{{{{{by}}}}}")], unit=unit) for name, asked, by, unit in _CURVES
    ]
    pairs = [curves[i : i + 2] for i in range(0, len(curves), 2)]
    doc = "From /metrics: books, lag, refusals, spool."
    title = "Arterial / Pipeline (PromQL)"
    return board("arterial-pipeline-promql", title, doc, [numbers, *pairs], marks=False)
