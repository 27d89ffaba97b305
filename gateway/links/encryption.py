"""How is a connection to a broker encrypted?"""

from __future__ import annotations

import ssl

from gateway.config.settings import BrokerSettings


def encryption(broker: BrokerSettings) -> ssl.SSLContext:
    """The TLS context of the settings; reads certificates. Raises OSError or ValueError."""
    context = ssl.create_default_context(cafile=broker.ca_file)
    if broker.cert_file is not None:
        context.load_cert_chain(broker.cert_file, broker.key_file)
    return context
