"""The official Python SDK, in a virtual environment below .build."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE / ".build"
SDK = "magic_hour==0.90.0"


def enter_virtual_environment(script):
    """Runs a script again by the Python of a virtual environment in which the SDK is."""
    folder = BUILD / "venv"
    python = folder / "bin" / "python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    installed = subprocess.run([python, "-m", "pip", "show", "magic_hour"], capture_output=True, text=True)
    if "Version: " + SDK.split("==")[1] not in installed.stdout:
        print(f"Installing {SDK} ...", file=sys.stderr)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK], check=True)
    os.execv(python, [str(python), script, *sys.argv[1:]])
