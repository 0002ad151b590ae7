"""Calls of GLib and GObject: texts, variants, key files, dates, checksums, main loops, processes, channels, objects with
properties and signals."""

import os
import sys
import tempfile

from gi.repository import GLib, GObject


def texts():
    assert GLib.utf8_strlen("äöü", -1) == 3 and GLib.utf8_validate(b"abc")[0]
    assert GLib.utf8_strup("äb", -1) == "ÄB" and GLib.utf8_strdown("ÄB", -1) == "äb" and GLib.utf8_casefold("AB", -1) == "ab"
    assert GLib.utf8_collate("a", "b") < 0 and GLib.utf8_normalize("é", -1, GLib.NormalizeMode.DEFAULT)
    assert GLib.utf8_substring("abcdef", 1, 3) == "bc" and GLib.utf8_strreverse("abc", -1) == "cba"
    assert GLib.utf8_get_char("ä") == "ä" and GLib.utf8_make_valid("abc", -1) == "abc"
    assert GLib.unichar_isalpha("ä") and not GLib.unichar_isdigit("x") and GLib.unichar_digit_value("7") == 7
    assert GLib.unichar_toupper("ä") == "Ä" and GLib.unichar_type("a") == GLib.UnicodeType.LOWERCASE_LETTER
    assert GLib.unichar_get_script("a") == GLib.UnicodeScript.LATIN and GLib.unichar_combining_class("a") == 0
    assert GLib.unichar_break_type("a") == GLib.UnicodeBreakType.ALPHABETIC and GLib.unichar_iswide("漢")
    assert GLib.unicode_script_to_iso15924(GLib.UnicodeScript.LATIN) and GLib.unichar_compose("a", "\u0308")[1] == "ä"
    assert GLib.ascii_strtoll("-42", 10)[0] == -42
    assert GLib.ascii_strtoull("42", 10)[0] == 42 and GLib.ascii_strtod("0.25")[0] == 0.25
    assert GLib.ascii_string_to_signed("-5", 10, -9, 9)[1] == -5 and GLib.ascii_string_to_unsigned("5", 10, 0, 9)[1] == 5
    assert GLib.ascii_strcasecmp("a", "A") == 0
    assert GLib.ascii_strncasecmp("ab", "AC", 1) == 0 and GLib.ascii_digit_value(ord("8")) == 8
    assert GLib.ascii_strup("ab", -1) == "AB"
    assert GLib.ascii_tolower(ord("A")) == ord("a") and GLib.ascii_xdigit_value(ord("f")) == 15
    assert GLib.markup_escape_text("<&>", -1) == "&lt;&amp;&gt;" and GLib.strescape("a\n", None) == "a\\n"
    assert GLib.strcompress("a\\n") == "a\n" and GLib.str_to_ascii("ä", "de") and GLib.strcmp0("a", None) > 0
    assert GLib.str_has_prefix("abc", "ab") and GLib.str_is_ascii("abc") and GLib.str_match_string("ab", "abc", True)
    assert GLib.str_tokenize_and_fold("one two", "en")[0] == ["one", "two"]
    assert GLib.shell_parse_argv("a 'b c'")[1] == ["a", "b c"] and GLib.shell_unquote(GLib.shell_quote("a b")) == "a b"
    assert GLib.uri_escape_string("a b", None, True) == "a%20b" and GLib.uri_unescape_string("a%20b", None) == "a b"
    uri = GLib.Uri.parse("http://user@example.org:80/path?query#part", GLib.UriFlags.NONE)
    assert uri.get_port() == 80 and uri.get_host() and uri.to_string_partial(GLib.UriHideFlags.FRAGMENT)
    assert GLib.Uri.parse_params("a=1&b=2", -1, "&", GLib.UriParamsFlags.NONE) == {"a": "1", "b": "2"}
    assert GLib.Uri.build(GLib.UriFlags.NONE, "http", None, "example.org", 81, "/", None, None).get_port() == 81
    assert GLib.base64_encode(b"abc") == "YWJj" and GLib.base64_decode("YWJj") == b"abc"
    assert GLib.hostname_is_ip_address("127.0.0.1") and GLib.hostname_to_ascii("bücher.example")
    assert GLib.convert(b"abc", "UTF-16", "UTF-8")[0] and GLib.locale_to_utf8(b"abc", )[0] and GLib.get_charset()
    assert GLib.pattern_match_simple("a*", "abc") and GLib.PatternSpec.new("a?c").match_string("abc")
    regex = GLib.Regex.new("(a)(?<name>b+)", GLib.RegexCompileFlags.CASELESS, GLib.RegexMatchFlags.DEFAULT)
    found, match = regex.match("xABB", GLib.RegexMatchFlags.DEFAULT)
    assert found and match.fetch_pos(2)[1:] == (2, 4) and match.get_match_count() == 3
    assert GLib.Regex.check_replacement("\\1")[0] and regex.split("1ab2", 0)[0] == "1"
    assert regex.get_capture_count() == 2 and regex.get_string_number("name") == 2 and regex.get_compile_flags()
    string = GLib.String.new("abc")
    string.append("def").insert(0, "x").append_c(ord("y")).truncate(6)
    assert string.len == 6 and string.hash() and string.equal(string) and string.erase(0, 1).len == 5


