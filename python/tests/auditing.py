"""What the tests of the audit share: a library with types, one without, and bindings that are written into a directory."""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, "build", "python")
SOURCE = os.path.join(TOP, "python", "src")


def library(name, *options):
    os.makedirs(BUILD, exist_ok=True)
    path = os.path.join(BUILD, name)
    source = os.path.join(HERE, "audit_library.c")
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        made = "%s.%d" % (path, os.getpid())
        subprocess.run(["cc", *options, "-O1", "-fPIC", "-shared", "-Wl,--build-id", "-o", made, source], check=True,
                       cwd=BUILD)
        os.rename(made, path)
    return path


class Result:
    def __init__(self, code, output, errors):
        self.code, self.output, self.errors = code, output, errors


class AuditCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = os.path.realpath(directory.name)
        self.library = library("libaudit-typed.so", "-g")
        self.head = "import ctypes\nfrom ctypes import *\nlib = CDLL(%r)\n" % self.library

    def write(self, name, text, head=True):
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write((self.head if head else "") + textwrap.dedent(text))
        return path

    def run_audit(self, *arguments, **options):
        environment = dict(os.environ, PYTHONPATH=SOURCE, PYTHONDONTWRITEBYTECODE="1")
        environment.pop("FFITYPECHECK", None)
        done = subprocess.run([sys.executable, "-m", "ffitypecheck", "audit", *arguments], cwd=self.directory,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True, timeout=300, **options)
        return Result(done.returncode, done.stdout, done.stderr)

    def audit(self, *arguments):
        """The JSON document, with the exit code."""
        result = self.run_audit(*arguments, "--format", "json")
        self.assertIn(result.code, (0, 1, 3), result.errors + result.output)
        return result.code, json.loads(result.output)

    def found(self, text, *arguments):
        """(verdict, subject, rule, line) of what a binding declares; lines are counted behind the head."""
        self.write("binding.py", text)
        _, document = self.audit("binding", *arguments)
        self.assertEqual([target["status"] for target in document["targets"]], ["ok"], document["targets"])
        self.document = document
        return sorted((row["verdict"], row["subject"], row["rule"], row["line"] - 3) for row in document["findings"]
                      if row["verdict"] != "UNVERIFIED")
