"""Does every answer of every InfluxDB mean the right thing: kept, rejected, come back?"""

from datetime import UTC, datetime

import pytest

from storage.influx_status import check, message, seconds
from storage.store import Rejected, StoreUnavailable

PARTIAL = (
    b'{"error":"partial write: field type conflict: input field \\"f\\" on measurement \\"m\\" is type'
    b' integer, already exists as type float dropped=%d"}'
)


@pytest.mark.parametrize("status", [200, 204])
def test_a_success_is_a_success(status, hires):
    check(status, b"", None, hires(1))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, PARTIAL % 1),
        (400, b'{"error":"unable to parse \'m,a=b f=nan 1\': invalid number"}'),
        (
            422,
            b'{"code":"unprocessable entity","message":"failure writing points to database: partial write"}',
        ),
        (500, b'{"code":"internal error","message":"unexpected error: partial write: field type conflict"}'),
        (413, b""),
    ],
)
def test_a_fault_of_the_data_is_rejected_without_saying_which(status, body, hires):
    with pytest.raises(Rejected) as caught:
        check(status, body, None, hires(3))
    assert caught.value.faults == ()


def test_when_all_points_were_dropped_all_are_at_fault(hires):
    with pytest.raises(Rejected) as caught:
        check(400, PARTIAL % 3, None, hires(3))
    assert len(caught.value.faults) == 3


def test_lines_that_influx_3_lists_are_named(hires):
    body = b"""{"error":"partial write of line protocol occurred","data":[
        {"original_line":"x","line_number":2,"error_message":"invalid column type"},
        {"line_number":99}, 7]}"""
    batch = hires(3)
    with pytest.raises(Rejected) as caught:
        check(400, body, None, batch)
    assert caught.value.faults == ((batch[1], "invalid column type"),)


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (404, b'{"error":"database not found: \\"d\\""}', 'database not found: "d"'),
        (401, b'{"error":"authorization failed"}', "check the user, password or token"),
        (500, b'{"error":"engine is closed"}', "engine is closed"),
        (502, b"<html>Bad Gateway</html>", "Bad Gateway"),
        (503, b"", "HTTP status 503"),
        (301, b"", "HTTP status 301"),
    ],
)
def test_a_trouble_of_the_server_means_come_back(status, body, why, hires):
    with pytest.raises(StoreUnavailable, match=why) as caught:
        check(status, body, None, hires(1))
    assert caught.value.retry_after_s is None


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_that_the_server_asks_for_is_passed_on(status, hires):
    with pytest.raises(StoreUnavailable) as caught:
        check(status, b"", "17", hires(1))
    assert caught.value.retry_after_s == 17


def test_retry_after_may_be_a_date_or_rubbish():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert seconds("Thu, 01 Jan 2026 00:00:30 GMT", now) == 30
    assert seconds("Wed, 31 Dec 2025 00:00:00 GMT", now) == 0
    assert seconds("soon", now) is None
    assert seconds("", now) is None


def test_a_message_is_short_and_in_one_line():
    assert message(b"\xff\n\n " + b"x" * 1000).count("\n") == 0
    assert len(message(b"x" * 1000)) == 300
    assert message(b"[1]") == "[1]"