def variants():
    variant = GLib.Variant("(sia{sv})", ("text", 3, {"key": GLib.Variant("d", 0.5)}))
    assert variant.unpack()[2]["key"] == 0.5 and variant.get_size() and variant.is_container() and GLib.Variant("s", "a").hash()
    assert GLib.Variant.new_byte(200).get_byte() == 200 and GLib.Variant.new_int16(-5).get_int16() == -5
    assert GLib.Variant.new_uint16(65535).get_uint16() == 65535 and GLib.Variant.new_int32(-7).get_int32() == -7
    assert GLib.Variant.new_uint32(1 << 31).get_uint32() == 1 << 31 and GLib.Variant.new_int64(-1 << 40).get_int64() == -1 << 40
    assert GLib.Variant.new_uint64(1 << 63).get_uint64() == 1 << 63 and GLib.Variant.new_double(0.25).get_double() == 0.25
    assert GLib.Variant.new_boolean(True).get_boolean() and GLib.Variant.new_handle(3).get_handle() == 3
    assert GLib.Variant.new_string("a").get_string() == "a" and GLib.Variant.new_object_path("/a").dup_string()[0] == "/a"
    assert GLib.Variant.new_strv(["a", "b"]).get_strv() == ["a", "b"] and GLib.Variant.new_bytestring(b"ab\0").get_bytestring()
    array = GLib.Variant.parse(GLib.VariantType.new("ai"), "[1, 2, 3]", None, None)
    assert array.n_children() == 3 and array.get_child_value(1).get_int32() == 2 and array.byteswap() and array.get_normal_form()
    assert GLib.Variant("i", 1).compare(GLib.Variant("i", 2)) < 0 and array.equal(array) and array.is_normal_form()
    assert GLib.Variant.new_maybe(GLib.VariantType.new("i"), None).get_maybe() is None and array.classify()
    builder = GLib.VariantBuilder.new(GLib.VariantType.new("a{sv}"))
    builder.open(GLib.VariantType.new("{sv}"))
    builder.add_value(GLib.Variant("s", "key"))
    builder.add_value(GLib.Variant("v", GLib.Variant("u", 1)))
    builder.close()
    dictionary = GLib.VariantDict.new(builder.end())
    assert dictionary.contains("key") and dictionary.lookup_value("key", None) and not dictionary.remove("other")
    dictionary.insert_value("two", GLib.Variant("b", True))
    assert dictionary.end().lookup_value("two", GLib.VariantType.new("b")).get_boolean()
    kind = GLib.VariantType.new("a{sv}")
    assert kind.is_array() and kind.element().is_dict_entry() and kind.get_string_length() == 5 and kind.equal(kind) and kind.hash()
    assert GLib.VariantType.new_tuple([kind, kind]).n_items() == 2 and GLib.VariantType.string_is_valid("ii") is False
    assert GLib.Variant.new_from_bytes(GLib.VariantType.new("u"), GLib.Bytes.new(bytes(4)), True).get_data_as_bytes().get_size() == 4


