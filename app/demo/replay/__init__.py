"""Replays a network's demand: every order through the operations that the API uses, in time order.

Each step of each order is a transaction of its own; what is done is read from the database, never
remembered, so a replay goes on from wherever it was interrupted, even by SIGKILL. Instants are
simulated: an order happens when it happened, and everything after it some days later.
"""

from app.demo.replay.atlas import Atlas, NotImported, find_atlas
from app.demo.replay.follower import CheckIn, Followed, Follower, FollowerFailed
from app.demo.replay.locks import AlreadyReplaying, following_alone
from app.demo.replay.memory import Memory
from app.demo.replay.plan import write_plan
from app.demo.replay.report import Report, gather
from app.demo.replay.runner import Replay, Tally

__all__ = [
    "AlreadyReplaying",
    "Atlas",
    "CheckIn",
    "Followed",
    "Follower",
    "FollowerFailed",
    "Memory",
    "NotImported",
    "Replay",
    "Report",
    "Tally",
    "find_atlas",
    "following_alone",
    "gather",
    "write_plan",
]
