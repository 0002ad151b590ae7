"""Calls of Gio: files and their information, streams, converters, sockets, processes, asynchronous calls, actions, models,
virtual functions, icons, D-Bus messages without a bus."""

import os
import socket
import tempfile

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib, GObject  # noqa: E402


def wait(start):
    """Starts an asynchronous call with a callback, runs the main loop until it ends, and returns source and result."""
    loop = GLib.MainLoop()
    ended = []

    def callback(source, result, *data):
        ended.extend((source, result))
        loop.quit()
    start(callback)
    loop.run()
    return ended


def files(directory):
    file = Gio.File.new_for_path(os.path.join(directory, "text"))
    stream = file.create(Gio.FileCreateFlags.PRIVATE, None)
    assert stream.write_bytes(GLib.Bytes.new(b"one\ntwo\n"), None) == 8 and stream.tell() == 8 and stream.can_seek()
    assert stream.seek(-4, GLib.SeekType.CUR, None) and stream.truncate(4, None) and stream.can_truncate()
    assert stream.write_all(b"two\n", None)[1] == 4 and stream.flush(None)
    assert stream.query_info("standard::size", None).get_size() == 8
    assert stream.close(None) and stream.is_closed() and stream.get_etag()
    info = file.query_info("standard::*,time::*,unix::*,access::*,etag::value", Gio.FileQueryInfoFlags.NONE, None)
    assert info.get_size() == 8 and info.get_content_type()
    assert info.get_file_type() == Gio.FileType.REGULAR and info.get_name() == "text"
    assert info.get_attribute_uint32("unix::mode")
    assert info.get_attribute_uint64("unix::inode") and info.get_attribute_boolean("access::can-read")
    assert info.get_attribute_type("standard::size") == Gio.FileAttributeType.UINT64 and info.has_attribute("time::modified")
    assert info.get_modification_date_time().get_year() > 2000 and not info.get_is_hidden() and not info.get_is_symlink()
    assert info.list_attributes("time")
    assert info.get_attribute_as_string("standard::name") and info.get_display_name() and info.get_etag()
    own = Gio.FileInfo.new()
    own.set_size(1 << 40)
    own.set_sort_order(-5)
    own.set_file_type(Gio.FileType.DIRECTORY)
    own.set_is_hidden(True)
    own.set_attribute_int32("xattr::a", -7)
    own.set_attribute_int64("xattr::b", -1 << 40)
    own.set_attribute_uint32("xattr::c", 1 << 31)
    own.set_attribute_uint64("xattr::d", 1 << 63)
    own.set_attribute_boolean("xattr::e", True)
    own.set_attribute_string("xattr::f", "text")
    own.set_attribute_stringv("xattr::g", ["a", "b"])
    own.set_modification_date_time(GLib.DateTime.new_now_utc())
    assert own.get_size() == 1 << 40 and own.get_sort_order() == -5 and own.get_attribute_int32("xattr::a") == -7
    assert own.get_attribute_int64("xattr::b") == -1 << 40
    assert own.get_attribute_stringv("xattr::g") == ["a", "b"] and own.dup().get_is_hidden()
    matcher = Gio.FileAttributeMatcher.new("standard::*")
    assert matcher.matches("standard::name") and not matcher.matches_only("standard::name") and matcher.to_string()
    own.set_attribute_mask(matcher)
    assert file.set_attribute_uint32("unix::mode", 0o600, 0, None) and file.set_attribute_uint64("time::modified", 1 << 30, 0, None)
    assert file.query_settable_attributes(None) and file.query_writable_namespaces(None)
    parent = file.get_parent()
    entries = parent.enumerate_children("standard::name", Gio.FileQueryInfoFlags.NOFOLLOW_SYMLINKS, None)
    assert [entry.get_name() for entry in entries] == ["text"] and entries.close(None) and entries.get_container().equal(parent)
    assert file.load_contents(None)[1] == b"one\ntwo\n" and file.load_bytes(None)[0].get_size() == 8 and file.query_exists(None)
    assert file.replace_contents(b"three\n", None, True, Gio.FileCreateFlags.REPLACE_DESTINATION, None)[0]
    assert file.append_to(Gio.FileCreateFlags.NONE, None).write(b"four\n", None) == 5
    copy = parent.get_child("copy")
    progress = []
    assert file.copy(copy, Gio.FileCopyFlags.OVERWRITE, None, lambda current, total, *data: progress.append((current, total)), None)
    assert progress[-1] == (11, 11) and copy.move(parent.resolve_relative_path("moved"), Gio.FileCopyFlags.NONE, None, None, None)
    assert parent.get_child("directory").make_directory(None) and parent.get_child("link").make_symbolic_link("text", None)
    assert parent.get_child("link").query_info("standard::symlink-target", Gio.FileQueryInfoFlags.NOFOLLOW_SYMLINKS, None).get_symlink_target() == "text"
    assert parent.query_filesystem_info("filesystem::size,filesystem::free", None).get_attribute_uint64("filesystem::size")
    assert parent.get_child("directory").delete(None) and parent.get_child("moved").set_display_name("other", None)
    assert file.get_uri().startswith("file:///") and file.get_path()
    assert file.get_basename() == "text" and file.is_native() and file.hash()
    assert file.has_uri_scheme("file") and file.has_prefix(parent)
    assert parent.get_relative_path(file) == "text" and file.has_parent(parent)
    assert Gio.File.new_for_uri("file:///a").get_path() == "/a" and Gio.File.parse_name("/a").equal(Gio.File.new_for_path("/a"))
    assert Gio.File.new_for_commandline_arg_and_cwd("a", "/b").get_path() == "/b/a" and file.dup().get_uri_scheme() == "file"
    temporary, both = Gio.File.new_tmp("XXXXXX.text")
    assert both.get_output_stream().write(b"abc", None) == 3 and both.seek(0, GLib.SeekType.SET, None) and both.close(None)
    assert temporary.delete(None) and file.query_file_type(Gio.FileQueryInfoFlags.NONE, None) == Gio.FileType.REGULAR
    monitor = parent.monitor_directory(Gio.FileMonitorFlags.WATCH_MOVES, None)
    monitor.set_rate_limit(100)
    monitor.connect("changed", lambda *values: None)
    assert not monitor.is_cancelled() and monitor.cancel()


