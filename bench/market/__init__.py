"""The whole market at scale: what pricing, listing and importing cost when everything is large.

``python -m bench market`` generates a network stage by stage (it goes on where it stopped),
measures the same questions at every number of price entries, and tells figures and ratios:

- ``plan``: how large, and how everything is numbered, so that rows find each other without joins;
- ``stages``, ``network``, ``goods``, ``prices``: the stages of the generator, as SQL;
- ``asking``: random pages and buyers; ``clocks``: how statements are timed;
- ``resolving``, ``changing``, ``importing``, ``listing``: what is measured;
- ``serving``, ``client``, ``floor``: the product and a bare Flask served alike, and who asks them;
- ``report``: the table and the file of figures; ``run``: all of it in order.
"""
