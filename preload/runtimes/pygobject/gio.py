import os
import tempfile

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib, GObject


class Counter(GObject.Object):
    value = GObject.Property(type=int, default=0)
    changed = GObject.Signal(arg_types=(int,))


counter = Counter()
seen = []
counter.connect("changed", lambda source, value: seen.append(value))
counter.connect("notify::value", lambda source, spec: seen.append(spec.name))
counter.value = 7
counter.emit("changed", 7)

loop = GLib.MainLoop()
GLib.timeout_add(5, loop.quit)
GLib.idle_add(lambda: seen.append("idle"))
loop.run()

with tempfile.TemporaryDirectory() as directory:
    file = Gio.File.new_for_path(os.path.join(directory, "text"))
    stream = file.create(Gio.FileCreateFlags.PRIVATE, None)
    stream.write_bytes(GLib.Bytes.new(b"one\ntwo\n"), None)
    stream.close(None)
    info = file.query_info("standard::*,time::*", Gio.FileQueryInfoFlags.NONE, None)
    reader = Gio.DataInputStream.new(file.read(None))
    lines = [reader.read_line_utf8(None)[0] for _ in range(2)]
    names = [entry.get_name() for entry in file.get_parent().enumerate_children("standard::name", 0, None)]
    ok, content, etag = file.load_contents(None)
    seen += [info.get_size(), info.get_content_type(), *lines, *names, len(content)]

variant = GLib.Variant("(sia{sv})", ("text", 3, {"key": GLib.Variant("d", 0.5)}))
seen += [variant.print_(True), variant.unpack(), GLib.Variant.parse(None, "[1, 2]", None, None).n_children()]
key = GLib.KeyFile()
key.set_integer("group", "key", 5)
key.set_double("group", "other", 0.25)
seen += [key.to_data()[0], key.get_integer("group", "key"), key.get_double("group", "other")]
date = GLib.DateTime.new(GLib.TimeZone.new_utc(), 2024, 2, 29, 12, 30, 15.5)
seen += [date.format_iso8601(), date.add_days(1).get_month(), GLib.markup_escape_text("<&>", -1)]
seen += [GLib.utf8_strlen("äöü", -1), GLib.ascii_strtoll("42", 10)[0] if isinstance(GLib.ascii_strtoll("42", 10), tuple) else 42]
seen += [GLib.path_get_basename("/a/b"), GLib.Checksum.new(GLib.ChecksumType.SHA256).get_string()[:8]]
print(seen)
