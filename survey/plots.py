"""The plots of the page: SVG whose colours are those of the page, in a wide and a narrow form."""

import io
import re
import statistics
from collections.abc import Callable

import matplotlib
import polars
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

matplotlib.use("svg")

# Each stands for a colour of the page, which has one for light and one for dark.
COLOURS = {"ink": "#010101", "faint": "#020202", "one": "#030303", "two": "#040404", "three": "#050505", "four": "#060606"}
WIDTHS = {"wide": (8.4, 4.2), "narrow": (3.7, 3.6)}
STYLE = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
    "text.color": COLOURS["ink"], "axes.labelcolor": COLOURS["ink"], "axes.edgecolor": COLOURS["faint"],
    "xtick.color": COLOURS["ink"], "ytick.color": COLOURS["ink"], "grid.color": COLOURS["faint"], "grid.alpha": 0.35,
    "axes.grid": True, "axes.axisbelow": True, "figure.facecolor": "none", "axes.facecolor": "none", "legend.frameon": False,
    "savefig.facecolor": "none",
}
Draw = Callable[[Axes, str], None]


def figure(name: str, title: str, draw: Draw, tall: float = 1) -> str:
    """The plot as HTML. Readers of a wide and of a narrow window see it in the size in which it was drawn."""
    parts = []
    for form, (width, height) in WIDTHS.items():
        with matplotlib.rc_context({**STYLE, "svg.hashsalt": f"{name}-{form}"}):
            drawing, axes = pyplot.subplots(figsize=(width, height * tall), layout="constrained")
            draw(axes, form)
            text = io.StringIO()
            drawing.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
            pyplot.close(drawing)
        parts.append(inline(text.getvalue(), f"{name}-{form}", title, form))
    return f'<figure id="{name}">{"".join(parts)}</figure>'