def streams():
    memory = Gio.MemoryOutputStream.new_resizable()
    data = Gio.DataOutputStream.new(memory)
    data.set_byte_order(Gio.DataStreamByteOrder.LITTLE_ENDIAN)
    assert data.put_byte(200, None) and data.put_int16(-2, None) and data.put_uint16(65535, None) and data.put_int32(-3, None)
    assert data.put_uint32(1 << 31, None) and data.put_int64(-1 << 40, None)
    assert data.put_uint64(1 << 63, None) and data.put_string("line\n", None)
    assert data.close(None) and memory.get_size() >= memory.get_data_size() == 34
    reader = Gio.DataInputStream.new(Gio.MemoryInputStream.new_from_bytes(memory.steal_as_bytes()))
    reader.set_byte_order(Gio.DataStreamByteOrder.LITTLE_ENDIAN)
    reader.set_newline_type(Gio.DataStreamNewlineType.LF)
    assert reader.read_byte(None) == 200 and reader.read_int16(None) == -2
    assert reader.read_uint16(None) == 65535 and reader.read_int32(None) == -3
    assert reader.read_uint32(None) == 1 << 31 and reader.read_int64(None) == -1 << 40 and reader.read_uint64(None) == 1 << 63
    assert reader.read_line_utf8(None)[0] == "line" and reader.get_available() == 0 and reader.get_buffer_size()
    buffered = Gio.BufferedInputStream.new_sized(Gio.MemoryInputStream.new_from_data(b"abcdef", None), 16)
    assert buffered.fill(4, None) > 0 and buffered.peek_buffer()
    assert buffered.read_byte(None) == ord("a") and buffered.skip(1, None) == 1
    assert buffered.read_bytes(2, None).get_data() == b"cd" and buffered.tell() == 4 and buffered.seek(0, GLib.SeekType.SET, None)
    compressed = Gio.MemoryOutputStream.new_resizable()
    converter = Gio.ConverterOutputStream.new(compressed, Gio.ZlibCompressor.new(Gio.ZlibCompressorFormat.GZIP, 9))
    assert converter.write_all(b"text" * 1000, None)[0] and converter.close(None)
    plain = Gio.ConverterInputStream.new(Gio.MemoryInputStream.new_from_bytes(compressed.steal_as_bytes()),
                                         Gio.ZlibDecompressor.new(Gio.ZlibCompressorFormat.GZIP))
    assert plain.read_bytes(8000, None).get_size() == 4000 and plain.get_converter().get_property("format")
    charset = Gio.CharsetConverter.new("UTF-8", "ISO-8859-1")
    charset.set_use_fallback(True)
    assert charset.get_num_fallbacks() == 0 and charset.get_use_fallback() and charset.reset() is None
    target = Gio.MemoryOutputStream.new_resizable()
    assert target.splice(Gio.MemoryInputStream.new_from_data(b"spliced", None), Gio.OutputStreamSpliceFlags.CLOSE_SOURCE, None) == 7
    reading, writing = os.pipe()
    output, into = Gio.UnixOutputStream.new(writing, True), Gio.UnixInputStream.new(reading, True)
    assert output.write(b"pipe", None) == 4 and output.get_fd() == writing and into.get_close_fd() and into.is_readable()
    assert into.read_bytes(4, None).get_data() == b"pipe" and output.close(None) and into.close(None)


