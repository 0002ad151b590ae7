"""The audit of a typelib: one that gobject-introspection's compiler makes, with wrong lines in it."""

import os
import subprocess
import unittest

from auditing import AuditCase

_GIR = """<?xml version="1.0"?>
<repository version="1.2" xmlns="http://www.gtk.org/introspection/core/1.0" xmlns:c="http://www.gtk.org/introspection/c/1.0">
  <namespace name="Sample" version="1.0" shared-library="%s" c:identifier-prefixes="" c:symbol-prefixes="">
    <record name="point" c:type="point"><field name="x" writable="1"><type name="%s"/></field>
      <field name="y" writable="1"><type name="gint64"/></field></record>
    <function name="add_long" c:identifier="add_long"><return-value transfer-ownership="none"><type name="gint64"/></return-value>
      <parameters><parameter name="a" transfer-ownership="none"><type name="gint64"/></parameter><parameter name="b" transfer-ownership="none"><type name="%s"/></parameter></parameters></function>
    <function name="half" c:identifier="half"><return-value transfer-ownership="none"><type name="gdouble"/></return-value>
      <parameters><parameter name="value" transfer-ownership="none"><type name="gdouble"/></parameter></parameters></function>
    <function name="name_of" c:identifier="name_of"><return-value transfer-ownership="none"><type name="utf8"/></return-value>
      <parameters><parameter name="which" transfer-ownership="none"><type name="gint"/></parameter></parameters></function>
    <function name="make" c:identifier="make"><return-value transfer-ownership="none"><type name="gpointer"/></return-value>
      <parameters><parameter name="size" transfer-ownership="none"><type name="guint64"/></parameter></parameters></function>
    <function name="reset" c:identifier="reset"><return-value transfer-ownership="none"><type name="none"/></return-value></function>
  </namespace>
</repository>
"""


class TypelibTest(AuditCase):
    def typelib(self, x, b):
        path = os.path.join(self.directory, "Sample-1.0.gir")
        with open(path, "w") as file:
            file.write(_GIR % (self.library, x, b))
        subprocess.run(["g-ir-compiler", path, "-o", path.replace(".gir", ".typelib")], check=True)
        os.environ["GI_TYPELIB_PATH"] = self.directory
        self.addCleanup(os.environ.pop, "GI_TYPELIB_PATH")

    def test_right(self):
        self.typelib("gint32", "gint64")
        code, document = self.audit("--typelib", "Sample-1.0")
        self.assertEqual((code, document["findings"]), (0, []))
        self.assertEqual((document["counts"]["match"], document["counts"]["untyped"]), (6, 0))

    def test_wrong(self):
        self.typelib("gint32", "gint32")
        code, document = self.audit("--typelib", "Sample")
        self.assertEqual([(row["verdict"], row["subject"], row["rule"], row["origin"]) for row in document["findings"]],
                         [("MISMATCH", "add_long", "argument-too-narrow", "typelib")])
        self.assertEqual(code, 1)

    def test_wrong_record(self):
        self.typelib("gint64", "gint64")
        code, document = self.audit("--typelib", "Sample", "--owner", "caller")
        self.assertEqual([(row["verdict"], row["subject"], row["rule"]) for row in document["findings"]],
                         [("MISMATCH", "struct point", "pointee-member")])
        self.assertEqual(code, 1)

    def test_missing(self):
        code, document = self.audit("--typelib", "ThereIsNone-3.0")
        self.assertEqual((code, [target["status"] for target in document["targets"]]), (3, ["failed"]))
        self.assertIn("ThereIsNone", document["targets"][0]["message"])


if __name__ == "__main__":
    unittest.main()
