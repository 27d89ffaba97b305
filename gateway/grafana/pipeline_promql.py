"""The pipeline board for those who scrape /metrics with Prometheus or VictoriaMetrics."""

from __future__ import annotations

from gateway.grafana.parts import GREEN, RED, YELLOW, Json, board, figure, lines, prometheus


def pipeline_promql() -> Json:
    """The books, lag, refusals and spool from /metrics."""
    rate = "sum by ({by}) (rate(arterial_readings_{what}_total[5m]))"
    return board(
        "arterial-pipeline-promql",
        "Arterial / Pipeline (PromQL)",
        "From /metrics: books, lag, refusals, spool.",
        [
            [
                figure(
                    "Books balance",
                    prometheus("min(arterial_books_balanced)"),
                    steps=[(0, RED), (1, GREEN)],
                    width=4,
                ),
                figure(
                    "Broker", prometheus("min(arterial_broker_up)"), steps=[(0, RED), (1, GREEN)], width=4
                ),
                figure(
                    "Stores up", prometheus("min(arterial_store_up)"), steps=[(0, RED), (1, GREEN)], width=4
                ),
                figure(
                    "Oldest in the spool",
                    prometheus("max(arterial_spool_oldest_age_seconds)"),
                    unit="s",
                    steps=[(0, GREEN), (60, YELLOW), (300, RED)],
                    width=4,
                ),
                figure(
                    "Spool used",
                    prometheus("max(arterial_spool_bytes / arterial_spool_limit_bytes)"),
                    unit="percentunit",
                    steps=[(0, GREEN), (0.5, YELLOW), (0.9, RED)],
                    width=4,
                ),
                figure(
                    "Waiting",
                    prometheus("sum(arterial_readings_waiting)"),
                    steps=[(0, GREEN), (10_000, YELLOW), (100_000, RED)],
                    width=4,
                ),
            ],
            [
                lines(
                    "Received a second, by kind",
                    [prometheus(rate.format(by="kind", what="received"), "{{kind}}")],
                    unit="none",
                ),
                lines(
                    "Stored a second, by store",
                    [prometheus(rate.format(by="store", what="stored"), "{{store}}")],
                    unit="none",
                ),
            ],
            [
                lines(
                    "Refused a second, by reason",
                    [prometheus("sum by (reason) (rate(arterial_refused_payloads_total[5m]))", "{{reason}}")],
                    unit="none",
                ),
                lines("Store lag", [prometheus("arterial_store_lag_seconds", "{{store}}")], unit="s"),
            ],
            [
                lines(
                    "Age of the last decision",
                    [prometheus("arterial_decision_age_seconds", "{{intersection}}")],
                    unit="s",
                ),
                lines(
                    "Commands a minute",
                    [prometheus("60 * rate(arterial_commands_total[5m])", "{{intersection}}")],
                    unit="none",
                ),
            ],
        ],
        marks=False,
    )
