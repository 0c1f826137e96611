"""Give this process, and all that it starts, its own folders at fixed paths (Linux only).

Run as a program, it does so for a command:

    python -I -S own_folders.py [--no-network] FOLDER=/opt/ml COMMAND ARGUMENT...

The folders are mounted in a new mount namespace, which nothing outside of the process sees and
which ends with it. A user other than root needs a user namespace for that, in which the process
keeps its user and gets no additional permission. Without a network, the process has only a
loopback interface of its own, in a new network namespace.
"""

# Importing pathlib would slow every cold start of a function.
# ruff: noqa: PTH102, PTH103, PTH112, PTH114, PTH115, PTH120, PTH123, PTH211

import ctypes
import os
import sys
from collections.abc import Sequence

# CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET
_NEW_MOUNTS, _NEW_USER, _NEW_NETWORK = 0x20000, 0x10000000, 0x40000000
_GET_FLAGS, _SET_FLAGS, _IS_UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
# MS_REMOUNT, MS_BIND, MS_REC, and MS_PRIVATE; the flags of a file system have the values of ST_...
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
_CAPABILITIES_3 = 0x20080522  # the version of the structures of capset()
_libc = ctypes.CDLL(None, use_errno=True)


def enter(folders: dict[str, str], visible: Sequence[str] = (), has_network: bool = True) -> None:
    """Mount each folder at its path, below which the `visible` paths remain, read-only.

    The process must have one thread. Raise OSError where namespaces are not available.
    """
    wanted = _NEW_MOUNTS if has_network else _NEW_MOUNTS | _NEW_NETWORK
    is_new_user = _libc.unshare(wanted) != 0
    if is_new_user:
        user, group = os.geteuid(), os.getegid()
        _check(_libc.unshare(wanted | _NEW_USER), "create a namespace")
        for name, text in (("setgroups", "deny"), ("uid_map", user), ("gid_map", group)):
            line = text if text == "deny" else f"{text} {text} 1"
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(line)
    _mount("none", "/", _RECURSIVE | _PRIVATE)
    for target, folder in folders.items():
        _replace(target, folder, visible)
    if not has_network:
        _start_loopback()
    if is_new_user:
        none = (ctypes.c_uint32 * 6)()
        _check(_libc.capset((ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), none), "drop capabilities")


def _start_loopback() -> None:
    """Turn on the loopback interface of a new network namespace, as in a container."""
    import fcntl  # both take time that the cold start of a function does not have
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = bytearray(b"lo".ljust(40, b"\0"))  # struct ifreq: 16 bytes of name, then flags
        fcntl.ioctl(control, _GET_FLAGS, request)
        request[16] |= _IS_UP
        fcntl.ioctl(control, _SET_FLAGS, request)


def _replace(target: str, folder: str, visible: Sequence[str]) -> None:
    if not os.path.isdir(target):
        _add_entry(target)
    paths = [path for path in visible if path.startswith(f"{target}/")]
    handles = [os.open(path, os.O_PATH) for path in paths]
    _mount(folder, target, _BIND | _RECURSIVE)
    for path, handle in zip(paths, handles, strict=True):
        os.makedirs(path, exist_ok=True)
        _mount(f"/proc/self/fd/{handle}", path, _BIND | _RECURSIVE)
        flags = os.statvfs(path).f_flag & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
        _mount("none", path, _BIND | _REMOUNT | os.ST_RDONLY | flags)  # those flags must remain
        os.close(handle)


def _add_entry(target: str) -> None:
    """Add an empty folder to its parent, in whose place comes a copy made of mounts."""
    parent = os.path.dirname(target)
    handle = os.open(parent, os.O_PATH)
    entries = list(os.scandir(parent))
    _mount("tmpfs", parent, 0, "tmpfs")
    for entry in entries:
        original = f"/proc/self/fd/{handle}/{entry.name}"
        if os.path.islink(original):
            os.symlink(os.readlink(original), entry.path)
            continue
        if os.path.isdir(original):
            os.mkdir(entry.path)
        else:
            os.close(os.open(entry.path, os.O_CREAT))
        _mount(original, entry.path, _BIND | _RECURSIVE)
    os.close(handle)
    os.mkdir(target)


def _mount(source: str, target: str, flags: int, kind: str = "") -> None:
    names = (source.encode(), target.encode(), kind.encode() or None)
    _check(_libc.mount(*names, ctypes.c_ulong(flags), None), f"mount {source} on {target}")


def _check(result: int, action: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot {action}: {os.strerror(number)}")


if __name__ == "__main__":
    is_isolated = sys.argv[1] == "--no-network"
    place, *command = sys.argv[2:] if is_isolated else sys.argv[1:]
    folder, _, target = place.partition("=")
    enter({target: folder}, has_network=not is_isolated)
    os.execv(command[0], command)  # noqa: S606 - the command of a container
