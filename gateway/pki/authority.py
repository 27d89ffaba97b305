"""How does a city vouch for its devices: certificates issued, renewed and taken back?"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.pki.files import PkiError, Places, checked_name, key_pem, pem, write_public, write_secret
from gateway.pki.register import Issued, Register, Revoked, iso

Use = Literal["device", "server"]
Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
REASONS: Final = ("unspecified", "keyCompromise", "superseded", "cessationOfOperation")
"""Of RFC 5280 5.3.1, those that befall a device."""

AUTHORITY_DAYS: Final = 3650
CRL_DAYS: Final = 370
"""A broker refuses everybody once its list is past this time; it lies beside the broker and is written anew
at every revocation, so a short life would only be a trap."""
BACKDATED: Final = timedelta(hours=1)
"""Devices whose clock is somewhat behind take a new certificate all the same."""
MIN_RSA_BITS: Final = 2048


class Authority:
    """The city's certificate authority, in one folder."""

    def __init__(self, folder: Path, passphrase: str | None = None) -> None:
        """Open an authority. Raises PkiError when there is none or the key cannot be read."""
        self.places = Places(folder)
        if not self.places.authority.exists():
            raise PkiError(f"no authority in {folder}; make one with: arterial pki init --dir {folder}")
        self._certificate = x509.load_pem_x509_certificate(self.places.authority.read_bytes())
        self._key = _read_key(self.places.authority_key, passphrase)
        self.register = Register(self.places.register)

    @classmethod
    def create(cls, folder: Path, city: str, now: datetime, passphrase: str | None = None) -> Self:
        """A new authority with an empty revocation list. Raises PkiError when the folder has one already."""
        places = Places(folder)
        for taken in (places.authority, places.authority_key):
            if taken.exists():
                raise PkiError(f"{taken} is there already; a second authority needs a folder of its own")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"{city} Arterial authority")
        usage = _usage(signs_certificates=True)
        made = (
            _builder(name, name, key.public_key(), now, timedelta(days=AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        write_secret(places.authority_key, key_pem(key, passphrase))
        write_public(places.authority, pem(made))
        authority = cls(folder, passphrase)
        authority.write_crl(now)
        return authority

    @property
    def expires(self) -> datetime:
        """Until when the authority itself is valid."""
        return self._certificate.not_valid_after_utc

    def issue(
        self,
        use: Use,
        name: str,
        now: datetime,
        days: int,
        hosts: Sequence[str] = (),
        request: bytes | None = None,
        again: bool = False,
    ) -> Issued:
        """A certificate for a device or a server, with its key beside it.

        `request` (PKCS #10) is the wish of a device that keeps its key itself: its key is signed, its name is
        not asked. `hosts` are the names and addresses of a server. Raises PkiError, also when a valid
        certificate of that name is there and not `again`.
        """
        checked_name(name)
        standing = [one for one in self.register.of(name, self.register.valid(now)) if one.use == use]
        if standing and not again:
            raise PkiError(
                f"{use} {name} has a certificate until {standing[-1].until[:10]}; "
                "--again issues another one, `arterial pki revoke` takes the old one back"
            )
        own = None if request else ec.generate_private_key(ec.SECP256R1())
        public: Key = own.public_key() if own else _requested(request or b"")
        life = min(timedelta(days=days), self.expires - now)
        made = self._signed(use, name, public, now, life, hosts)
        if own is not None:
            write_secret(self.places.key(use, name), key_pem(own))
        write_public(self.places.certificate(use, name), pem(made))
        entry = Issued(_serial(made.serial_number), use, name, iso(now), iso(now + life), tuple(hosts))
        self.register.add(entry)
        return entry

    def revoke(self, name: str, now: datetime, reason: str = "unspecified") -> list[Issued]:
        """Trust no certificate of `name` (or with this serial number) any more; the list is written anew.

        Raises PkiError when there is none that could be revoked, or the reason is none of REASONS.
        """
        if reason not in REASONS:
            raise PkiError(f"no reason '{reason}'; there are: {', '.join(REASONS)}")
        found = [one for one in self.register.of(name) if one.serial not in self.register.revoked]
        if not found:
            known = self.register.of(name)
            why = "is revoked already" if known else "was never issued here; see: arterial pki list"
            raise PkiError(f"the certificate of '{name}' {why}")
        for one in found:
            self.register.add(Revoked(one.serial, iso(now), reason))
        self.write_crl(now)
        return found

    def write_crl(self, now: datetime, days: int = CRL_DAYS) -> None:
        """Write the revocation list, signed and valid for so many days."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(now - BACKDATED)
            .next_update(now + timedelta(days=days))
            .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
            .add_extension(_signer(self._certificate), critical=False)
        )
        for entry in self.register.revoked.values():
            one = x509.RevokedCertificateBuilder(int(entry.revoked, 16), datetime.fromisoformat(entry.at))
            if entry.reason != "unspecified":
                one = one.add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason)), critical=False)
            builder = builder.add_revoked_certificate(one.build())
        write_public(self.places.revoked, pem(builder.sign(self._key, hashes.SHA256())))

    def _signed(
        self, use: Use, name: str, key: Key, now: datetime, life: timedelta, hosts: Sequence[str]
    ) -> x509.Certificate:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if use == "server" else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            _builder(_name(name), self._certificate.subject, key, now, life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(_signer(self._certificate), critical=False)
        )
        if use == "server":
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_host(h) for h in hosts or [name]]), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signer(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    key_id = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _serial(number: int) -> str:
    return f"{number:x}"


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return x509.DNSName(text)
    except ValueError:
        raise PkiError(f"'{text}' is neither an address nor a host name in ASCII") from None


def _requested(request: bytes) -> Key:
    """The key of a certificate request that its sender holds, and that is strong enough."""
    try:
        asked = x509.load_pem_x509_csr(request)
        key = asked.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PkiError(f"that is no certificate request in PEM: {error}") from error
    if not asked.is_signature_valid:
        raise PkiError("the request is not signed with its own key")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= 256:
        return key
    raise PkiError(
        f"the request's key is too weak; RSA from {MIN_RSA_BITS} bits or a curve from 256 is taken"
    )


def _read_key(path: Path, passphrase: str | None) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(
            path.read_bytes(), passphrase.encode() if passphrase else None
        )
    except OSError as error:
        raise PkiError(f"the authority's key cannot be read: {error}") from error
    except TypeError:
        needs = "is not encrypted" if passphrase else "is encrypted: set ARTERIAL_PKI_PASSPHRASE"
        raise PkiError(f"{path} {needs}") from None
    except ValueError:
        raise PkiError(f"{path} is no private key, or the passphrase is not its own") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PkiError(f"{path} is not the key of an authority made here")
    return key


def utc_now() -> datetime:
    """The present moment, in whole seconds as certificates have them."""
    return datetime.now(UTC).replace(microsecond=0)
