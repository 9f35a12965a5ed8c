"""An emulated arm64 machine without a machine: a folder with arm64 programs, and qemu to run them.

Nothing in the folder is installed and nothing needs a container: qemu looks there first for every file that
a program opens by its full path. Each core has a place of its own to be looked at first, with what `/proc`
and `/sys` say on a board with such a core: onnxruntime chooses its kernels by that, and would read of another
processor there.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path

from edge_nlu.errors import EdgeNluError
from edge_nlu_bench.sources import CHECKOUT

FOLDER = CHECKOUT / "build" / "arm"
QEMU = "qemu-aarch64"
# later ones of Debian are linked statically and take no plugins
QEMU_VERSION = "7.2"
DEBIAN = "bookworm"
PYTHON = "usr/bin/python3.11"
USERSPACE = ("python3", "libpython3-stdlib", "libstdc++6", "libgomp1")
TOOLS = {QEMU: "qemu-user", "mmdebstrap": "mmdebstrap", "gcc": "gcc"}
SAME = ("numpy", "onnxruntime", "click", "paho-mqtt", "urllib3", "pytest", "hypothesis", "tokenizers", "onnx")
"""What is installed here in the very same version: other versions choose other kernels."""
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")
OURS = ("edge_nlu", "edge_nlu_bench", "edge_nlu_bridge", "edge_nlu_export", "edge_nlu_profiles")

NOTHING: Mapping[str, str] = {}
_ARMV8_0 = "fp asimd evtstrm crc32 cpuid"
_ARMV8_2 = (
    "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
)


@dataclass(frozen=True, slots=True)
class Core:
    """A core as qemu calls it, and as Linux tells of it on boards that have it."""

    emulated_as: str
    part: str
    variant: str
    revision: int
    features: str


CORES = {
    "Cortex-A53": Core("cortex-a53", "0xd03", "0x0", 4, _ARMV8_0),
    "Cortex-A72": Core("cortex-a72", "0xd08", "0x0", 3, _ARMV8_0),
    "Cortex-A76": Core("cortex-a76", "0xd0b", "0x4", 1, _ARMV8_2),
}


class Emulator:
    """Emulated arm64 in a folder that was set up."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        if not (folder / "ready").is_file():
            raise EdgeNluError(
                f"no emulated arm64 in {folder}; `edge-nlu bench arm --setup` makes one"
                " (Debian 12 on x86_64; as root where qemu is not installed yet)"
            )

    def python(self, core: str, count: Path | None = None, known: Mapping[str, str] = NOTHING) -> list[str]:
        """Return the command that is Python on a core; instructions are counted into a file if one is given.

        Python finds arm64 libraries first, then the code of here; `known` is what else it finds in its
        environment.
        """
        found = [spec.origin for name in OURS if (spec := find_spec(name)) is not None and spec.origin]
        roots = dict.fromkeys(str(Path(origin).parents[1]) for origin in found)
        known = {
            **known,
            "PYTHONPATH": os.pathsep.join([str(self.folder / "site"), *roots]),
            "PYTHONPYCACHEPREFIX": str(self.folder / "compiled"),
            "PYTHONHASHSEED": "0",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
        }
        settings = [word for name, value in known.items() for word in ("-E", f"{name}={value}")]
        plugin = [] if count is None else ["-plugin", f"file={self.folder / 'counter.so'},out={count}"]
        return [
            *(QEMU, "-cpu", CORES[core].emulated_as, "-L", str(self.folder / core), *settings, *plugin),
            str(self.folder / "root" / PYTHON),
        ]

    def run(self, core: str, *arguments: str, given: str = "", count: Path | None = None) -> str:
        """Run Python on a core, and return what it prints."""
        command = [*self.python(core, count), *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
            raise EdgeNluError(f"emulated Python on a {core} ended with {done.returncode}: {last}")
        return done.stdout


def set_up(folder: Path = FOLDER) -> Emulator:
    """Make an emulated arm64 in a folder: qemu, a userspace of Debian, wheels, and the counter."""
    _install_tools()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ready").unlink(missing_ok=True)
    root = folder / "root"
    if not (root / PYTHON).is_file():
        shutil.rmtree(root, ignore_errors=True)
        included = f"--include={','.join(USERSPACE)}"
        _done(
            "mmdebstrap", "--quiet", "--architectures=arm64", "--variant=extract", included, DEBIAN, str(root)
        )
    shutil.rmtree(folder / "site", ignore_errors=True)
    tags = [tag for name in PLATFORMS for tag in ("--platform", f"{name}_aarch64")]
    _done(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder / "site")),
        *("--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp"),
        *("--abi", "cp311", "--abi", "abi3", "--abi", "none", *tags),
        *(f"{name}=={version(name)}" for name in SAME),
    )
    _announce(folder / "site")
    for name, core in CORES.items():
        _make_seen(folder / name, core)
    source = Path(__file__).with_name("counter.c")
    _done("gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", str(folder / "counter.so"), str(source))
    (folder / "ready").touch()
    emulator = Emulator(folder)
    emulator.run("Cortex-A72", "-c", "import onnxruntime")
    return emulator