def asynchronous(directory):
    file = Gio.File.new_for_path(os.path.join(directory, "text"))
    source, result = wait(lambda callback: file.load_contents_async(None, callback))
    assert source.load_contents_finish(result)[1].startswith(b"three")
    source, result = wait(lambda callback: file.query_info_async("standard::*", Gio.FileQueryInfoFlags.NONE, GLib.PRIORITY_LOW, None, callback))
    assert source.query_info_finish(result).get_size() == 11
    source, result = wait(lambda callback: file.read_async(GLib.PRIORITY_DEFAULT, None, callback))
    stream = source.read_finish(result)
    source, result = wait(lambda callback: stream.read_bytes_async(5, GLib.PRIORITY_DEFAULT, None, callback))
    assert source.read_bytes_finish(result).get_data() == b"three" and not stream.has_pending()
    source, result = wait(lambda callback: stream.close_async(GLib.PRIORITY_DEFAULT, None, callback))
    assert source.close_finish(result)
    source, result = wait(lambda callback: file.get_parent().enumerate_children_async("standard::name", 0, GLib.PRIORITY_DEFAULT, None, callback))
    entries = source.enumerate_children_finish(result)
    source, result = wait(lambda callback: entries.next_files_async(10, GLib.PRIORITY_DEFAULT, None, callback))
    assert len(source.next_files_finish(result)) >= 2
    source, result = wait(lambda callback: file.replace_contents_bytes_async(GLib.Bytes.new(b"new"), None, False, 0, None, callback))
    assert source.replace_contents_finish(result)[0]
    cancellable = Gio.Cancellable.new()
    cancellable.connect(lambda *values: None)
    cancellable.cancel()
    source, result = wait(lambda callback: file.load_contents_async(cancellable, callback))
    try:
        source.load_contents_finish(result)
        raise AssertionError
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED) and cancellable.is_cancelled()
    cancellable.reset()
    task_result = []
    task = Gio.Task.new(file, None, lambda source, task, *data: task_result.append(task.propagate_int()), None)
    task.set_priority(GLib.PRIORITY_HIGH)
    task.set_check_cancellable(True)
    task.return_int(-5)
    assert GLib.MainContext.default().iteration(True)
    assert task_result == [-5] and task.get_completed() and Gio.Task.is_valid(task, file)
    flag = Gio.Task.new(None, None, None, None)
    flag.return_boolean(True)
    assert flag.propagate_boolean() and flag.get_priority() == 0 and not flag.had_error()


def processes():
    child = Gio.Subprocess.new(["/bin/cat"], Gio.SubprocessFlags.STDIN_PIPE | Gio.SubprocessFlags.STDOUT_PIPE)
    assert child.communicate_utf8("text", None)[1] == "text"
    assert child.wait(None) and child.get_successful() and child.get_exit_status() == 0
    launcher = Gio.SubprocessLauncher.new(Gio.SubprocessFlags.STDOUT_PIPE)
    launcher.setenv("FTC_TEST", "word", True)
    launcher.set_cwd("/")
    other = launcher.spawnv(["/bin/sh", "-c", "echo $FTC_TEST; exit 3"])
    source, result = wait(lambda callback: other.communicate_async(None, None, callback))
    assert source.communicate_finish(result)[1].get_data() == b"word\n" and other.get_if_exited() and other.get_exit_status() == 3
    assert other.get_status() and not other.get_if_signaled() and other.get_identifier() is None