def files(directory):
    key = GLib.KeyFile()
    key.set_integer("group", "integer", 5)
    key.set_int64("group", "int64", -1 << 40)
    key.set_uint64("group", "uint64", 1 << 63)
    key.set_double("group", "double", 0.25)
    key.set_boolean("group", "boolean", True)
    key.set_string_list("group", "list", ["a", "b"])
    key.set_integer_list("group", "integers", [1, 2, 3])
    key.set_locale_string("group", "locale", "de", "Wort")
    key.set_comment("group", "integer", "comment")
    path = os.path.join(directory, "keys")
    key.save_to_file(path)
    other = GLib.KeyFile.new()
    assert other.load_from_file(path, GLib.KeyFileFlags.KEEP_COMMENTS | GLib.KeyFileFlags.KEEP_TRANSLATIONS)
    assert other.has_group("group")
    assert other.get_integer("group", "integer") == 5 and other.get_int64("group", "int64") == -1 << 40
    assert other.get_uint64("group", "uint64") == 1 << 63 and other.get_double("group", "double") == 0.25
    assert other.get_boolean("group", "boolean") and other.get_string_list("group", "list") == ["a", "b"]
    assert other.get_integer_list("group", "integers") == [1, 2, 3] and other.get_locale_string("group", "locale", "de") == "Wort"
    assert other.get_groups()[0] == ["group"] and len(other.get_keys("group")[0]) == 8 and other.get_comment("group", "integer")
    assert other.remove_key("group", "list") and other.remove_group("group") and other.get_start_group() is None
    text = os.path.join(directory, "text")
    assert GLib.file_set_contents(text, b"content") and GLib.file_get_contents(text)[1] == b"content"
    assert GLib.file_set_contents_full(text, b"other", GLib.FileSetContentsFlags.CONSISTENT, 0o600)
    assert GLib.file_test(text, GLib.FileTest.IS_REGULAR) and GLib.access(text, os.R_OK) == 0
    assert GLib.mkdir_with_parents(os.path.join(directory, "a/b"), 0o700) == 0 and GLib.rmdir(os.path.join(directory, "a/b")) == 0
    assert GLib.path_get_basename("/a/b") == "b" and GLib.path_get_dirname("/a/b") == "/a" and GLib.path_is_absolute("/a")
    assert GLib.build_filenamev(["a", "b"]) == "a/b" and GLib.canonicalize_filename("../b", "/a") == "/b"
    assert GLib.filename_to_uri("/a b", None) == "file:///a%20b" and GLib.filename_from_uri("file:///a")[0] == "/a"
    mapped = GLib.MappedFile.new(text, False)
    assert mapped.get_length() == 5 and mapped.get_bytes().get_data() == b"other"
    channel = GLib.IOChannel.new_file(text, "r+")
    channel.set_encoding("UTF-8")
    channel.set_buffer_size(4096)
    assert channel.get_encoding() == "UTF-8" and channel.read_line()[1] == "other" and channel.get_buffered()
    channel.seek_position(0, GLib.SeekType.SET)
    assert channel.write_chars(b"OT", -1)[1] == 2 and channel.flush() == GLib.IOStatus.NORMAL
    channel.shutdown(True)


