import gi

gi.require_version("Wrong", "1.0")
from gi.repository import Wrong  # noqa: E402

print(Wrong.utf8_strlen("text", 4), Wrong.get_monotonic_time(), Wrong.random_double_range(0.5, 1.0), Wrong.ascii_strncasecmp("a", "b"))
