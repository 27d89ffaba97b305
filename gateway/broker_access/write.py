"""Which files make a mosquitto obey the city file?"""

from __future__ import annotations

import shutil
from pathlib import Path

from gateway.broker_access.accounts import Accounts
from gateway.broker_access.mosquitto import Wish, acl, configuration, dynamic_security
from gateway.broker_access.passwords import completed, listed, password_file, security_fields, told
from gateway.pki.files import PkiError, Places, write_public, write_secret


def write(accounts: Accounts, wish: Wish, out: Path, pki: Path, server: str, passwords: bool) -> list[Path]:
    """Write the configuration, rights and certificates to `out`; returns what was written.

    `server` is the name under which the broker's certificate was issued. Raises PkiError and OSError.
    """
    out.mkdir(parents=True, exist_ok=True)
    made = _certificates(out, Places(pki), server)
    secrets: dict[str, str] = {}
    if passwords:
        kept = out / "device-passwords.csv"
        secrets = completed(told(kept), set(accounts.of) - {accounts.city})
        write_secret(kept, listed(secrets))
        made.append(kept)
    files = {"mosquitto.conf": configuration(wish)}
    if wish.plugin:
        files["dynamic-security.json"] = dynamic_security(accounts, security_fields(secrets))
    else:
        files["acl"] = acl(accounts)
        if passwords:
            files["passwords"] = password_file(secrets)
    for name, text in files.items():
        path = out / name
        (write_public if name == "mosquitto.conf" else write_secret)(path, text.encode())
        made.append(path)
    return made


def _certificates(out: Path, places: Places, server: str) -> list[Path]:
    certificate, key = places.certificate("server", server), places.key("server", server)
    for needed, hint in (
        (places.authority, "arterial pki init CITY"),
        (certificate, f"arterial pki server {server}"),
        (places.revoked, "arterial pki crl"),
    ):
        if not needed.exists():
            raise PkiError(f"{needed} is missing; make it with: {hint} --dir {places.folder}")
    for source, name in (
        (places.authority, "ca.pem"),
        (certificate, "server.pem"),
        (places.revoked, "crl.pem"),
    ):
        write_public(out / name, source.read_bytes())
    write_secret(out / "server.key", key.read_bytes())
    return [out / name for name in ("ca.pem", "server.pem", "crl.pem", "server.key")]


def find_plugin() -> str:
    """Where mosquitto's dynamic security plugin lies on this machine; empty when it does not."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    roots = [Path(program).resolve().parents[1]] if program else []
    for root in [*roots, Path("/usr"), Path("/usr/local")]:
        found = sorted(root.glob("lib*/**/mosquitto_dynamic_security.so"))
        if found:
            return str(found[0])
    return ""