def sockets(directory):
    address = Gio.InetAddress.new_from_string("127.0.0.1")
    assert address.get_is_loopback() and address.get_native_size() == 4
    assert not address.get_is_multicast() and address.equal(address)
    assert address.get_family() == Gio.SocketFamily.IPV4 and address.to_string() == "127.0.0.1"
    assert Gio.InetAddressMask.new(address, 32).matches(address)
    assert Gio.InetAddressMask.new_from_string("10.0.0.0/8").get_length() == 8
    endpoint = Gio.InetSocketAddress.new(address, 80)
    assert endpoint.get_port() == 80 and endpoint.get_native_size() == 16
    assert Gio.NetworkAddress.parse("example.org:8080", 80).get_port() == 8080
    assert Gio.NetworkService.new("ldap", "tcp", "example.org").get_protocol()
    assert Gio.SrvTarget.new("example.org", 389, 1, 2).get_weight() == 2
    path = Gio.UnixSocketAddress.new(os.path.join(directory, "socket"))
    assert path.get_path_len() and path.get_address_type() == Gio.UnixSocketAddressType.PATH
    service = Gio.SocketService.new()
    assert service.add_address(path, Gio.SocketType.STREAM, Gio.SocketProtocol.DEFAULT, None)[0]

    def incoming(service, connection, source):
        connection.get_output_stream().write(b"hello", None)
        connection.close(None)
        return True
    service.connect("incoming", incoming)
    service.start()
    client = Gio.SocketClient.new()
    client.set_timeout(5)
    client.set_enable_proxy(False)
    source, result = wait(lambda callback: client.connect_async(path, None, callback))
    connection = source.connect_finish(result)
    stream = connection.get_input_stream()
    source, result = wait(lambda callback: stream.read_bytes_async(9, 0, None, callback))
    assert source.read_bytes_finish(result).get_data() == b"hello"
    assert connection.get_socket().get_fd() > 0 and connection.is_connected()
    service.stop()
    service.close()
    one, two = socket.socketpair()
    pair = [Gio.Socket.new_from_fd(end.detach()) for end in (one, two)]
    assert pair[0].send(b"abc", None) == 3 and pair[1].condition_timed_wait(GLib.IOCondition.IN, 1000000, None)
    assert pair[1].get_available_bytes() == 3 and pair[1].get_socket_type() == Gio.SocketType.STREAM
    pair[0].set_blocking(False)
    pair[0].set_keepalive(False)
    pair[0].set_timeout(3)
    assert not pair[0].get_blocking() and pair[0].get_timeout() == 3 and pair[0].condition_check(GLib.IOCondition.OUT)
    assert pair[0].get_family() == Gio.SocketFamily.UNIX
    assert pair[0].get_option(socket.SOL_SOCKET, socket.SO_TYPE)[1] == socket.SOCK_STREAM
    assert pair[0].get_credentials().get_unix_user() == os.getuid() and pair[0].shutdown(True, True) and pair[0].close()
    assert Gio.Credentials.new().get_unix_pid() == os.getpid() and Gio.Credentials.new().is_same_user(Gio.Credentials.new())
    messages = Gio.UnixFDList.new()
    assert messages.append(1) == 0 and messages.get_length() == 1 and os.close(messages.get(0)) is None


