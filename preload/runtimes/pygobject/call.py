import gi

gi.require_version("Measure", "1.0")
from gi.repository import Measure

print(Measure.move(3, 2), Measure.scale(2.0, 0.5))
