"""Does a mosquitto with the generated configuration let nobody do what is not theirs?"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.broker_access.accounts import Known, accounts
from gateway.broker_access.mosquitto import Wish
from gateway.broker_access.passwords import told
from gateway.broker_access.write import find_plugin, write
from gateway.config.settings import Settings, load
from gateway.pki.authority import Authority, utc_now
from tests.live.brokers import mosquitto
from tests.live.certificates import program
from tests.live.ports import free_port
from tests.live.visitor import Turned, Visitor

pytestmark = pytest.mark.live

CITY = """
[city]
site = "demo"
[broker]
url = "mqtts://127.0.0.1:8883"
client_id = "arterial-demo"
[[intersections]]
id = "x1"
name = "First"
phases = [
  { number = 2, label = "EB", ring = 1, barrier = 1, min_green_s = 8, max_green_s = 50, yellow_s = 3.3 },
  { number = 4, label = "NB", ring = 1, barrier = 2, min_green_s = 8, max_green_s = 50, yellow_s = 3.3 },
]
[intersections.plan]
cycle_s = 60
sequence = [[2, 4]]
splits = [{ phase = 2, split_s = 30 }, { phase = 4, split_s = 30 }]
[[sources]]
topic = "arterial/{site}/water/{device}"
kind = "water"
[[sources]]
topic = "arterial/{site}/waste/{device}"
kind = "waste"
[[sources]]
topic = "arterial/{site}/signal/{device}"
kind = "signal"
[[sources]]
format = "chirpstack"
kind = "gas"
publisher = "chirpstack"
"""
TAKEN = ("Success", "No matching subscribers")
OWN, OTHERS, COMMAND = "arterial/demo/water/w-1", "arterial/demo/water/w-2", "arterial/demo/command/x1"


@dataclass
class Place:
    """A guarded broker, and everybody's keys."""

    port: int
    password_port: int
    pki: Authority
    strangers: Authority
    passwords: dict[str, str]
    reload: Callable[[], None]
    refuses_subscriptions: bool

    def as_(self, name: str, use: str = "device", **more: object) -> Visitor:
        """Come with the certificate of `name`."""
        places = self.pki.places
        keys = (places.certificate(use, name), places.key(use, name))
        return Visitor(self.port, places.authority, keys, **more)  # type: ignore[arg-type]

    def with_keys(self, certificate: Path, key: Path) -> Visitor:
        """Come with any certificate."""
        return Visitor(self.port, self.pki.places.authority, (certificate, key))

    def with_password(self, name: str, password: str) -> Visitor:
        """Come to the port for passwords."""
        return Visitor(self.password_port, self.pki.places.authority, password=(name, password))