def inline(svg: str, prefix: str, title: str, form: str) -> str:
    """The element `svg` alone, with the page's colours, and with names that no other plot has."""
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for colour, code in COLOURS.items():
        svg = svg.replace(code, f"var(--{colour})")
    svg = re.sub(r'id="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    return svg.replace("<svg", f'<svg class="{form}" role="img" aria-label="{title}"', 1)


def size(number: float, _: object = None) -> str:
    """Bytes in words: 12 kB. A kB is 1,000 bytes."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= unit:
            return f"{number / unit:.3g} {name}"
    return f"{number:.3g} B"


SIZES = FuncFormatter(size)
PERCENT = FuncFormatter(lambda number, _: f"{number:g} %")


def sizes_by_package(packages: polars.DataFrame) -> Draw:
    """`packages` has for each package the bytes of its libraries, of their debug information and of their notes."""
    series = [("debug_raw_bytes", "debug information, uncompressed", "three", "^"), ("stripped_bytes", "libraries, stripped", "one", "o"),
              ("note_bytes", "notes", "two", "s")]

    def draw(axes: Axes, form: str) -> None:
        ordered = packages.sort("stripped_bytes")
        for column, label, colour, marker in series:
            axes.plot(range(1, ordered.height + 1), ordered[column], marker, color=COLOURS[colour], label=label,
                      markersize=4 if form == "wide" else 3)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(SIZES)
        axes.set_xlabel("packages, by the size of their libraries")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3 if form == "wide" else 1, borderaxespad=0, fontsize=9)

    return draw


def cumulative(libraries: polars.DataFrame) -> Draw:
    def draw(axes: Axes, form: str) -> None:
        for column, label, colour, style in [("debug_raw_bytes", "debug information", "three", "--"), ("stripped_bytes", "stripped", "one", "-."),
                                      ("note_bytes", "notes", "two", "-")]:
            values = libraries[column].sort(descending=True)
            shares = [0.0, *(100 * values.cum_sum() / values.sum()).to_list()]
            axes.plot([100 * at / values.len() for at in range(values.len() + 1)], shares, style, color=COLOURS[colour], label=label, linewidth=2)
        axes.xaxis.set_major_formatter(PERCENT)
        axes.yaxis.set_major_formatter(PERCENT)
        axes.set_xlabel("of the libraries, largest first")
        axes.set_ylabel("of the bytes of all")
        axes.legend(loc="lower right", fontsize=9)

    return draw


def note_against_stripped(libraries: polars.DataFrame) -> Draw:
    def draw(axes: Axes, form: str) -> None:
        ends = [libraries["stripped_bytes"].min(), libraries["stripped_bytes"].max()]
        for percent in (0.1, 1, 10):
            axes.plot(ends, [end * percent / 100 for end in ends], "--", color=COLOURS["faint"], linewidth=1)
            axes.annotate(f"{percent:g} %", (ends[1], ends[1] * percent / 100), color=COLOURS["ink"], fontsize=9, xytext=(3, 0),
                          textcoords="offset points", va="center")
        for plugin, label, marker, colour in ((True, "plugins", "x", "four"), (False, "libraries", "o", "two")):
            own = libraries.filter(plugin=plugin)
            axes.plot(own["stripped_bytes"], own["note_bytes"], marker, color=COLOURS[colour], label=label, markersize=4)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(SIZES)
        axes.yaxis.set_major_formatter(SIZES)
        axes.set_xlabel("stripped library")
        axes.legend(loc="upper left", fontsize=9)

    return draw


def bars(rows: list[tuple[str, float]], colour: str, label: str, percent: bool) -> Draw:
    """Horizontal bars, the first row on top, each with its number."""
    def draw(axes: Axes, form: str) -> None:
        names = [name for name, _ in rows][::-1]
        values = [value for _, value in rows][::-1]
        drawn = axes.barh(names, values, color=COLOURS[colour], height=0.7)
        told = [f"{value:.1f} %" if percent else size(value) for value in values]
        axes.bar_label(drawn, told, padding=3, fontsize=9, color=COLOURS["ink"])
        axes.margins(x=0.18 if form == "wide" else 0.4)
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(PERCENT if percent else SIZES)
        axes.locator_params(axis="x", nbins=6 if form == "wide" else 3)
        axes.set_xlabel(label)

    return draw


def histogram(values: list[float], label: str) -> Draw:
    def draw(axes: Axes, form: str) -> None:
        axes.hist(values, bins=30 if form == "wide" else 18, color=COLOURS["two"])
        axes.axvline(statistics.median(values), color=COLOURS["ink"], linestyle="--", linewidth=1, label="median")
        axes.xaxis.set_major_formatter(PERCENT)
        axes.set_xlabel(label)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel("packages")
        axes.legend(loc="upper right", fontsize=9)

    return draw


def intervals(rows: list[tuple[str, float, float, float]], colour: str, label: str) -> Draw:
    """Horizontal bars of bytes with their intervals, the first row on top: name, value, low, high."""
    def draw(axes: Axes, form: str) -> None:
        names, values, lows, highs = zip(*rows[::-1])
        errors = [[value - low for value, low in zip(values, lows)], [high - value for value, high in zip(values, highs)]]
        axes.barh(names, values, xerr=errors, color=COLOURS[colour], height=0.7, ecolor=COLOURS["ink"], capsize=2, error_kw={"linewidth": 1})
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(SIZES)
        axes.locator_params(axis="x", nbins=6 if form == "wide" else 3)
        axes.set_xlim(left=0)
        axes.set_xlabel(label)

    return draw


def reached(users: list[int], notes: list[float]) -> Draw:
    """The uses that have types, when libraries get notes in this order, against the bytes of the notes."""
    def draw(axes: Axes, form: str) -> None:
        bytes_so_far = [sum(notes[:at]) for at in range(len(notes) + 1)]
        uses_so_far = [100 * sum(users[:at]) / sum(users) for at in range(len(users) + 1)]
        axes.step(bytes_so_far, uses_so_far, where="post", color=COLOURS["two"], linewidth=2)
        for at in (10, 25, 50, 100):
            if at <= len(users):
                axes.plot(bytes_so_far[at], uses_so_far[at], "o", color=COLOURS["ink"], markersize=5)
                axes.annotate(f"{at} libraries", (bytes_so_far[at], uses_so_far[at]), xytext=(6, -12), textcoords="offset points", fontsize=9,
                              color=COLOURS["ink"])
        axes.xaxis.set_major_formatter(SIZES)
        axes.yaxis.set_major_formatter(PERCENT)
        axes.set_ylim(0, 105)
        axes.set_xlim(left=0, right=1.15 * bytes_so_far[-1])
        axes.locator_params(axis="x", nbins=6 if form == "wide" else 3)
        axes.set_xlabel("notes of the libraries so far")
        axes.set_ylabel("of the uses" if form == "narrow" else "of the uses of all these libraries")

    return draw
