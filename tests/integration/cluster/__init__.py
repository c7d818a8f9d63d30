"""What a cluster promises, proved on real processes: whatever is stopped, killed, paused or away, the web's own log tells.

`conftest` has the cluster that all tests of this package share, `sites` what a test lets it crawl. A test that breaks
something puts it right again; what a failed one left behind is put right before the next.
"""
