"""What does a mosquitto need to read so that everybody may do what they may, and nothing else?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.broker_access.accounts import Account, Accounts

_HEAD: Final = """\
# Written by `arterial broker config`; it will be written anew, so change the city file instead.
# Reload mosquitto (SIGHUP) after a change of rights, passwords or revocations; restart it for the rest.
"""

_KEEPING: Final = """\
# Sessions and messages for who is away are on disk: an absent arterial finds its session when it comes back.
persistence true
persistence_location {data}
autosave_on_changes true
autosave_interval 1
persistent_client_expiration 14d

# The defaults, 20 in flight and 1000 queued, are slow, and beyond them messages are dropped in silence.
# Not 0 (no limit): mosquitto 2.0 then cuts off a client when it refuses one of its messages.
max_inflight_messages 4000
max_queued_messages 10000000
max_queued_bytes 0
queue_qos0_messages false
message_size_limit 1048576
set_tcp_nodelay true
"""

_DEVICES: Final = """\
# Devices come with a certificate of the city's authority and have the name that stands in it. Their client id
# is that name too, so that nobody takes over somebody else's session.
listener {port}{address}
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
crlfile {folder}/crl.pem
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
use_username_as_clientid true
"""

_HERE: Final = """\
# arterial itself, when it runs on this machine: several of its processes may share one certificate.
listener {port} 127.0.0.1
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
crlfile {folder}/crl.pem
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
"""

_PASSWORDS: Final = """\
# Devices that cannot hold a certificate: TLS all the same, and a password of their own.
listener {port}{address}
certfile {folder}/server.pem
keyfile {folder}/server.key
tls_version tlsv1.2
use_username_as_clientid true
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of broker is wanted. `folder` is where the broker will find the files."""

    folder: Path
    port: int = 8883
    here_port: int = 8884
    """0: no listener for this machine alone."""
    password_port: int = 0
    """0: certificates only."""
    address: str = ""
    data: str = "/var/lib/mosquitto/"
    plugin: str = ""
    """Path of the dynamic security plugin; empty: an ACL file."""
    user: str = ""


def configuration(wish: Wish) -> str:
    """mosquitto.conf (2.0 or newer)."""
    folder, address = wish.folder, f" {wish.address}" if wish.address else ""
    parts = [_HEAD, _DEVICES.format(port=wish.port, address=address, folder=folder)]
    if wish.here_port:
        parts.append(_HERE.format(port=wish.here_port, folder=folder))
    if wish.password_port:
        parts.append(_PASSWORDS.format(port=wish.password_port, address=address, folder=folder))
    parts += [_rights(wish), _KEEPING.format(data=wish.data)]
    if wish.user:
        parts.append(f"user {wish.user}\n")
    return "\n".join(parts)


def _rights(wish: Wish) -> str:
    lines = ["# Nobody without a name, and nobody beyond what the file says.", "allow_anonymous false"]
    if wish.plugin:
        lines += [f"plugin {wish.plugin}", f"plugin_opt_config_file {wish.folder}/dynamic-security.json"]
    else:
        lines += [f"acl_file {wish.folder}/acl"]
        if wish.password_port:
            lines += [f"password_file {wish.folder}/passwords"]
    return "\n".join(lines) + "\n"


def acl(accounts: Accounts) -> str:
    """The ACL file: what is not in it is forbidden."""
    blocks = [_HEAD]
    for account in _sorted(accounts):
        lines = [f"user {account.name}"]
        lines += [f"topic write {topic}" for topic in sorted(account.writes)]
        lines += [f"topic read {topic}" for topic in sorted(account.reads)]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def dynamic_security(accounts: Accounts, secrets: dict[str, dict[str, Any]]) -> str:
    """The file of mosquitto's dynamic security plugin, which also refuses subscriptions, not only deliveries.

    `secrets` holds a password's fields by account, for those that have one.
    """
    clients, roles = [], []
    for account in _sorted(accounts):
        clients.append(
            {
                "username": account.name,
                **secrets.get(account.name, {}),
                "roles": [{"rolename": account.name, "priority": 0}],
            }
        )
        roles.append({"rolename": account.name, "acls": _acls(account, accounts.city == account.name)})
    content = {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": False,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": clients,
        "groups": [],
        "roles": roles,
    }
    return json.dumps(content, indent=1) + "\n"


def _acls(account: Account, is_city: bool) -> list[dict[str, Any]]:
    found = [_allow("publishClientSend", topic) for topic in sorted(account.writes)]
    for topic in sorted(account.reads):
        found += [_allow("publishClientReceive", topic), _allow("subscribePattern", topic)]
    if is_city:  # shared subscriptions have another name; what they deliver is limited as everything is
        found.append(_allow("subscribePattern", "$share/#"))
    return found


def _allow(what: str, topic: str) -> dict[str, Any]:
    return {"acltype": what, "topic": topic, "priority": 0, "allow": True}


def _sorted(accounts: Accounts) -> Iterable[Account]:
    return sorted(accounts.of.values(), key=lambda account: (account.name != accounts.city, account.name))
