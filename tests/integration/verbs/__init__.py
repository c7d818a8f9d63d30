"""The verbs that read or write a state: on one that a crawl has left behind, and on one that is being crawled.

Budget of this suite: 60 s on 2 cores.
"""
