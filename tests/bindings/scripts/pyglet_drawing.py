"""A window is opened, text is laid out with fontconfig and FreeType, and events are taken from the X server."""

import pyglet

window = pyglet.window.Window(320, 200, caption="Checked", visible=True)
label = pyglet.text.Label("Checked", font_name="DejaVu Sans", font_size=20, x=10, y=90)
events = []
window.push_handlers(on_resize=lambda width, height: events.append((width, height)))
for number in range(5):
    window.dispatch_events()
    window.clear()
    label.draw()
    window.flip()
print(label.content_width > 20, label.content_height > 10, events[-1:])
print(pyglet.font.have_font("DejaVu Sans"), pyglet.font.load("DejaVu Sans", 12).ascent > 0)
print(window.get_size(), [(screen.width, screen.height) for screen in pyglet.canvas.get_display().get_screens()])
window.set_size(300, 180)
window.set_mouse_cursor(window.get_system_mouse_cursor(window.CURSOR_HAND))
window.dispatch_events()
image = pyglet.image.SolidColorImagePattern((255, 0, 0, 255)).create_image(16, 16)
image.blit(0, 0)
print(pyglet.image.get_buffer_manager().get_color_buffer().get_image_data().get_data("RGBA", 300 * 4)[:4])
print(pyglet.gl.gl_info.get_version() > "1")
window.close()
