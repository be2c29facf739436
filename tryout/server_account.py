"""Provides a system account for PostgreSQL, which refuses to run as root, with the minimal access it needs."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tryout.start_error import StartError

ACCOUNT_NAME = "pgserver"
READABLE_FOLDER = stat.S_IROTH | stat.S_IXOTH


@dataclass(frozen=True)
class Account:
    """The system account that PostgreSQL runs under.

    :param uid: its user id
    :param gid: its group id
    :param is_other: whether it differs from the account that we run under, because that is root
    """

    uid: int
    gid: int
    is_other: bool


def server_account() -> Account:
    """Return the account for PostgreSQL: our own or, for root, an unprivileged one, created if it is missing.

    :raises StartError: if root cannot create it
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    try:
        found = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        _make_account()
        found = pwd.getpwnam(ACCOUNT_NAME)
    return Account(found.pw_uid, found.pw_gid, is_other=True)


def _make_account() -> None:
    if useradd := shutil.which("useradd"):
        command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", ACCOUNT_NAME]
    elif adduser := shutil.which("adduser"):  # BusyBox
        command = [adduser, "-S", "-D", "-H", "-s", "/bin/false", ACCOUNT_NAME]
    else:
        message = f"PostgreSQL does not run as root: make an account named {ACCOUNT_NAME}, or start as another user."
        raise StartError(message)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        pwd.getpwnam(ACCOUNT_NAME)  # another start may have created it at the same time
    except KeyError:
        message = f"The account {ACCOUNT_NAME} could not be made: {done.stderr.strip() or done.stdout.strip()}"
        raise StartError(message) from None


def let_through(folder: Path, account: Account) -> None:
    """Let the other account traverse a folder of ours without listing it, and give nobody else any access."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    if account.is_other and not mode & stat.S_IXOTH:
        os.chown(folder, -1, account.gid)
        folder.chmod(mode & ~stat.S_IRWXG | stat.S_IXGRP)


def let_reach(path: Path, account: Account) -> None:
    """Let the other account traverse every parent folder of a path, without making any of them readable."""
    if not account.is_other:
        return
    for parent in path.parents:
        found = parent.stat()
        is_group = found.st_gid == account.gid and found.st_mode & stat.S_IXGRP
        if not is_group and not found.st_mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def let_read(programs: Path, account: Account) -> None:
    """Let the other account read and run PostgreSQL's programs, which may be installed with a strict umask."""
    if not account.is_other:
        return
    let_reach(programs, account)
    if programs.stat().st_mode & READABLE_FOLDER == READABLE_FOLDER:
        return
    for path in (*programs.rglob("*"), programs):  # the folder itself last, as the mark that everything in it is done
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink():
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def own_folder(path: Path, account: Account) -> None:
    """Create a folder that only the account can enter, or check an existing one.

    :raises StartError: if the path is something else, or belongs to somebody else, who could have created it in a
        shared temporary folder
    """
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileExistsError, NotADirectoryError) as error:
        message = f"{path} is not a folder: remove it."
        raise StartError(message) from error
    try:
        if os.fstat(handle).st_uid not in {account.uid, os.geteuid()}:
            message = f"{path} belongs to somebody else: remove it."
            raise StartError(message)
        os.fchmod(handle, 0o700)
        if account.is_other:
            os.fchown(handle, account.uid, account.gid)
    finally:
        os.close(handle)
