"""Puts libffitypecheck into the wheel, and its Rust sources into the sdist.

The library is the one that `make` has built, in a checkout; else cargo and the C compiler build it, from the sources beside
this file or in the checkout.
"""

import os
import shutil
import subprocess
import sysconfig
import tarfile
import tempfile

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SONAME = "libffitypecheck.so.0"
LIBRARIES = "-lffi -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc".split()


class LibraryHook(BuildHookInterface):
    def initialize(self, version, build_data):
        self.scratch = tempfile.mkdtemp()
        here = os.path.join(self.root, "rust")
        sources = here if os.path.isdir(here) else os.path.dirname(self.root)
        if self.target_name == "sdist":
            if sources != here:
                build_data["force_include"][self.packaged(sources)] = "rust"
            return
        made = os.path.join(sources, "build", SONAME)
        library = os.path.realpath(made) if os.path.exists(made) else self.built(sources)
        build_data["force_include"][library] = "ffitypecheck/" + SONAME
        for licence in "LICENSE-MIT", "LICENSE-APACHE":
            build_data["force_include"][os.path.join(sources, licence)] = "ffitypecheck/" + licence
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")

    def finalize(self, version, build_data, artifact_path):
        shutil.rmtree(self.scratch)

    def packaged(self, sources):
        """The crate as cargo packages it: without the workspace around it."""
        subprocess.run(["cargo", "package", "--locked", "--no-verify", "--allow-dirty", "--quiet", "--package", "ffitypecheck",
                        "--target-dir", self.scratch], cwd=sources, check=True)
        directory = os.path.join(self.scratch, "package")
        name, = (entry for entry in os.listdir(directory) if entry.endswith(".crate"))
        top = name[:-len(".crate")]
        with tarfile.open(os.path.join(directory, name)) as crate:
            members = [member for member in crate.getmembers() if not member.name.startswith(top + "/python/")]
            crate.extractall(directory, members)
        return os.path.join(directory, top)

    def built(self, sources):
        """The shared library, linked as the Makefile does it: with the version script, which cargo cannot pass."""
        subprocess.run(["cargo", "build", "--release", "--locked", "--package", "ffitypecheck", "--features", "capi",
                        "--target-dir", self.scratch], cwd=sources, check=True)
        library = os.path.join(self.scratch, SONAME)
        map = os.path.join(sources, "pkgconfig", "ffitypecheck.map")
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-o", library, "-Wl,-soname," + SONAME,
                        "-Wl,--version-script=" + map, "-Wl,--gc-sections", "-Wl,-z,relro,-z,now", "-Wl,--as-needed",
                        "-Wl,--build-id", "-Wl,--whole-archive", os.path.join(self.scratch, "release", "libffitypecheck.a"),
                        "-Wl,--no-whole-archive"] + LIBRARIES, check=True)
        return library
