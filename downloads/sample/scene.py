"""What the sample shows and plays, as an ffmpeg filter graph: a ferry crosses a bay at dusk.

Every layer is drawn once (``geq``) and only moved after that, so that making it takes seconds.
All movements and notes fit into LENGTH a whole number of times: it can be played in a loop.
Nothing is random and no font is needed, so every machine makes the same picture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Final

LENGTH: Final = 16  # seconds
RATE: Final = 24  # frames a second
GROUP: Final = 2 * RATE  # frames from one that stands by itself to the next
WIDTH, HEIGHT = 1920, 1080

HORIZON: Final = 690
PERIOD: Final = 480  # pixels from crest to crest
BOAT: Final = (620, 330)
LETTERS: Final = (760, 200)

_FULL_SIZE: Final = f"scale={WIDTH}:{HEIGHT}:flags=bicubic,format=yuv420p"

Point = tuple[float, float]
Stroke = tuple[Point, Point]

# Each letter in a box of 0.6 by 1; the bowl of the R is a few chords.
_BOWL: Final = [
    (0.3 + 0.26 * math.sin(math.pi * turn / 8), 0.26 - 0.26 * math.cos(math.pi * turn / 8))
    for turn in range(9)
]
_F: Final[tuple[Stroke, ...]] = (((0, 0), (0, 1)), ((0, 0), (0.55, 0)), ((0, 0.5), (0.45, 0.5)))
_E: Final[tuple[Stroke, ...]] = (*_F, ((0, 1), (0.55, 1)))
_R: Final[tuple[Stroke, ...]] = (
    ((0, 0), (0, 1)),
    ((0, 0), (0.3, 0)),
    *itertools.pairwise(_BOWL),
    ((0.3, 0.52), (0, 0.52)),
    ((0.3, 0.52), (0.56, 1)),
)
_Y: Final[tuple[Stroke, ...]] = (
    ((0, 0), (0.3, 0.5)),
    ((0.6, 0), (0.3, 0.5)),
    ((0.3, 0.5), (0.3, 1)),
)
_WORD: Final = (_F, _E, _R, _R, _Y)


def video() -> str:
    """A filter graph of RATE frames a second without end; its output is ``[picture]``."""
    return ";".join(
        (
            _still((WIDTH // 2, HEIGHT // 2), _sky(), "sky", finish=_FULL_SIZE),
            _still((WIDTH + PERIOD, 420), _wave(26, (20, 92, 120), (10, 52, 72)), "far"),
            _still((WIDTH + PERIOD, 340), _wave(34, (11, 70, 96), (7, 38, 54)), "middle"),
            _still((WIDTH + PERIOD, 220), _wave(40, (8, 50, 70), (4, 22, 33)), "near"),
            _still(BOAT, _boat(), "moored"),
            "[moored]rotate=a='0.018*sin(PI*t/2)':c=none:ow=iw:oh=ih[boat]",
            _still(LETTERS, _letters(), "letters"),
            _over("sky", "letters", "150", "120", "named"),
            _over("named", "far", _drift(30), f"{HORIZON}+5*sin(PI*t/4)", "bay"),
            _over("bay", "boat", _crossing(), "494+9*sin(PI*t/4-1)", "ferry"),
            _over("ferry", "middle", _drift(60), "768+8*sin(PI*t/4-0.8)", "close"),
            _over("close", "near", _drift(120), "885+11*sin(PI*t/4-1.8)", "shown"),
            "[shown]format=yuv420p[picture]",
        )
    )


def _still(size: tuple[int, int], colours: str, name: str, finish: str = "format=yuva420p") -> str:
    """One frame, drawn once and repeated without end."""
    width, height = size
    return (
        f"color=black@0:s={width}x{height}:r={RATE}:d={1 / RATE:.6f},format=rgba,"
        f"geq={colours},{finish},loop=-1:1[{name}]"
    )


def _over(below: str, above: str, x: str, y: str, name: str) -> str:
    return f"[{below}][{above}]overlay=x='{x}':y='{y}'[{name}]"


def _drift(speed: int) -> str:
    """Pixels a second to the left; a whole number of periods in LENGTH."""
    return f"-mod(t*{speed},{PERIOD})"


def _crossing() -> str:
    """Out of sight at both ends, in the picture when the clip begins."""
    way = WIDTH + BOAT[0] + 20
    return f"mod(t*{way}/{LENGTH}+940,{way})-{BOAT[0] + 10}"


def _rgba(red: str, green: str, blue: str, alpha: str = "255") -> str:
    return f"r='{red}':g='{green}':b='{blue}':a='{alpha}'"


def _between(start: float, end: float, share: str) -> str:
    return f"({start}+({end - start})*({share}))"


def _clip(share: str) -> str:
    return f"clip({share},0,1)"


def _sky() -> str:
    """Night above, the last light over the hills, a low sun, a few stars. In half the size."""
    up, low = _clip(f"(2*Y-60)/{HORIZON - 260}"), _clip(f"(2*Y-{HORIZON - 260})/240")
    star = (
        "gt(mod(abs(sin(X*12.9898+Y*78.233))*43758.5453,1),0.9996)"
        f"*{_clip(f'({HORIZON - 330}-2*Y)/400')}*0.75"
    )
    ridge = f"({HORIZON}-46-38*sin(X/105)-20*sin(X/46+1)-14*sin(X/23+2))"
    dither = "mod(abs(sin(X*3.17+Y*7.31))*917.3,1)-0.5"

    def channel(night: int, dusk: int, light: int, disc: int, hill: int) -> str:
        """0: how far from the sun, 1: the colour so far."""
        sky = f"{_between(night, dusk, up)}+{light - dusk}*pow({low},2)+{star}*{255 - night}"
        shine = f"max({_clip('(78-ld(0))/2')},0.55*exp(-ld(0)/120))"
        return (
            f"st(0,hypot(2*X-1330,2*Y-610));st(1,{sky});st(1,ld(1)+({disc}-ld(1))*{shine}+{dither});"
            f"clip(ld(1)+({hill}-ld(1))*{_clip(f'(2*Y-{ridge})/2')},0,255)"
        )

    return _rgba(
        channel(9, 20, 246, 255, 18), channel(24, 96, 170, 226, 58), channel(40, 128, 120, 178, 80)
    )


def _wave(height: int, crest: tuple[int, int, int], deep: tuple[int, int, int]) -> str:
    """A smooth crest line, lit along its edge; deeper means darker."""
    line = f"({height}-{height - 6}*pow(0.5+0.5*sin(2*PI*X/{PERIOD}),1.6))"
    down = _clip("(Y-10)/240")
    edge = f"38*{_clip(f'1-abs(Y-{line}-3)/4')}"
    red, green, blue = (f"{_between(*ends, down)}+{edge}" for ends in zip(crest, deep, strict=True))
    return _rgba(red, green, blue, f"255*{_clip(f'(Y-{line})/2')}")


def _boat() -> str:
    """A white hull with a red belt, two decks with lit windows, a bridge and a funnel."""
    hull = "between(Y,190,300)*gte(X,20+(Y-190)*0.62)*lte(X,600-(Y-190)*0.62)"
    belt = "between(Y,222,236)"
    decks = "(between(X,110,520)*between(Y,130,190)+between(X,170,430)*between(Y,78,130))"
    bridge = "between(X,360,470)*between(Y,78,130)*gte(470-X,(130-Y)*0.4)"
    funnel = "between(X,215,285)*between(Y,18,78)"
    window = (
        "(between(X,130,505)*between(Y,148,170)*lt(mod(X-130,38),24)"
        "+between(X,186,418)*between(Y,94,114)*lt(mod(X-186,34),20))"
    )
    shape = f"gt({hull}+{decks}+{bridge}+{funnel},0)"
    red = f"gt({belt}*{hull}+{funnel}*between(Y,34,52),0)"
    dark = f"gt({hull}*gt(Y,252)+{funnel}*lt(Y,34),0)"

    def channel(body: int, belt_: int, below: int, light: int) -> str:
        return f"if(gt({window},0),{light},if({red},{belt_},if({dark},{below},{body}-(Y-78)*0.12)))"

    return _rgba(
        channel(240, 226, 14, 255),
        channel(236, 88, 62, 208),
        channel(228, 60, 84, 122),
        f"255*{shape}",
    )


def _letters() -> str:
    """FERRY in round strokes: how far a point is from the nearest one decides."""
    strokes = [
        ((x0 * 150 + left, y0 * 150 + 25), (x1 * 150 + left, y1 * 150 + 25))
        for left, letter in zip(range(25, 800, 150), _WORD, strict=False)
        for (x0, y0), (x1, y1) in letter
    ]
    return _rgba("255", "246", "232", f"235*{_clip(f'(13-{_nearest(strokes)})/2')}")


def _nearest(strokes: Iterable[Stroke]) -> str:
    distances = [_distance(stroke) for stroke in strokes]
    nearest = distances.pop()
    for distance in distances:
        nearest = f"min({nearest},{distance})"
    return nearest


def _distance(stroke: Stroke) -> str:
    """From (X, Y) to a line segment, in pixels."""
    (x, y), (x1, y1) = stroke
    dx, dy = x1 - x, y1 - y
    along = _clip(f"((X-{x:g})*{dx:g}+(Y-{y:g})*{dy:g})/{dx * dx + dy * dy:g}")
    return f"hypot(X-{x:g}-{dx:g}*{along},Y-{y:g}-{dy:g}*{along})"


def sound() -> str:
    """A soft chord that swells and fades, each note in its own time; silent at both ends."""
    ends = f"(0.5-0.5*cos(2*PI*t/{LENGTH}))"
    notes = ((110, 1, 0.0), (165, 2, 0.4), (220, 1, 0.5), (277, 3, 0.3), (330, 2, 0.9))
    chord = "+".join(
        f"sin(2*PI*{pitch}*t)*(0.6+0.4*sin(2*PI*(t*{swells}/{LENGTH}+{begin})))"
        for pitch, swells, begin in notes
    )
    left, right = f"0.05*{ends}*({chord})", f"0.05*{ends}*({chord.replace('0.4*sin', '0.4*cos')})"
    return f"aevalsrc='{left}|{right}':s=48000,lowpass=f=1200[sound]"
