"""Are refused payloads kept with their reason, within bounds?"""

from storage.refused import KEEP_BYTES, Refused, RefusedPayload


def test_what_was_refused_comes_back_newest_first(tmp_path):
    refused = Refused(tmp_path / "r.db")
    refused.keep("a/b", b"{", "malformed", "line 1", 7)
    refused.keep("a/c", b"\xff\x00", "wrong_shape", "no t", 8)
    newest, oldest = refused.recent(5)
    assert newest == RefusedPayload("a/c", b"\xff\x00", "wrong_shape", "no t", 8, 2)
    assert oldest.topic == "a/b"
    assert refused.counts() == {"malformed": 1, "wrong_shape": 1}
    refused.close()


def test_the_tally_and_the_payloads_survive_a_restart(tmp_path):
    first = Refused(tmp_path / "r.db")
    first.keep_all([RefusedPayload("t", b"x", "empty", "", i) for i in range(3)])
    first.close()
    second = Refused(tmp_path / "r.db")
    assert second.counts() == {"empty": 3}
    assert len(second.recent(10)) == 3
    second.close()


def test_the_oldest_make_room_and_the_tally_stays(tmp_path):
    refused = Refused(tmp_path / "r.db", max_bytes=100_000)
    for i in range(300):
        refused.keep("t", bytes(1000), "malformed", "", i)
    kept = refused.recent(1000)
    assert 0 < len(kept) < 100
    assert kept[0].received_ns == 299
    assert refused.counts() == {"malformed": 300}
    assert refused.purge() == len(kept)
    assert refused.recent(1) == []
    assert refused.counts() == {"malformed": 300}
    refused.close()


def test_of_a_huge_payload_the_beginning_and_the_size_are_kept(tmp_path):
    refused = Refused(tmp_path / "r.db")
    refused.keep("t", b"a" * (KEEP_BYTES + 1), "too_large", "", 1)
    assert (len(refused.recent(1)[0].payload), refused.recent(1)[0].size) == (KEEP_BYTES, KEEP_BYTES + 1)
    refused.close()


def test_strange_text_is_kept_too(tmp_path):
    refused = Refused(tmp_path / "r.db")
    refused.keep("a\0b\ud800", b"", "empty", "\udfff", 1)
    assert refused.recent(1)[0].topic.startswith("a\ufffdb")
    refused.close()
