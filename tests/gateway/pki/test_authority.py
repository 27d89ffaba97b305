"""Does the city's authority vouch for those it should, and for nobody else?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from typer.testing import CliRunner

from gateway.cli import app
from gateway.pki.authority import Authority
from gateway.pki.files import PkiError
from gateway.pki.register import Register, state

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path / "pki", "Demo", NOW)


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def crl(authority: Authority) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(authority.places.revoked.read_bytes())


def request(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, name: str = "whatever") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def test_a_device_gets_a_certificate_in_its_name_for_being_a_client(authority: Authority) -> None:
    authority.issue("device", "w-0042", NOW, 100)
    made = read(authority.places.certificate("device", "w-0042"))
    made.verify_directly_issued_by(read(authority.places.authority))
    assert made.subject.rfc4514_string() == "CN=w-0042"
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.not_valid_after_utc == NOW + timedelta(days=100)


def test_a_server_is_known_by_all_its_names_and_addresses(authority: Authority) -> None:
    authority.issue("server", "mqtt.example", NOW, 100, ["mqtt.example", "10.0.0.7", "::1"])
    made = read(authority.places.certificate("server", "mqtt.example"))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mqtt.example"]
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7", "::1"]


def test_nobody_but_the_owner_can_read_keys(authority: Authority) -> None:
    authority.issue("device", "w-1", NOW, 1)
    for path in (authority.places.authority_key, authority.places.key("device", "w-1")):
        assert path.stat().st_mode & 0o077 == 0
    assert authority.places.register.stat().st_mode & 0o077 == 0 or authority.register.issued


def test_no_certificate_outlives_its_authority(authority: Authority) -> None:
    one = authority.issue("device", "w-1", NOW, 36_500)
    assert one.expires == authority.expires


def test_a_device_may_keep_its_key_to_itself(authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    authority.issue("device", "w-1", NOW, 10, request=request(key, "somebody else"))
    made = read(authority.places.certificate("device", "w-1"))
    assert made.public_key() == key.public_key()
    assert made.subject.rfc4514_string() == "CN=w-1"  # the name we say, not the one that was asked for
    assert not authority.places.key("device", "w-1").exists()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (b"garbage", "no certificate request"),
        (request(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "too weak"),
        (request(ec.generate_private_key(ec.SECP192R1())), "too weak"),
    ],
    ids=["garbage", "short rsa", "short curve"],
)
def test_a_bad_request_is_refused_in_words(authority: Authority, asked: bytes, why: str) -> None:
    with pytest.raises(PkiError, match=why):
        authority.issue("device", "w-1", NOW, 10, request=asked)
    assert authority.register.issued == []


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../ca", "w#", "x" * 65, "w+1"])
def test_a_name_that_could_be_no_device_is_refused(authority: Authority, name: str) -> None:
    with pytest.raises(PkiError, match="cannot be a name"):
        authority.issue("device", name, NOW, 10)


def test_a_second_certificate_has_to_be_asked_for_twice(authority: Authority) -> None:
    authority.issue("device", "w-1", NOW, 10)
    with pytest.raises(PkiError, match="--again"):
        authority.issue("device", "w-1", NOW, 10)
    authority.issue("device", "w-1", NOW, 10, again=True)
    authority.issue("device", "w-1", NOW + timedelta(days=11), 10)  # those before have expired


def test_what_is_revoked_is_on_the_list_and_stays_there(authority: Authority) -> None:
    one = authority.issue("device", "w-1", NOW, 10)
    authority.issue("device", "w-2", NOW, 10)
    authority.revoke("w-1", NOW, "keyCompromise")
    again = Authority(authority.places.folder)
    again.write_crl(NOW + timedelta(days=1))
    listed = crl(again)
    assert [f"{entry.serial_number:x}" for entry in listed] == [one.serial]
    assert listed.is_signature_valid(read(again.places.authority).public_key())  # type: ignore[arg-type]
    assert state(again.register, one, NOW) == "revoked"


def test_revoking_a_name_takes_back_all_its_certificates(authority: Authority) -> None:
    authority.issue("device", "w-1", NOW, 10)
    authority.issue("device", "w-1", NOW, 10, again=True)
    assert len(authority.revoke("w-1", NOW)) == 2
    with pytest.raises(PkiError, match="revoked already"):
        authority.revoke("w-1", NOW)
    with pytest.raises(PkiError, match="never issued"):
        authority.revoke("w-2", NOW)
    with pytest.raises(PkiError, match="there are: unspecified"):
        authority.revoke("w-1", NOW, "boredom")


def test_one_certificate_can_be_taken_back_by_its_number(authority: Authority) -> None:
    old = authority.issue("device", "w-1", NOW, 10)
    new = authority.issue("device", "w-1", NOW, 10, again=True)
    authority.revoke(old.serial, NOW, "superseded")
    assert [one.serial for one in authority.register.valid(NOW)] == [new.serial]


def test_the_key_of_the_authority_can_be_locked(tmp_path: Path) -> None:
    Authority.create(tmp_path, "Demo", NOW, "open sesame")
    Authority(tmp_path, "open sesame")
    with pytest.raises(PkiError, match="ARTERIAL_PKI_PASSPHRASE"):
        Authority(tmp_path)
    with pytest.raises(PkiError, match="passphrase is not its own") as refused:
        Authority(tmp_path, "wrong")
    assert "wrong" not in str(refused.value)


def test_an_authority_is_never_overwritten(authority: Authority) -> None:
    with pytest.raises(PkiError, match="there already"):
        Authority.create(authority.places.folder, "Demo", NOW)


def test_a_line_cut_short_by_a_crash_spoils_no_other(authority: Authority) -> None:
    authority.issue("device", "w-1", NOW, 10)
    with authority.places.register.open("ab") as file:
        file.write(b'{"serial":"ab')
    assert [one.name for one in Register(authority.places.register).issued] == ["w-1"]


def test_names_that_differ_have_files_that_differ(authority: Authority) -> None:
    names = ["a:b", "a_b", "a.b", ".", "..", "A-b"]
    places = [authority.places.certificate("device", name) for name in names]
    assert len(set(places)) == len(names)
    assert {place.parent for place in places} == {authority.places.folder / "devices"}


def test_the_command_does_what_the_page_says(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["pki", *words, "--dir", str(tmp_path / "pki")])
        assert result.exit_code == 0, result.output
        return result.output

    run("init", "Demo")
    run("server", "mqtt.example", "10.0.0.7")
    run("device", "w-1", "w-2")
    run("revoke", "w-2", "--reason", "cessationOfOperation")
    run("crl", "--days", "30")
    told = run("list")
    assert "w-1" in told
    assert "revoked" in told
    assert "w-1" not in run("list", "--expiring", "30")
    missing = CliRunner().invoke(app, ["pki", "list", "--dir", str(tmp_path / "none")])
    assert missing.exit_code == 1
    assert "arterial pki init" in missing.output
