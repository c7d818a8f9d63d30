"""The desk: each act on a real vault, as the people who may do it, and through the API.

Budget of this suite: 40 s on 2 cores.
"""