def actions_and_models():
    seen = []
    simple = Gio.SimpleAction.new_stateful("toggle", GLib.VariantType.new("i"), GLib.Variant("i", 1))
    simple.connect("activate", lambda action, parameter: seen.append(parameter.unpack()))
    simple.connect("change-state", lambda action, value: action.set_state(value))
    group = Gio.SimpleActionGroup.new()
    group.add_action(simple)
    group.activate_action("toggle", GLib.Variant("i", 5))
    group.change_action_state("toggle", GLib.Variant("i", 7))
    simple.set_enabled(False)
    assert seen == [5] and group.get_action_state("toggle").unpack() == 7
    assert not group.get_action_enabled("toggle") and group.has_action("toggle")
    assert group.list_actions() == ["toggle"] and group.query_action("toggle")[0]
    assert Gio.Action.parse_detailed_name("app.a(5)")[1] == "app.a"
    assert Gio.Action.name_is_valid("a-b") and Gio.PropertyAction.new("enabled", simple, "enabled").get_name() == "enabled"
    menu, section = Gio.Menu.new(), Gio.Menu.new()
    section.append("label", "app.quit")
    menu.append_section("section", section)
    menu.insert(0, "first", "app.first")
    item = Gio.MenuItem.new("item", None)
    item.set_action_and_target_value("app.a", GLib.Variant("i", 5))
    item.set_icon(Gio.ThemedIcon.new("name"))
    menu.append_item(item)
    assert menu.get_n_items() == 3
    assert menu.get_item_attribute_value(0, "label", None).unpack() == "first" and menu.get_item_link(1, "section")
    menu.remove(0)
    menu.freeze()
    assert not menu.is_mutable() and item.get_attribute_value("action", GLib.VariantType.new("s"))
    store = Gio.ListStore.new(Gio.SimpleAction)
    store.connect("items-changed", lambda store, position, removed, added: seen.append((position, removed, added)))
    store.append(simple)
    store.insert(0, Gio.SimpleAction.new("b", None))
    store.insert_sorted(Gio.SimpleAction.new("c", None), lambda one, other, *data: -1)
    store.sort(lambda one, other, *data: (one.get_name() > other.get_name()) - (one.get_name() < other.get_name()))
    assert [action.get_name() for action in store] == ["b", "c", "toggle"]
    assert store.find(simple)[1] == 2 and store.get_n_items() == 3
    store.splice(0, 1, [])
    store.remove(0)
    assert store.get_item_type() == Gio.SimpleAction.__gtype__ and store.get_item(0) is simple and seen[1:][0] == (0, 0, 1)
    store.remove_all()
    assert Gio.Application.id_is_valid("org.example.Right")
    application = Gio.Application.new("org.example.Right", Gio.ApplicationFlags.NON_UNIQUE | Gio.ApplicationFlags.HANDLES_OPEN)
    application.add_action(simple)
    application.set_inactivity_timeout(1)
    application.add_main_option("flag", ord("f"), GLib.OptionFlags.NONE, GLib.OptionArg.NONE, "text", None)
    assert application.get_flags() & Gio.ApplicationFlags.NON_UNIQUE
    assert application.get_inactivity_timeout() == 1 and not application.get_is_busy()


class Reader(Gio.MemoryInputStream):
    """Its virtual functions call those of its parent, static functions of the library."""

    def do_skip(self, count, cancellable):
        return Gio.MemoryInputStream.do_skip(self, count, cancellable)

    def do_close_fn(self, cancellable):
        return Gio.MemoryInputStream.do_close_fn(self, cancellable)


class Words(GObject.Object, Gio.ListModel):
    def do_get_item_type(self):
        return Gio.SimpleAction.__gtype__

    def do_get_n_items(self):
        return 2

    def do_get_item(self, position):
        return Gio.SimpleAction.new(f"item{position}", None) if position < 2 else None


class Program(Gio.Application):
    def do_startup(self):
        Gio.Application.do_startup(self)

    def do_activate(self):
        self.activated = True


def virtual_functions():
    reader = Reader()
    reader.add_bytes(GLib.Bytes.new(b"abcdef"))
    assert reader.skip(2, None) == 2 and reader.read_bytes(2, None).get_data() == b"cd" and reader.close(None)
    words = Words()
    assert words.get_n_items() == 2 and words.get_item(1).get_name() == "item1" and words.get_item(2) is None
    words.items_changed(0, 0, 2)
    program = Program(application_id="org.example.Program", flags=Gio.ApplicationFlags.NON_UNIQUE)
    assert program.run(["program"]) == 0 and program.activated and not program.get_is_registered()


