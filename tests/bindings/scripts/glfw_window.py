"""A window without an OpenGL context, its callbacks, and what the monitor can show."""

import glfw

print(glfw.init(), glfw.get_version())
glfw.window_hint(glfw.CLIENT_API, glfw.NO_API)
glfw.window_hint_string(glfw.X11_CLASS_NAME, "checked")
window = glfw.create_window(320, 200, "Checked", None, None)
sizes = []
glfw.set_window_size_callback(window, lambda window, width, height: sizes.append((width, height)))
glfw.set_key_callback(window, lambda *arguments: None)
glfw.set_window_size(window, 400, 300)
for _ in range(20):
    glfw.wait_events_timeout(0.05)
print(sizes[-1:], glfw.get_window_size(window), glfw.get_framebuffer_size(window))
monitor = glfw.get_primary_monitor()
print(glfw.get_video_mode(monitor), len(glfw.get_gamma_ramp(monitor).red) if glfw.get_gamma_ramp(monitor) else None)
print(glfw.get_monitor_name(monitor), glfw.get_monitor_workarea(monitor), len(glfw.get_video_modes(monitor)) > 0)
glfw.set_clipboard_string(window, "text")
print(glfw.get_clipboard_string(window), glfw.get_key_name(glfw.KEY_A, 0), glfw.get_key_scancode(glfw.KEY_A) > 0)
glfw.set_cursor(window, glfw.create_standard_cursor(glfw.HAND_CURSOR))
print(glfw.joystick_present(0), glfw.update_gamepad_mappings("# none"))
glfw.set_cursor_pos(window, 10, 12)
print(glfw.get_window_attrib(window, glfw.RESIZABLE), glfw.get_time() > 0, glfw.get_window_user_pointer(window))
glfw.destroy_window(window)
glfw.terminate()