def bytes_and_dates():
    data = GLib.Bytes.new(b"abcdef")
    assert data.get_size() == 6 and data.new_from_bytes(1, 2).get_data() == b"bc" and data.compare(data) == 0 and data.hash()
    checksum = GLib.Checksum.new(GLib.ChecksumType.SHA256)
    checksum.update(b"abc")
    assert checksum.get_string().startswith("ba7816bf")
    assert GLib.compute_checksum_for_data(GLib.ChecksumType.MD5, b"abc")
    assert GLib.compute_checksum_for_bytes(GLib.ChecksumType.SHA1, data)
    assert GLib.compute_hmac_for_data(GLib.ChecksumType.SHA256, b"key", b"data")
    assert GLib.Checksum.type_get_length(GLib.ChecksumType.MD5) == 16
    zone = GLib.TimeZone.new_identifier("UTC")
    date = GLib.DateTime.new(zone, 2024, 2, 29, 12, 30, 15.5)
    assert date.format_iso8601() and date.add_days(1).get_month() == 3 and date.add_full(1, 1, 1, 1, 1, 1.5).get_seconds() == 17.0
    assert date.get_ymd() == (2024, 2, 29) and date.to_unix() == 1709209815 and date.get_microsecond() == 500000
    assert date.difference(date.add_seconds(-2.5)) == 2500000 and date.compare(date) == 0 and date.get_day_of_year() == 60
    assert GLib.DateTime.new_from_unix_utc(1 << 33).get_year() == 2242
    assert date.to_timezone(GLib.TimeZone.new_offset(3600)).get_hour() == 13
    assert zone.get_offset(0) == 0 and not zone.is_dst(0) and zone.find_interval(GLib.TimeType.UNIVERSAL, 0) == 0
    day = GLib.Date.new_dmy(29, GLib.DateMonth.FEBRUARY, 2024)
    day.add_days(1)
    day.subtract_months(1)
    assert day.get_day() == 1 and day.get_month() == GLib.DateMonth.FEBRUARY and day.get_year() == 2024 and day.get_julian()
    assert GLib.Date.is_leap_year(2024) and GLib.Date.get_days_in_month(GLib.DateMonth.FEBRUARY, 2023) == 28
    assert GLib.Date.valid_dmy(31, GLib.DateMonth.APRIL, 2024) is False and day.days_between(day) == 0
    assert GLib.get_real_time() > GLib.get_monotonic_time() >= 0 and GLib.usleep(1) is None
    GLib.random_set_seed(7)
    assert GLib.random_int_range(1, 2) == 1 and 0 <= GLib.random_double() < 1 and GLib.random_double_range(0.5, 1.0) >= 0.5
    assert GLib.spaced_primes_closest(10) == 11 and GLib.bit_nth_lsf(8, -1) == 3 and GLib.bit_storage(255) == 8
    assert GLib.format_size(1000) and GLib.format_size_full(1 << 40, GLib.FormatSizeFlags.IEC_UNITS)
    assert GLib.uuid_string_is_valid(GLib.uuid_string_random())
    assert GLib.quark_to_string(GLib.quark_from_string("word")) == "word" and GLib.intern_string("word")


def process(directory):
    assert GLib.get_user_name() and GLib.get_home_dir() and GLib.get_tmp_dir() and GLib.get_system_data_dirs() is not None
    assert GLib.setenv("FTC_TEST", "1", True) and GLib.getenv("FTC_TEST") == "1"
    assert GLib.listenv() and GLib.unsetenv("FTC_TEST") is None
    assert GLib.environ_setenv(["A=1"], "B", "2", True) and GLib.get_environ() and GLib.get_num_processors() > 0
    GLib.set_prgname("right")
    assert GLib.get_prgname() == "right" and GLib.find_program_in_path("sh") and GLib.get_os_info("NAME")
    assert GLib.check_version(2, 70, 0) is None and GLib.get_host_name()
    ok, output, errors, status = GLib.spawn_command_line_sync("echo word")
    assert ok and output == b"word\n" and GLib.spawn_check_wait_status(status)
    ok, output, errors, status = GLib.spawn_sync(directory, ["/bin/pwd"], None, GLib.SpawnFlags.DEFAULT, None, None)
    assert output.strip().decode() == directory
    loop = GLib.MainLoop()
    ended = []

    def child(pid, status):
        ended.append(status)
        GLib.spawn_close_pid(pid)
        loop.quit()
    pid, *_ = GLib.spawn_async(["/bin/true"], flags=GLib.SpawnFlags.DO_NOT_REAP_CHILD)
    GLib.child_watch_add(GLib.PRIORITY_DEFAULT, pid, child)
    loop.run()
    assert ended == [0]


