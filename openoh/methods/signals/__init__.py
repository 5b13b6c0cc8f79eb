"""Where and when something unusual happens, with a stated rate of false alarms over everything looked at."""

from openoh.methods.signals._change_points import ChangePoint, change_points
from openoh.methods.signals._circles import Cluster, scan_circles
from openoh.methods.signals._emerging import Emerging, emerging
from openoh.methods.signals._statistics import alarms
from openoh.methods.signals._tree import HotSpot, scan_tree

__all__ = [
    "ChangePoint",
    "Cluster",
    "Emerging",
    "HotSpot",
    "alarms",
    "change_points",
    "emerging",
    "scan_circles",
    "scan_tree",
]
