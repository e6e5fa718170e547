"""Icons, drawn by us on a grid of 20: strokes only, in the colour of the text beside them."""

from __future__ import annotations

ICONS: dict[str, str] = {
    "dot": "M10 8.5a1.5 1.5 0 1 0 0 3a1.5 1.5 0 1 0 0-3",
    "board": "M3.5 16.5v-6M8 16.5v-9M12.5 16.5V11M17 16.5V4",
    "people": "M7.5 9.5a3 3 0 1 0 0-6a3 3 0 1 0 0 6M2 16.5c0-3 2.4-5 5.5-5s5.5 2 5.5 5"
    "M13 3.8a3 3 0 0 1 0 5.4M15 12c1.8.7 3 2.3 3 4.5",
    "person": "M10 9.5a3 3 0 1 0 0-6a3 3 0 1 0 0 6M4 17c0-3.2 2.6-5.2 6-5.2s6 2 6 5.2",
    "import": "M10 3v9M6 8.5l4 4l4-4M3.5 13.5v3h13v-3",
    "export": "M10 12V3M6 6.5l4-4l4 4M3.5 13.5v3h13v-3",
    "runs": "M3.5 10a6.5 6.5 0 0 1 11.5-4.2M16.5 10a6.5 6.5 0 0 1-11.5 4.2"
    "M15.5 2.5v3.5h-3.5M4.5 17.5V14H8",
    "table": "M3 4h14v12H3zM3 8h14M8 8v8",
    "jobs": "M4 5h12M4 10h12M4 15h7",
    "settings": "M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4",
    "key": "M7 14a3.5 3.5 0 1 0 0-7a3.5 3.5 0 1 0 0 7M10.5 10.5H17V13M14 10.5V13",
    "log": "M5 3h10v14H5zM8 7h4M8 10h4M8 13h2",
    "search": "M9 14.5a5.5 5.5 0 1 0 0-11a5.5 5.5 0 1 0 0 11M13 13l4 4",
    "menu": "M3 6h14M3 10h14M3 14h14",
    "globe": "M10 17a7 7 0 1 0 0-14a7 7 0 1 0 0 14M3 10h14M10 3c4.5 4.5 4.5 9.5 0 14"
    "M10 3c-4.5 4.5-4.5 9.5 0 14",
    "plus": "M10 4v12M4 10h12",
    "check": "M4 10.5l4 4l8-9",
    "info": "M10 17a7 7 0 1 0 0-14a7 7 0 1 0 0 14M10 9v5M10 6.2v.2",
    "caution": "M10 3.5l7.5 13h-15zM10 8.5v3.5M10 14.2v.2",
    "serious": "M7 2.5h6l4.5 4.5v6L13 17.5H7L2.5 13V7zM10 6v5M10 13.6v.2",
    "unknown": "M10 17a7 7 0 1 0 0-14a7 7 0 1 0 0 14M8 8a2 2 0 1 1 2.8 1.9c-.5.2-.8.6-.8 1.3"
    "M10 13.8v.2",
    "up": "M10 16V4M5 9l5-5l5 5",
    "down": "M10 4v12M5 11l5 5l5-5",
    "left": "M12.5 4l-6 6l6 6",
    "right": "M7.5 4l6 6l-6 6",
    "tag": "M3 3h7l7 7l-7 7l-7-7zM6.8 6.8v.1",
    "clock": "M10 17a7 7 0 1 0 0-14a7 7 0 1 0 0 14M10 6v4l3 2",
    "leave": "M8 3H4v14h4M8 10h9M13.5 6.5L17 10l-3.5 3.5",
    "palette": "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 11h5v5h-5z",
    "scenario": "M4 16V4M4 16h12M6.5 12c3 0 4-7 9.5-7",
    "mail": "M3 5h14v10H3zM3 6l7 5l7-5",
    "good": "M10 17a7 7 0 1 0 0-14a7 7 0 1 0 0 14M6.5 10.3l2.5 2.5l4.5-5",
}
"""Name to path."""