def loops():
    loop = GLib.MainLoop()
    context = loop.get_context()
    seen = []
    GLib.idle_add(lambda: seen.append("idle"), priority=GLib.PRIORITY_LOW)
    GLib.timeout_add(2, lambda: seen.append("timeout"))
    GLib.timeout_add_seconds(30, lambda: None)
    reading, writing = os.pipe()
    GLib.io_add_watch(reading, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN, lambda source, condition: seen.append(os.read(reading, 9)))
    GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, reading, GLib.IOCondition.HUP, lambda *_: False)
    os.write(writing, b"byte")
    GLib.timeout_add(5, lambda: len(seen) < 4 or loop.quit())
    source = GLib.timeout_source_new(1)
    source.set_callback(lambda *_: seen.append("source"))
    source.set_priority(GLib.PRIORITY_HIGH)
    source.set_name("name")
    source.set_can_recurse(True)
    source.attach(context)
    idle = GLib.idle_source_new()
    assert source.get_id() and not idle.is_destroyed()
    assert idle.get_ready_time() == -1 and source.get_priority() == GLib.PRIORITY_HIGH
    idle.set_ready_time(1)
    loop.run()
    assert sorted(map(str, seen)) == sorted(["idle", "timeout", "b'byte'", "source"]), seen
    assert not loop.is_running() and context.pending() in (True, False) and context.is_owner() is False
    assert context.iteration(False) in (True, False) and context.acquire() and context.release() is None
    assert GLib.main_depth() == 0 and GLib.MainContext.default() and context.find_source_by_id(source.get_id()) is None
    own = GLib.MainContext.new()
    own.push_thread_default()
    own.pop_thread_default()
    own.wakeup()


def errors_and_logs():
    error = GLib.Error.new_literal(GLib.quark_from_string("domain"), "message", 3)
    assert error.matches(GLib.quark_from_string("domain"), 3) and GLib.file_error_from_errno(2) == GLib.FileError.NOENT
    try:
        GLib.file_get_contents("/nonexistent")
        raise AssertionError
    except GLib.Error as missing:
        assert missing.matches(GLib.file_error_quark(), GLib.FileError.NOENT)
    assert GLib.log_set_always_fatal(GLib.LogLevelFlags.LEVEL_ERROR) is not None
    handler = GLib.log_set_handler("domain", GLib.LogLevelFlags.LEVEL_INFO, lambda *_: None, None)
    GLib.log_variant("domain", GLib.LogLevelFlags.LEVEL_INFO, GLib.Variant("a{sv}", {"MESSAGE": GLib.Variant("s", "text")}))
    GLib.log_remove_handler("domain", handler)
    assert GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, 10, lambda *_: False, None)
    assert GLib.unix_set_fd_nonblocking(os.dup(1), False)


class Shape(GObject.Object):
    sides = GObject.Property(type=int, default=3, minimum=0, maximum=100)
    area = GObject.Property(type=float, default=0.5)
    name = GObject.Property(type=str, default="name")
    filled = GObject.Property(type=bool, default=False)
    count = GObject.Property(type=GObject.TYPE_UINT64, default=0)
    small = GObject.Property(type=GObject.TYPE_FLOAT, default=1)
    changed = GObject.Signal(arg_types=(int, float, str, bool, GObject.TYPE_INT64, GObject.TYPE_UCHAR))

    @GObject.Signal(flags=GObject.SignalFlags.RUN_LAST, return_type=bool, arg_types=(object,), accumulator=GObject.signal_accumulator_true_handled)
    def asked(self, what):
        return True


