"""Which of the servers that the live suite talks to are there, and how does one get the others?

Run as a script it installs the missing Debian packages (as root or with passwordless sudo); where that is not
possible it prints the command, and with CI=true it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "mosquitto": "mosquitto",
    "influxd": "influxdb",
    "chromium": "chromium",
    "victoria-metrics": "victoria-metrics",
    "faketime": "faketime",
    "snmpd": "snmpd",
    "snmpget": "snmp",
    "nginx": "nginx",
}
"""Program -> Debian package."""

_ALSO = "/usr/sbin:/usr/local/sbin"


def program(name: str) -> str | None:
    """The path of `name`, also where Debian keeps servers; None when it is not installed."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{_ALSO}")


def missing() -> list[str]:
    """Programs of PACKAGES that are not installed."""
    return [name for name in PACKAGES if program(name) is None]


def install_command(programs: list[str]) -> list[str]:
    """The command that installs `programs` on Debian and Ubuntu."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *(PACKAGES[name] for name in programs)]


def required() -> bool:
    """Whether a missing server is a failure (CI=true) rather than a skip."""
    return os.environ.get("CI", "").lower() == "true"


def hint(name: str) -> str:
    """What to tell somebody whose machine lacks `name`."""
    return f"{name} is not installed; sudo {' '.join(install_command([name]))}"


def _as_root() -> list[str] | None:
    """The words that make a command run as root; None when that needs a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def _apt(root: list[str], command: list[str]) -> bool:
    prefix = [*root, "env", "DEBIAN_FRONTEND=noninteractive"]
    return subprocess.run([*prefix, *command], stdout=subprocess.DEVNULL).returncode == 0


def install(programs: list[str]) -> None:
    """Install what can be installed: all at once, else one by one, so that one absent costs only itself."""
    root = _as_root()
    if root is None or shutil.which("apt-get") is None:
        return
    print(f"Installing for the live suite: {', '.join(PACKAGES[name] for name in programs)} ...", flush=True)
    _apt(root, ["apt-get", "update", "-q"])
    if not _apt(root, install_command(programs)):
        for name in programs:
            _apt(root, install_command([name]))


def main() -> int:
    """Make the servers be there; 1 only when they must be and are not."""
    if wanted := missing():
        install(wanted)
    absent = missing()
    if absent:
        fate = "failures" if required() else "skipped"
        print(f"Without {', '.join(absent)} their tests are {fate}. To install:")
        print(f"  sudo {' '.join(install_command(absent))}")
    return 1 if absent and required() else 0


if __name__ == "__main__":
    sys.exit(main())