@pytest.fixture(scope="module", params=["acl", "dynamic_security"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A mosquitto with what `arterial broker config` writes."""
    folder, now = tmp_path_factory.mktemp("guarded"), utc_now()
    pki, strangers = (Authority.create(folder / name, "Demo", now) for name in ("pki", "strangers"))
    pki.issue("server", "127.0.0.1", now, 2, ["127.0.0.1"])
    for name in ("arterial-demo", "w-1", "w-2", "x1", "chirpstack", "revoked", "unknown"):
        pki.issue("device", name, now, 2)
    pki.issue("device", "expired", now - timedelta(days=9), 2)
    pki.revoke("revoked", now, "keyCompromise")
    strangers.issue("device", "w-1", now, 2)
    plugin = find_plugin() if request.param == "dynamic_security" else ""
    if request.param == "dynamic_security" and not plugin:
        pytest.skip("this mosquitto has no dynamic security plugin")
    out, (port, password_port, here) = folder / "mosquitto", (free_port(), free_port(), free_port())
    data = str(folder / "data") + "/"
    (folder / "data").mkdir()
    wish = Wish(out, port, here, password_port, "127.0.0.1", data, plugin, user="root")
    write(accounts(city(folder), known()), wish, out, pki.places.folder, "127.0.0.1", passwords=True)
    with mosquitto(folder) as live:
        live.stop()
        log = (folder / "guarded.log").open("wb")
        process = subprocess.Popen(
            [program("mosquitto"), "-c", out / "mosquitto.conf"], stdout=log, stderr=log
        )
        try:
            found = told(out / "device-passwords.csv")
            here_now = Place(port, password_port, pki, strangers, found, lambda: None, bool(plugin))
            here_now.reload = lambda: _reload(process, pki, out)
            _wait(here_now)
            yield here_now
        finally:
            process.terminate()
            process.wait(10)
            log.close()


def city(folder: Path) -> Settings:
    path = folder / "city.toml"
    path.write_text(CITY)
    return load(path)


def known() -> list[Known]:
    return [Known("w-1", "water"), Known("w-2", "water"), Known("b-1", "waste")]


def _reload(process: subprocess.Popen[bytes], pki: Authority, out: Path) -> None:
    (out / "crl.pem").write_bytes(pki.places.revoked.read_bytes())
    process.send_signal(1)


def _wait(place: Place) -> None:
    deadline_s = time.monotonic() + 20
    while True:
        try:
            with place.as_("arterial-demo"):
                return
        except Turned:
            assert time.monotonic() < deadline_s, "the broker did not start"
            time.sleep(0.1)


# What must work, or the rest would prove nothing.


def test_devices_publish_on_their_own_topics_and_hear_their_own_commands(place: Place) -> None:
    with place.as_("arterial-demo") as arterial, place.as_("w-1") as meter, place.as_("x1") as cabinet:
        assert arterial.subscribe("arterial/demo/#") == "Granted QoS 1"
        assert cabinet.subscribe(COMMAND) == "Granted QoS 1"
        assert meter.publish(OWN, b"1") in TAKEN
        assert arterial.publish(COMMAND, b"go") in TAKEN
        arterial.until(lambda: (OWN, b"1") in arterial.heard)
        cabinet.until(lambda: (COMMAND, b"go") in cabinet.heard)


def test_a_network_server_publishes_for_its_devices(place: Place) -> None:
    with place.as_("chirpstack") as server:
        assert server.publish("application/a/device/0101010101010101/event/up") in TAKEN
        assert server.publish(OWN) == "Not authorized"


def test_a_device_with_a_password_is_let_in(place: Place) -> None:
    with place.with_password("w-2", place.passwords["w-2"]) as meter:
        assert meter.publish(OTHERS) in TAKEN


def test_arterial_may_share_its_subscription(place: Place) -> None:
    with place.as_("arterial-demo") as arterial:
        assert arterial.subscribe("$share/arterial/arterial/demo/#") == "Granted QoS 1"


# What must fail.


def _out(visitor: Visitor) -> None:
    with pytest.raises(Turned), visitor:
        pass


def no_certificate(place: Place) -> None:
    _out(Visitor(place.port, place.pki.places.authority))


def certificate_of_another_authority(place: Place) -> None:
    places = place.strangers.places
    _out(place.with_keys(places.certificate("device", "w-1"), places.key("device", "w-1")))


def revoked_certificate(place: Place) -> None:
    _out(place.as_("revoked"))


def expired_certificate(place: Place) -> None:
    _out(place.as_("expired"))


def server_certificate_of_the_broker_itself(place: Place) -> None:
    _out(place.as_("127.0.0.1", use="server"))


def no_encryption(place: Place) -> None:
    _out(Visitor(place.port, place.pki.places.authority, password=("w-1", "x"), tls=False))


def anonymous_where_passwords_are_asked(place: Place) -> None:
    _out(Visitor(place.password_port, place.pki.places.authority))


def wrong_password(place: Place) -> None:
    _out(place.with_password("w-1", "guess"))


def password_of_another_device(place: Place) -> None:
    _out(place.with_password("w-1", place.passwords["w-2"]))


def user_nobody_knows(place: Place) -> None:
    _out(place.with_password("nobody", "guess"))


def arterial_by_password(place: Place) -> None:
    assert "arterial-demo" not in place.passwords
    _out(place.with_password("arterial-demo", ""))


def _unheard(place: Place, topic: str, name: str = "w-1") -> None:
    """`name` may not publish on `topic`, and what it tries does not arrive."""
    own = {"w-1": OWN, "x1": "arterial/demo/signal/x1"}[name]
    with place.as_("arterial-demo") as arterial, place.as_(name) as device:
        arterial.subscribe("arterial/demo/#")
        assert device.publish(topic, b"forged") == "Not authorized"
        assert device.publish(own, b"after") in TAKEN
        arterial.until(lambda: (own, b"after") in arterial.heard)
        assert all(payload != b"forged" for _, payload in arterial.heard)


def topic_of_another_device(place: Place) -> None:
    _unheard(place, OTHERS)


def own_name_under_another_kind(place: Place) -> None:
    _unheard(place, "arterial/demo/waste/w-1")


def command_of_a_meter_to_a_cabinet(place: Place) -> None:
    _unheard(place, COMMAND)


def command_of_a_cabinet_to_itself(place: Place) -> None:
    _unheard(place, COMMAND, "x1")


def state_of_a_cabinet_by_a_meter(place: Place) -> None:
    _unheard(place, "arterial/demo/signal/x1")


def uplink_of_a_meter_past_the_network_server(place: Place) -> None:
    with place.as_("w-1") as meter:
        assert meter.publish("application/a/device/w-1/event/up") == "Not authorized"


def valid_certificate_without_an_account(place: Place) -> None:
    try:
        with place.as_("unknown") as stranger:
            assert stranger.publish("arterial/demo/water/unknown") == "Not authorized"
    except Turned:
        pass  # at the door is even better


def last_will_on_another_devices_topic(place: Place) -> None:
    with place.as_("arterial-demo") as arterial:
        arterial.subscribe("arterial/demo/#")
        meter = place.as_("w-1", will=(OTHERS, b"forged will"))
        try:
            meter.__enter__()
        except Turned:
            return
        meter.drop()
        with place.as_("w-1") as again:
            again.publish(OWN, b"later")
        arterial.until(lambda: (OWN, b"later") in arterial.heard)
        assert all(payload != b"forged will" for _, payload in arterial.heard)


def _deaf(place: Place, topic: str) -> None:
    """A meter that subscribes to `topic` hears nothing that is not meant for it."""
    with place.as_("arterial-demo") as arterial, place.as_("w-1") as meter, place.as_("w-2") as other:
        answer = meter.subscribe(topic)
        assert answer == "Not authorized" or not place.refuses_subscriptions
        arterial.publish(COMMAND, b"secret")
        other.publish(OTHERS, b"secret")
        meter.publish(OWN, b"own")
        assert all(payload != b"secret" and not name.startswith("$SYS") for name, payload in meter.heard)


def everything_by_a_wildcard(place: Place) -> None:
    _deaf(place, "#")


def one_level_by_a_wildcard(place: Place) -> None:
    _deaf(place, "arterial/demo/water/+")


def commands_of_a_cabinet(place: Place) -> None:
    _deaf(place, COMMAND)


def shared_subscription_to_everything(place: Place) -> None:
    _deaf(place, "$share/arterial/arterial/demo/#")


def what_the_broker_tells_of_itself(place: Place) -> None:
    _deaf(place, "$SYS/#")


def session_of_arterial_by_its_client_id(place: Place) -> None:
    with place.as_("arterial-demo", client_id="arterial-demo") as arterial:
        arterial.subscribe("arterial/demo/#")
        with place.as_("w-1", client_id="arterial-demo") as thief:
            thief.publish(OWN, b"still there?")
            arterial.until(lambda: (OWN, b"still there?") in arterial.heard)
        assert not arterial.gone


def messages_kept_for_a_cabinet_by_its_client_id(place: Place) -> None:
    with place.as_("x1", client_id="x1", keep_s=60) as cabinet:
        cabinet.subscribe(COMMAND)
    with place.as_("arterial-demo") as arterial:
        arterial.publish(COMMAND, b"kept")
    with place.as_("w-1", client_id="x1", keep_s=60) as thief:
        thief.publish(OWN, b"own")
        assert thief.heard == []
    with place.as_("x1", client_id="x1", keep_s=60) as cabinet:
        cabinet.until(lambda: (COMMAND, b"kept") in cabinet.heard)


ATTEMPTS: tuple[Callable[[Place], None], ...] = (
    no_certificate,
    certificate_of_another_authority,
    revoked_certificate,
    expired_certificate,
    server_certificate_of_the_broker_itself,
    no_encryption,
    anonymous_where_passwords_are_asked,
    wrong_password,
    password_of_another_device,
    user_nobody_knows,
    arterial_by_password,
    topic_of_another_device,
    own_name_under_another_kind,
    command_of_a_meter_to_a_cabinet,
    command_of_a_cabinet_to_itself,
    state_of_a_cabinet_by_a_meter,
    uplink_of_a_meter_past_the_network_server,
    valid_certificate_without_an_account,
    last_will_on_another_devices_topic,
    everything_by_a_wildcard,
    one_level_by_a_wildcard,
    commands_of_a_cabinet,
    shared_subscription_to_everything,
    what_the_broker_tells_of_itself,
    session_of_arterial_by_its_client_id,
    messages_kept_for_a_cabinet_by_its_client_id,
)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_this_fails(place: Place, attempt: Callable[[Place], None]) -> None:
    attempt(place)


def test_a_certificate_taken_back_is_out_after_a_reload(place: Place) -> None:
    now = utc_now()
    place.pki.issue("device", "w-2", now, 2, again=True)
    with place.as_("w-2") as meter:
        assert meter.publish(OTHERS) in TAKEN
    place.pki.revoke("w-2", now)
    place.reload()
    deadline_s = time.monotonic() + 10
    while True:
        try:
            with place.as_("w-2"):
                assert time.monotonic() < deadline_s, "the broker still trusts it"
        except Turned:
            return