def descriptions(directory):
    icon = Gio.ThemedIcon.new_from_names(["a", "b"])
    icon.append_name("c")
    assert icon.get_names()[0] == "a" and icon.serialize() and Gio.Icon.new_for_string(icon.to_string()).equal(icon)
    emblemed = Gio.EmblemedIcon.new(icon, Gio.Emblem.new_with_origin(icon, Gio.EmblemOrigin.TAG))
    assert emblemed.get_emblems()[0].get_origin() == Gio.EmblemOrigin.TAG
    assert Gio.FileIcon.new(Gio.File.new_for_path("/a")).get_file() and Gio.BytesIcon.new(GLib.Bytes.new(b"a")).load(16, None)[0]
    assert Gio.content_type_guess("a.txt", b"text")[0]
    assert Gio.content_type_is_a("text/plain", "text/plain") and Gio.content_type_get_mime_type("text/plain")
    assert Gio.content_type_can_be_executable("text/plain") is not None
    assert Gio.content_type_get_icon("text/plain") and Gio.content_types_get_registered() is not None
    application = Gio.AppInfo.create_from_commandline("/bin/true %f", "name", Gio.AppInfoCreateFlags.NONE)
    assert application.get_executable() == "/bin/true" and application.supports_files() and not application.supports_uris()
    assert Gio.AppInfo.get_all() is not None and application.get_name() == "name" and application.should_show() is not None
    names = Gio.FilenameCompleter.new()
    names.set_dirs_only(False)
    assert names.get_completions(directory + "/") is not None
    assert Gio.Vfs.get_default().is_active() and Gio.Vfs.get_local().get_supported_uri_schemes()
    assert Gio.unix_mounts_get()[0] is not None and Gio.unix_mount_points_get()[0] is not None and Gio.unix_mounts_changed_since(0)
    assert Gio.io_error_from_errno(2) == Gio.IOErrorEnum.NOT_FOUND
    assert Gio.NetworkMonitor.get_default().get_connectivity() is not None
    message = Gio.DBusMessage.new_method_call("org.example.A", "/a", "org.example.B", "Member")
    message.set_body(GLib.Variant("(is)", (5, "text")))
    message.set_serial(7)
    message.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
    message.set_byte_order(Gio.DBusMessageByteOrder.LITTLE_ENDIAN)
    blob = message.to_blob(Gio.DBusCapabilityFlags.NONE)
    again = Gio.DBusMessage.new_from_blob(blob, Gio.DBusCapabilityFlags.NONE)
    assert again.get_serial() == 7 and again.get_body().unpack() == (5, "text")
    assert again.get_message_type() == Gio.DBusMessageType.METHOD_CALL
    assert Gio.DBusMessage.bytes_needed(blob[:16]) == len(blob)
    assert again.get_header(Gio.DBusMessageHeaderField.PATH) and message.get_num_unix_fds() == 0
    assert message.print_(2) and message.new_method_reply().get_reply_serial() == 7
    assert message.copy() and message.get_locked() is False
    node = Gio.DBusNodeInfo.new_for_xml("<node><interface name='org.example.B'><method name='M'><arg type='i' direction='in'/></method></interface></node>")
    assert node.lookup_interface("org.example.B").lookup_method("M") and node.generate_xml(2, GLib.String.new("")) is None
    assert Gio.dbus_is_name("org.example.A") and Gio.dbus_is_guid(Gio.dbus_generate_guid()) and Gio.dbus_is_member_name("Member")
    assert Gio.dbus_gvalue_to_gvariant(GObject.Value(GObject.TYPE_INT, 5), GLib.VariantType.new("i")).unpack() == 5
    error = GLib.Error.new_literal(Gio.dbus_error_quark(), "text", Gio.DBusError.FAILED)
    assert Gio.dbus_error_encode_gerror(error) and not Gio.dbus_error_is_remote_error(error)
    permission = Gio.SimplePermission.new(True)
    assert permission.get_allowed() and not permission.get_can_acquire() and not permission.get_can_release()
    backend = Gio.memory_settings_backend_new()
    backend.changed("/a/key", None)
    assert Gio.TlsPassword.new(Gio.TlsPasswordFlags.NONE, "text").get_flags() == 0 and Gio.tls_backend_get_default()


with tempfile.TemporaryDirectory() as directory:
    files(directory)
    streams()
    asynchronous(directory)
    processes()
    sockets(directory)
    actions_and_models()
    virtual_functions()
    descriptions(directory)
print("right")
