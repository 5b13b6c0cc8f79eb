"""Statistical process control: XmR charts, the Shewhart family, funnels, and what a chart says in words."""

from openoh.methods.spc._funnel import Funnel, funnel
from openoh.methods.spc._public_health import ControlLimits, Significance, control_limits, significance
from openoh.methods.spc._reading import reading
from openoh.methods.spc._runs import Runs
from openoh.methods.spc._shewhart import ShewhartChart, shewhart
from openoh.methods.spc._xmr import XmRChart, XmRGroup, XmRTable, xmr, xmr_many

__all__ = [
    "ControlLimits",
    "Funnel",
    "Runs",
    "ShewhartChart",
    "Significance",
    "XmRChart",
    "XmRGroup",
    "XmRTable",
    "control_limits",
    "funnel",
    "reading",
    "shewhart",
    "significance",
    "xmr",
    "xmr_many",
]