def objects():
    shape, other = Shape(sides=4), Shape()
    seen = []
    handler = shape.connect("changed", lambda source, *values: seen.append(values))
    shape.connect_after("notify::sides", lambda source, spec: seen.append(spec.name))
    shape.connect_object("asked", lambda *_: seen.append("asked"), other)
    shape.emit("changed", 7, 0.5, "text", True, 1 << 40, b"\xc8")
    shape.sides = 5
    shape.area, shape.name, shape.filled, shape.count, shape.small = 1.5, "other", True, 1 << 63, 0.5
    assert shape.emit("asked", None) is True and seen[0] == (7, 0.5, "text", True, 1 << 40, b"\xc8") and "sides" in seen
    with shape.freeze_notify(), shape.handler_block(handler):
        shape.set_property("sides", 6)
        shape.emit("changed", 1, 1.0, "", False, 1, b"a")
    assert shape.handler_is_connected(handler) and shape.get_properties("sides", "area") == (6, 1.5)
    GObject.signal_handler_block(shape, handler)
    GObject.signal_handler_unblock(shape, handler)
    shape.disconnect(handler)
    binding = shape.bind_property("sides", other, "sides", GObject.BindingFlags.SYNC_CREATE | GObject.BindingFlags.BIDIRECTIONAL)
    assert other.sides == 6 and binding.get_flags() and binding.get_source_property() == "sides"
    binding.unbind()
    scaled = shape.bind_property("area", other, "area", GObject.BindingFlags.DEFAULT, lambda binding, value: value * 2, None)
    shape.area = 2.0
    assert other.area == 4.0 and scaled.dup_target() == other
    group = GObject.SignalGroup.new(Shape.__gtype__)
    group.set_target(shape)
    group.block()
    group.unblock()
    assert GObject.signal_lookup("changed", Shape) and GObject.signal_query("changed", Shape) and GObject.signal_list_ids(Shape)
    assert GObject.type_name(Shape.__gtype__) and GObject.type_is_a(Shape, GObject.Object) and GObject.type_parent(Shape)
    assert GObject.type_from_name("GObject") and GObject.type_depth(Shape.__gtype__) == 2
    assert GObject.type_children(GObject.Object.__gtype__) is not None
    assert GObject.type_query(Shape.__gtype__).instance_size
    for kind, value in ((GObject.TYPE_INT, -5), (GObject.TYPE_UINT, 5), (GObject.TYPE_LONG, -6), (GObject.TYPE_ULONG, 6), (GObject.TYPE_INT64, -1 << 40),
                        (GObject.TYPE_UINT64, 1 << 63), (GObject.TYPE_FLOAT, 0.5), (GObject.TYPE_DOUBLE, 0.25), (GObject.TYPE_STRING, "text"),
                        (GObject.TYPE_BOOLEAN, True), (GObject.TYPE_UCHAR, 200), (GObject.TYPE_CHAR, 5), (GObject.TYPE_OBJECT, shape)):
        assert GObject.Value(kind, value).get_value() == value
    value = GObject.Value(GObject.TYPE_FLOAT)
    value.set_float(1.5)
    assert value.get_float() == 1.5
    assert GObject.Value.type_transformable(GObject.TYPE_INT, GObject.TYPE_STRING) and value.fits_pointer() is False
    value.reset()
    number = GObject.Value(GObject.TYPE_CHAR)
    number.set_schar(-7)
    assert number.get_schar() == -7
    text = GObject.Value(GObject.TYPE_STRING)
    assert GObject.Value(GObject.TYPE_INT, 42).transform(text) and text.get_string() == "42"
    assert Shape.find_property("sides").name == "sides" and len(Shape.list_properties()) == 6
    assert GObject.param_spec_int("a", "a", "a", -1, 1, 0, GObject.ParamFlags.READABLE).default_value == 0
    assert GObject.flags_to_string(GObject.BindingFlags.__gtype__, 1)


with tempfile.TemporaryDirectory() as directory:
    texts()
    variants()
    files(directory)
    bytes_and_dates()
    process(directory)
    loops()
    errors_and_logs()
    objects()
print("right", file=sys.stdout)