def _install_tools() -> None:
    """Install the programs that are missing, or say what stands in the way."""
    missing = [package for program, package in TOOLS.items() if shutil.which(program) is None]
    if missing:
        told = platform.freedesktop_os_release()
        if (told.get("ID"), told.get("VERSION_ID"), platform.machine()) != ("debian", "12", "x86_64"):
            raise EdgeNluError(
                f"{', '.join(missing)} not installed, and this is {told.get('PRETTY_NAME', 'another system')}"
                f" on {platform.machine()}; emulated arm64 is made on Debian 12 on x86_64"
            )
        if os.geteuid():
            raise EdgeNluError(
                f"{', '.join(missing)} not installed; run `apt-get install {' '.join(missing)}` as root"
            )
        _done("apt-get", "install", "--yes", "--no-install-recommends", *missing)
    found = subprocess.run([QEMU, "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    if f" {QEMU_VERSION}." not in found:
        raise EdgeNluError(f"found {found}, expected version {QEMU_VERSION}: only Debian 12's takes plugins")


def _done(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise EdgeNluError(f"{command[0]} ended with {done.returncode}: {last}")


def _announce(site: Path) -> None:
    """Write down what edge-nlu announces, as an installation of it would: bridges are found by that."""
    own = distribution("edge-nlu")
    folder = site / f"edge_nlu-{own.version}.dist-info"
    folder.mkdir()
    for name in ("METADATA", "entry_points.txt"):
        (folder / name).write_text(own.read_text(name) or "", encoding="utf-8")


def _make_seen(folder: Path, core: Core) -> None:
    """Make what programs on such a core see first: its processors, and the userspace."""
    shutil.rmtree(folder, ignore_errors=True)
    for own in ("lib", "usr", "bin", "etc"):
        (folder / own).parent.mkdir(parents=True, exist_ok=True)
        (folder / own).symlink_to(Path("..", "root", own))
    told = {
        "proc/cpuinfo": "\n".join(_processor(number, core) for number in range(4)),
        "sys/devices/system/cpu/possible": "0-3\n",
        "sys/devices/system/cpu/present": "0-3\n",
    }
    for name, text in told.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _processor(number: int, core: Core) -> str:
    lines: Sequence[tuple[str, object]] = (
        ("processor", number),
        ("BogoMIPS", "108.00"),
        ("Features", core.features),
        ("CPU implementer", "0x41"),
        ("CPU architecture", 8),
        ("CPU variant", core.variant),
        ("CPU part", core.part),
        ("CPU revision", core.revision),
    )
    return "".join(f"{name}\t: {value}\n" for name, value in lines)
