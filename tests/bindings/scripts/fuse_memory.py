"""A file system in memory is mounted, written to and read."""

import errno
import os
import stat
import subprocess
import sys
import tempfile
import time

import fuse


class Memory(fuse.Operations):
    def __init__(self):
        self.files = {"/": (dict(st_mode=stat.S_IFDIR | 0o755, st_nlink=2), b"")}

    def getattr(self, path, fh=None):
        if path not in self.files:
            raise fuse.FuseOSError(errno.ENOENT)
        attributes, data = self.files[path]
        return dict(attributes, st_size=len(data), st_mtime=12345.5)

    def create(self, path, mode):
        self.files[path] = (dict(st_mode=stat.S_IFREG | mode, st_nlink=1), b"")
        return 1

    def read(self, path, size, offset, fh):
        return self.files[path][1][offset:offset + size]

    def write(self, path, data, offset, fh):
        attributes, old = self.files[path]
        self.files[path] = (attributes, old[:offset] + data + old[offset + len(data):])
        return len(data)

    def readdir(self, path, fh):
        return [".", ".."] + [name[1:] for name in self.files if name != "/"]

    def mkdir(self, path, mode):
        self.files[path] = (dict(st_mode=stat.S_IFDIR | mode, st_nlink=2), b"")

    def statfs(self, path):
        return dict(f_bsize=512, f_blocks=4096, f_bavail=2048)

    def getxattr(self, path, name, position=0):
        if name == "user.one":
            return b"value"
        raise fuse.FuseOSError(errno.ENODATA)

    def utimens(self, path, times=None):
        pass

    def truncate(self, path, length, fh=None):
        attributes, old = self.files[path]
        self.files[path] = (attributes, old[:length])


if len(sys.argv) > 1:
    fuse.FUSE(Memory(), sys.argv[1], foreground=True, nothreads=True)
    sys.exit()
place = tempfile.mkdtemp()
mounted = subprocess.Popen([sys.executable, "-m", "record", __file__, place])
for attempt in range(100):
    if os.path.ismount(place) or mounted.poll() is not None:
        break
    time.sleep(0.1)
try:
    with open(os.path.join(place, "one"), "wb") as file:
        file.write(b"hello" * 1000)
    with open(os.path.join(place, "one"), "rb") as file:
        print(len(file.read()))
    os.mkdir(os.path.join(place, "two"))
    print(sorted(os.listdir(place)), os.stat(os.path.join(place, "one")).st_mtime, os.statvfs(place).f_bavail)
    print(os.getxattr(os.path.join(place, "one"), "user.one"))
    os.utime(os.path.join(place, "one"))
    os.truncate(os.path.join(place, "one"), 3)
    print(os.stat(os.path.join(place, "one")).st_size)
finally:
    subprocess.run(["umount", place], check=True)
print(mounted.wait(20))
