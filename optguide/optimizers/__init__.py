"""Optimizers: each is one pure update rule in a file of its own.

The list below is the list of the project: tests, tables, API pages and menus follow it, in this order.
"""

from .adabc import AdaBC
from .adabelief import AdaBelief
from .adabelief_d import AdaBeliefD
from .adabelief_dema import AdaBeliefDEMA
from .adabelief_tema import AdaBeliefTEMA
from .adabound import AdaBound
from .adadelta import Adadelta
from .adaderivative import AdaDerivative
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adagrad_abs import AdagradAbs
from .adagrad_exp import AdagradExp
from .adagrad_no_root import AdagradNoRoot
from .adam import Adam
from .adam_atan2 import AdamAtan2
from .adam_cwd import AdamCWD
from .adam_mini import AdamMini
from .adamax import Adamax
from .adamd import AdamD
from .adamw import AdamW
from .adan import Adan
from .ademamix import AdEMAMix
from .adopt import ADOPT
from .agg_mo import AggMo
from .almost_adam import AlmostAdam
from .amsgrad import AMSGrad
from .asgd import ASGD
from .averaged_nesterov import AveragedNesterov
from .barzilai_borwein import BarzilaiBorwein
from .bfgs import BFGS
from .cautious_adamw import CautiousAdamW
from .dadapt_adam import DAdaptAdam
from .dog import DoG
from .dowg import DoWG
from .lamb import LAMB
from .laprop import LaProp
from .lbfgs import LBFGS
from .lion import Lion
from .lookahead import Lookahead as Lookahead
from .mars import MARS
from .memoryless_bfgs import MemorylessBFGS
from .momentum import Momentum
from .muon import Muon
from .nadam import NAdam
from .nadamw import NAdamW
from .nesterov import Nesterov
from .newton import Newton
from .nor_muon import NorMuon
from .optimizer import Optimizer as Optimizer
from .polyak_step import PolyakStep
from .prodigy import Prodigy
from .qhm import QHM
from .radam import RAdam
from .rmsprop import RMSprop
from .rprop import Rprop
from .rule import Rule as Rule
from .sam import SAM as SAM
from .schedule_free_adamw import ScheduleFreeAdamW
from .schedule_free_sgd import ScheduleFreeSGD
from .sgd import SGD
from .shampoo import Shampoo
from .signum import Signum
from .simplified_nesterov import SimplifiedNesterov
from .smoothed_nesterov import SmoothedNesterov
from .soap import SOAP
from .sophia_h import SophiaH
from .stable_adamw import StableAdamW
from .weighted_nesterov import WeightedNesterov
from .yogi import Yogi

__all__ = [
    "SGD",
    "Momentum",
    "Nesterov",
    "SimplifiedNesterov",
    "AveragedNesterov",
    "WeightedNesterov",
    "SmoothedNesterov",
    "Rprop",
    "Adagrad",
    "AdagradAbs",
    "AdagradNoRoot",
    "AdagradExp",
    "RMSprop",
    "Adadelta",
    "AlmostAdam",
    "Adam",
    "Adamax",
    "NAdam",
    "AMSGrad",
    "RAdam",
    "Yogi",
    "AdaBound",
    "AdamW",
    "NAdamW",
    "Adan",
    "AdamD",
    "AdaBelief",
    "AdaBeliefD",
    "AdaBeliefDEMA",
    "AdaBeliefTEMA",
    "AdaDerivative",
    "AdaBC",
    "AdEMAMix",
    "LaProp",
    "ADOPT",
    "AdamAtan2",
    "StableAdamW",
    "MARS",
    "Adafactor",
    "AdamMini",
    "Signum",
    "Lion",
    "Muon",
    "NorMuon",
    "Shampoo",
    "SOAP",
    "ScheduleFreeSGD",
    "ScheduleFreeAdamW",
    "CautiousAdamW",
    "ASGD",
    "QHM",
    "LAMB",
    "AdamCWD",
    "AggMo",
    "PolyakStep",
    "DoG",
    "Prodigy",
    "DAdaptAdam",
    "BarzilaiBorwein",
    "DoWG",
    "MemorylessBFGS",
    "LBFGS",
    "BFGS",
    "SophiaH",
    "Newton",
]

#: Those of the list that a landscape shows. The others step matrices, and a point of two numbers is none.
on_landscapes = [name for name in __all__ if not globals()[name].rule.matrix]
