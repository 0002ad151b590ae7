"""What other tools make of the audit's reports: SARIF against its schema, JUnit by junitparser."""

import json
import os
import subprocess
import unittest

import jsonschema
import junitparser

from auditing import BUILD, AuditCase

_MANIFEST = """[package]
name = "schema"
version = "0.0.0"
edition = "2021"
[dependencies]
serde-sarif = "=0.8.0"
[workspace]
"""


def sarif_schema():
    """The schema of SARIF 2.1.0, as the crate serde-sarif has it."""
    directory = os.path.join(BUILD, "sarif")
    os.makedirs(os.path.join(directory, "src"), exist_ok=True)
    manifest = os.path.join(directory, "Cargo.toml")
    open(os.path.join(directory, "src", "lib.rs"), "a").close()
    if not os.path.exists(manifest):
        with open(manifest, "w") as file:
            file.write(_MANIFEST)
    done = subprocess.run(["cargo", "metadata", "--quiet", "--format-version", "1", "--manifest-path", manifest],
                          stdout=subprocess.PIPE, check=True)
    [crate] = [crate for crate in json.loads(done.stdout)["packages"] if crate["name"] == "serde-sarif"]
    with open(os.path.join(os.path.dirname(crate["manifest_path"]), "src", "schema.json")) as file:
        return json.load(file)


class ReportTest(AuditCase):
    def setUp(self):
        super().setUp()
        self.write("package/__init__.py", "", head=False)
        self.write("package/wrong.py", """\
            lib.make.argtypes = [c_int]
            lib.half.restype = c_float
            lib.count.restype = c_long
            class point(Structure):
                _fields_ = [("x", c_long), ("y", c_long)]
            lib.sum.argtypes = [POINTER(point)]
            """)
        self.write("package/crash.py", "print('a & b < c \\x01 \\xff')\nimport ctypes\nctypes.string_at(1)\n", head=False)
        self.write("package/fails.py", "raise ValueError('<&>\\x00\\udcff')\n", head=False)

    def test_sarif(self):
        schema = sarif_schema()
        validator = jsonschema.validators.validator_for(schema)
        validator.check_schema(schema)
        for arguments in ["package.*"], ["package.*", "--verbose"], ["package.wrong"], ["package"]:
            result = self.run_audit(*arguments, "--format", "sarif")
            document = json.loads(result.output)
            self.assertEqual([error.message for error in validator(schema).iter_errors(document)], [])
        # The schema is no empty one.
        document["runs"][0]["results"] = [{"message": 3}]
        self.assertTrue(list(validator(schema).iter_errors(document)))

    def test_what_the_sarif_says(self):
        self.run_audit("package.wrong", "--write-baseline", "known")
        self.write("package/wrong.py", "\n\nlib.make.argtypes = [c_int]\nlib.half.argtypes = [c_int]\n")
        [run] = json.loads(self.run_audit("package.*", "--format", "sarif", "--baseline", "known").output)["runs"]
        self.assertEqual([(result["ruleId"], result["level"], bool(result.get("suppressions")),
                           result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                           result["locations"][0]["physicalLocation"]["region"]["startLine"])
                          for result in run["results"] if result["level"] == "error"],
                         [("argument-too-narrow", "error", True, "package/wrong.py", 6),
                          ("number-class", "error", False, "package/wrong.py", 7)])
        self.assertFalse(run["invocations"][0]["executionSuccessful"])
        self.assertEqual(len(run["invocations"][0]["toolExecutionNotifications"]), 2)
        header = run["results"][0]["relatedLocations"][0]["physicalLocation"]
        self.assertTrue(header["artifactLocation"]["uri"].endswith("/audit_library.c"))
        self.assertEqual(header["region"]["startLine"], 10)

    def test_junit(self):
        path = os.path.join(self.directory, "report.xml")
        result = self.run_audit("package.*", "--format", "junit", "--output", path)
        self.assertEqual((result.code, result.output), (1, ""))
        report = junitparser.JUnitXml.fromfile(path)
        cases = [case for suite in report for case in suite]
        self.assertEqual((report.tests, report.failures, report.errors), (len(cases), 2, 2))
        kinds = {(case.classname, case.name): [type(part).__name__ for part in case.result] for case in cases}
        self.assertEqual(kinds["package.crash", "audit"], ["Error"])
        self.assertEqual(kinds["package.fails", "audit"], ["Error"])
        self.assertEqual(kinds["package.wrong", "audit"], [])
        self.assertEqual(kinds["package.wrong", "make argument-too-narrow"], ["Failure"])
        self.assertEqual(kinds["package.wrong", "count integer-signedness"], [])


if __name__ == "__main__":
    unittest.main()
